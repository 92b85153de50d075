package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A worker as the scheduler sees one, which finishes every task at once or, if told to, never. It says that it is
/// a JVM worker, so that few want to call it.
final class FakeWorker implements AutoCloseable {
    final RawPeer peer;
    final String address;
    private final Thread thread;
    private volatile boolean finishes;

    private FakeWorker(RawPeer peer, String address, boolean finishes) {
        this.peer = peer;
        this.address = address;
        this.finishes = finishes;
        this.thread = Thread.ofVirtual().start(this::run);
    }

    static Map<String, Object> registration(String address, String name) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("op", "register-worker");
        message.put("reply", false);
        message.put("address", address);
        message.put("status", "running");
        message.put("nthreads", 2);
        message.put("name", name);
        message.put("now", 0.0);
        message.put("resources", Map.of());
        message.put("memory_limit", 0);
        message.put("local_directory", "/tmp");
        message.put("services", Map.of());
        message.put("nanny", null);
        message.put("pid", 1);
        message.put("versions", Map.of());
        message.put("metrics", Map.of());
        message.put("extra", Map.of("runtime", "jvm"));
        message.put("stimulus_id", "test");
        message.put("server_id", "Worker-" + name);
        return message;
    }

    static FakeWorker join(Scheduler scheduler, String name, boolean finishes) throws IOException {
        return join(scheduler, name, finishes, null);
    }

    /// @param listening where somebody answers calls; null for nobody
    static FakeWorker join(Scheduler scheduler, String name, boolean finishes, @Nullable String listening)
            throws IOException {
        RawPeer peer = RawPeer.greeted(scheduler);
        peer.socket.setSoTimeout(0);
        String address = listening == null ? "tcp://127.0.0.1:" + peer.socket.getLocalPort() : listening;
        Map<?, ?> reply = peer.callForMap(registration(address, name));
        assertThat(reply.get("status")).isEqualTo("OK");
        assertThat(((Map<?, ?>) reply.get("worker-plugins")).containsKey("shuffle"))
                .isTrue();
        return new FakeWorker(peer, address, finishes);
    }

    private void run() {
        try {
            while (true) {
                Map<?, ?> task = peer.next("compute-task");
                if (finishes) {
                    peer.write(List.of(finished(task.get("key"), task.get("run_id"))));
                }
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    static Map<String, Object> finished(Object key, Object runId) {
        return Map.of(
                "op",
                "task-finished",
                "key",
                key,
                "run_id",
                runId,
                "nbytes",
                8,
                "type",
                new byte[0],
                "typename",
                "int",
                "metadata",
                Map.of(),
                "thread",
                1,
                "startstops",
                List.of(Map.of("action", "compute", "start", 1.0, "stop", 2.0)),
                "stimulus_id",
                "test");
    }

    @Override
    public void close() throws Exception {
        peer.close();
        thread.join();
    }
}
