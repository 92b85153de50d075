package io.github.daskjvm.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.FrameReader;
import io.github.daskjvm.protocol.FrameWriter;
import io.github.daskjvm.protocol.Handshake;
import io.github.daskjvm.protocol.MsgpackReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// With a scheduler of the test's own, of which only what is said matters.
@Timeout(60)
class ZeroWorkerTest {
    private static final Map<String, Object> TASK =
            Map.of("op", "compute-task", "key", List.of("x", 3), "run_id", 17, "stimulus_id", "s");
    private static final Map<String, Object> STEAL =
            Map.of("op", "steal-request", "key", "y", "stimulus_id", "steal-1");

    private final MsgpackReader decoder = new MsgpackReader();

    @Test
    void everyTaskOfAMessageIsAnsweredAtOnceInOne() throws Exception {
        List<?> answers = answers(false, List.of(TASK, Map.of("op", "free-keys", "keys", List.of("z")), TASK, STEAL));
        assertThat(answers).hasSize(3);
        assertThat(map(answers.get(0)))
                .containsEntry("op", "task-finished")
                .containsEntry("status", "OK")
                .containsEntry("run_id", 17L)
                .containsEntry("nbytes", 1000L);
        assertThat(map(answers.get(0)).get("key")).isEqualTo(List.of("x", 3L));
        assertThat(map(answers.get(2))).containsEntry("state", "memory").containsEntry("stimulus_id", "steal-1");
    }

    @Test
    void aSilentOneAnswersNoTask() throws Exception {
        List<?> answers = answers(true, List.of(TASK, STEAL));
        assertThat(answers).hasSize(1);
        assertThat(map(answers.get(0))).containsEntry("op", "steal-response").containsEntry("state", "executing");
    }

    private static Map<String, Object> map(Object answer) {
        @SuppressWarnings("unchecked") // the fields of a message are strings
        Map<String, Object> map = (Map<String, Object>) answer;
        return map;
    }

    private List<?> answers(boolean silent, List<?> messages) throws Exception {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var ended = new CompletableFuture<IOException>();
            Thread.ofVirtual().start(() -> {
                try {
                    new ZeroWorker("tcp://127.0.0.1:" + server.getLocalPort(), "tcp://127.1.0.1:1", 1, 1000, silent)
                            .serve();
                } catch (IOException e) {
                    ended.complete(e);
                }
            });
            List<?> answers;
            try (Socket socket = server.accept()) {
                var reader = new FrameReader(socket.getInputStream(), FrameLimits.DEFAULT);
                var writer = new FrameWriter(socket.getOutputStream());
                Handshake.answer(reader, writer);
                assertThat(map(decoder.message(reader.read())))
                        .containsEntry("op", "register-worker")
                        .containsEntry("address", "tcp://127.1.0.1:1")
                        .containsEntry("status", "running");
                writer.write(Map.of("status", "OK"));
                writer.write(messages);
                answers = (List<?>) decoder.message(reader.read());
            }
            assertThat(ended.join()).hasMessageContaining("closed");
            return answers;
        }
    }
}
