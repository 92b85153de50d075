package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Workers that come and go. The Python ones have registered and do not say which fields they want.
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

    @Test
    void whoAsksAfterAWorkerHasClosedItsStreamDoesNotFindIt() throws IOException {
        RawPeer asking = peer();
        for (int i = 0; i < 50; i++) {
            RawPeer worker = peer();
            String address = "tcp://127.0.0.1:" + worker.socket.getLocalPort();
            worker.callForMap(FakeWorker.registration(address, "w" + i));
            assertThat(asking.callForMap(op("has_what")).containsKey(address)).isTrue();
            worker.write(List.of(op("log-event", "topic", "read-" + i, "msg", 1)));
            while (!(asking.call(op("events", "topic", "read-" + i)) instanceof List<?> rows) || rows.isEmpty()) {
                Thread.onSpinWait(); // The stream is not read yet.
            }
            worker.write(List.of(op("close-stream")));
            assertThat(asking.callForMap(op("has_what")).containsKey(address)).isFalse();
            assertThat(asking.callForMap(op("ncores")).containsKey(address)).isFalse();
            assertThat(names()).doesNotContain("w" + i);
        }
    }
}
