package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.comm.Address;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What does not belong on a worker's port ends its own connection at most.
class WorkerGarbageTest extends WorkerFixture {
    private static byte[] lengths(long... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long number : numbers) {
            bytes.putLong(number);
        }
        return bytes.array();
    }

    private static List<byte[]> garbage() {
        var garbage = new ArrayList<byte[]>();
        var random = new Random(7);
        for (int i = 0; i < 30; i++) {
            byte[] bytes = new byte[1 + random.nextInt(300)];
            random.nextBytes(bytes);
            garbage.add(bytes);
        }
        garbage.add(lengths(Long.MAX_VALUE));
        garbage.add(lengths(-1));
        garbage.add(lengths(1L << 40, 1, 1L << 40));
        garbage.add(lengths(1L << 33, 1L << 30));
        garbage.add(lengths(16, 1, 100));
        garbage.add(lengths(0));
        garbage.add("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        garbage.add(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3}); // a TLS client's first words
        garbage.add(new byte[] {(byte) 0x80, 4, (byte) 0x95, 10, 0, 0, 0, 0, 0, 0, 0, 'N', '.'}); // a pickle
        return garbage;
    }

    @Test
    void theWorkerGoesOn() throws Exception {
        Worker worker = worker();
        int port = Address.parse(worker.address()).port();
        var silent = new ArrayList<Socket>();
        try {
            for (byte[] bytes : garbage()) {
                // One that goes at once, and one that stays and says no more.
                send(new Socket("127.0.0.1", port), bytes).close();
                silent.add(send(new Socket("127.0.0.1", port), bytes));
            }
            for (Map<String, ?> wrong : List.<Map<String, ?>>of(
                    Map.of("op", "no such op"),
                    Map.of("op", "gather", "who_has", 3),
                    Map.of("op", "update_data", "data", List.of(1)),
                    Map.of("op", "profile", "start", "yesterday"))) {
                try {
                    call(worker, wrong);
                } catch (Exception expected) {
                    assertThat(expected).hasMessageNotContaining("closed");
                }
            }
            assertThat(((Map<?, ?>) call(worker, Map.of("op", "identity"))).get("type"))
                    .isEqualTo("Worker");
            scheduler.send(worker.address(), scheduler.compute("still", blocking()));
            gate.countDown();
            await(() -> worker.snapshot().tasksByState().getOrDefault("memory", 0) == 1);
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    private static Socket send(Socket socket, byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException alreadyRefused) {
            assertThat(socket.isConnected()).isTrue();
        }
        return socket;
    }
}
