package io.github.daskjvm.comm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.protocol.FrameLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BatchedStreamTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Test
    void messagesArriveInOrderInArraysAndTheStreamThenEnds() throws Exception {
        messagesArriveInOrder(BatchedStream::start);
        messagesArriveInOrder(BatchedStream::startForOne);
    }

    private static void messagesArriveInOrder(Function<Connection, BatchedStream> start) throws Exception {
        try (var server = RpcServer.start(
                        new Address("tcp", "127.0.0.1", 0), null, FrameLimits.DEFAULT, Map.of("stream", (r, c) -> {
                            BatchedStream stream = start.apply(c);
                            for (long i = 0; i < 1000; i++) {
                                long number = i;
                                stream.add(writer -> writer.int64(number));
                                if (i % 7 == 0) {
                                    stream.flush();
                                }
                            }
                            stream.close();
                            assertThat(c.read()).isEqualTo("never");
                            return RpcHandler.TAKEN;
                        }));
                var connection = Connection.open(new Address("tcp", "127.0.0.1", server.port()), null, TIMEOUT)) {
            connection.write(Map.of("op", "stream"));
            var numbers = new ArrayList<Object>();
            while (numbers.size() < 1000) {
                numbers.addAll((List<?>) connection.read());
            }
            for (int i = 0; i < 1000; i++) {
                assertThat(numbers.get(i)).isEqualTo((long) i);
            }
            assertThatThrownBy(connection::read).isInstanceOf(java.io.IOException.class);
        }
    }

    @Test
    @Timeout(60)
    void whoHasManyPeersNeverWaitsForOneThatDoesNotRead() throws Exception {
        var sent = new CompletableFuture<Integer>();
        try (var server = RpcServer.start(
                        new Address("tcp", "127.0.0.1", 0), null, FrameLimits.DEFAULT, Map.of("stream", (r, c) -> {
                            BatchedStream stream = BatchedStream.start(c);
                            for (int i = 0; i < 8_000; i++) {
                                stream.send(new byte[4_000]);
                                // So that each is a batch of its own after a pause.
                                long until = System.nanoTime() + 60_000;
                                while (System.nanoTime() < until) {
                                    Thread.onSpinWait();
                                }
                            }
                            sent.complete(8_000);
                            return c.read();
                        }));
                var connection = Connection.open(new Address("tcp", "127.0.0.1", server.port()), null, TIMEOUT)) {
            connection.write(Map.of("op", "stream"));
            assertThat(sent.get()).isEqualTo(8_000);
        }
    }

    @Test
    void halfAMessageWhoseValueHasNoFormIsTakenBack() throws Exception {
        try (var server = RpcServer.start(
                        new Address("tcp", "127.0.0.1", 0), null, FrameLimits.DEFAULT, Map.of("stream", (r, c) -> {
                            BatchedStream stream = BatchedStream.start(c);
                            stream.add(writer -> writer.string("before"));
                            assertThatThrownBy(() -> stream.add(writer -> writer.value(List.of("half", new Object()))))
                                    .isInstanceOf(IllegalArgumentException.class);
                            stream.send("after");
                            return c.read();
                        }));
                var connection = Connection.open(new Address("tcp", "127.0.0.1", server.port()), null, TIMEOUT)) {
            connection.write(Map.of("op", "stream"));
            assertThat(connection.read()).isEqualTo(List.of("before", "after"));
        }
    }
}
