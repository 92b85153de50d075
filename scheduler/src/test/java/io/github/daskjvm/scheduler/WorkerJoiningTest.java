package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A Python worker has registered, and has not yet said which fields it wants: here, it never does.
class WorkerJoiningTest extends CoordinationBench {
    private RawPeer register(ServerSocket silent) throws IOException {
        String address = "tcp://127.0.0.1:" + silent.getLocalPort();
        Map<String, Object> registration = FakeWorker.registration(address, "early");
        registration.remove("extra");
        RawPeer worker = peer();
        assertThat(worker.callForMap(registration).get("status")).isEqualTo("OK");
        assertThat(names()).contains("early");
        return worker;
    }

    private List<Object> names() throws IOException {
        Map<?, ?> workers = (Map<?, ?>) peer().callForMap(op("identity")).get("workers");
        return workers.values().stream()
                .map(worker -> (Object) ((Map<?, ?>) worker).get("name"))
                .toList();
    }

    @Test
    void aWorkerMayCloseItsStreamBeforeItHasJoined() throws IOException {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RawPeer worker = register(silent);
            worker.write(List.of(op("log-event", "topic", "last-words", "msg", "bye"), op("close-stream")));
            assertThat(worker.ends()).isTrue();
            assertThat(names()).doesNotContain("early");
            assertThat((List<?>) peer().call(op("events", "topic", "last-words")))
                    .hasSize(1);
            register(silent).close(); // Its name and address are free.
        }
    }

    @Test
    void aWorkerMayBreakOffBeforeItHasJoined() throws IOException {
        try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            register(silent).close();
            while (names().contains("early")) {
                Thread.onSpinWait();
            }
        }
    }
}
