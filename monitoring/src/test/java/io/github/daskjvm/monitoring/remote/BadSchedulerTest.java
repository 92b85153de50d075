package io.github.daskjvm.monitoring.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.comm.RpcServer;
import io.github.daskjvm.monitoring.Http;
import io.github.daskjvm.monitoring.MonitorOptions;
import io.github.daskjvm.monitoring.RemoteMonitor;
import io.github.daskjvm.protocol.FrameLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A scheduler that answers nonsense, too much, too slowly: the page and the metrics say that it is not there, and it
/// is asked again.
@Timeout(60)
class BadSchedulerTest {
    private static final Map<String, Object> GOOD_IDENTITY =
            Map.of("type", "Scheduler", "id", "Scheduler-1", "address", "tcp://x:1", "workers", Map.of());
    private static final Map<String, Object> GOOD_DUMP =
            Map.of("workers", Map.of(), "task_groups", Map.of(), "clients", Map.of());

    private final List<AutoCloseable> open = new ArrayList<>();
    /// What is answered now, by operation.
    private final Map<String, RpcHandler> answers = new ConcurrentHashMap<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private RemoteScheduler ask(int port, Duration timeout) {
        var remote = new RemoteScheduler("tcp://127.0.0.1:" + port, null, Duration.ofMillis(100), timeout);
        open.add(remote);
        remote.start();
        return remote;
    }

    private RpcServer scheduler() throws IOException {
        good();
        Map<String, RpcHandler> handlers = new LinkedHashMap<>();
        for (String op : List.of("identity", "adaptive_target", "dump_state", "get_task_stream", "events")) {
            handlers.put(
                    op,
                    (request, connection) ->
                            answers.getOrDefault(op, (r, c) -> null).handle(request, connection));
        }
        RpcServer server = RpcServer.start(new Address("tcp", "127.0.0.1", 0), null, FrameLimits.DEFAULT, handlers);
        open.add(server);
        return server;
    }

    private void good() {
        answers.put("identity", (r, c) -> GOOD_IDENTITY);
        answers.put("dump_state", (r, c) -> GOOD_DUMP);
        answers.put("get_task_stream", (r, c) -> List.of());
        answers.put("events", (r, c) -> List.of());
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(10);
        }
    }

    @Test
    void nonsenseIsNoScheduler() throws Exception {
        RemoteScheduler remote = ask(scheduler().port(), Duration.ofSeconds(10));
        var status = new RemoteStatus(remote);
        RemoteMonitor monitor = RemoteMonitor.start(MonitorOptions.at("127.0.0.1", 0), remote);
        open.add(monitor);
        Map<String, RpcHandler> bad = new LinkedHashMap<>();
        bad.put("a text", (r, c) -> "hello");
        bad.put("a list", (r, c) -> List.of(1, 2));
        bad.put("nothing", (r, c) -> null);
        bad.put("a worker", (r, c) -> Map.of("type", "Worker", "id", "Worker-1"));
        bad.put("a failure", (r, c) -> {
            throw new IllegalStateException("<script>");
        });
        bad.put("the end", (r, c) -> RpcHandler.TAKEN);
        for (String op : List.of("identity", "dump_state")) {
            for (String name : bad.keySet()) {
                await(() -> remote.state().isUp());
                assertThat(status.notice()).isNull();
                answers.put(op, bad.get(name));
                await(() -> !remote.state().isUp());
                assertThat(status.notice()).as(op + " " + name).contains("does not answer");
                assertThat(Http.get(monitor.port(), "/metrics").body())
                        .contains("dask_scheduler_up 0.0")
                        .doesNotContain("dask_scheduler_workers");
                assertThat(status.snapshot().workers()).isEmpty();
                good();
            }
        }
        await(() -> remote.state().isUp());
        assertThat(status.generation()).isZero();
    }

    @Test
    void whatASchedulerRefusedTheNextOneIsAskedAtOnce() throws Exception {
        RpcServer server = scheduler();
        var refused = new CountDownLatch(1);
        answers.put("events", (r, c) -> {
            refused.countDown();
            throw new IllegalStateException("not now");
        });
        RemoteScheduler remote = ask(server.port(), Duration.ofSeconds(10));
        var status = new RemoteStatus(remote);
        status.actions().watch();
        refused.await();

        answers.put("events", (r, c) -> List.of(List.of(1.5, Map.of("action", "add-worker"))));
        Map<String, Object> other = new LinkedHashMap<>(GOOD_IDENTITY);
        other.put("id", "Scheduler-2");
        answers.put("identity", (r, c) -> other);

        await(() -> status.generation() == 1);
        status.actions().watch();
        await(() -> status.events().size() == 1);
    }

    @Test
    void fieldsOfTheWrongTypeAreTakenForMissing() throws Exception {
        RpcServer server = scheduler();
        Map<Object, Object> workers = new LinkedHashMap<>();
        workers.put(
                "tcp://10.0.0.1:1", Map.of("name", List.of(), "nthreads", -7, "metrics", "none", "memory_limit", -1.5));
        workers.put("no address", "no worker");
        workers.put(3L, Map.of());
        workers.put(
                "tcp://10.0.0.2:1", Map.of("status", 5, "nthreads", Double.NaN, "metrics", Map.of("memory", "much")));
        Map<Object, Object> groups = new LinkedHashMap<>();
        groups.put("inc", Map.of("states", Map.of("memory", -3, "erred", "two", "waiting", 1e300)));
        groups.put("x", 7);
        groups.put(List.of("y", 1), Map.of());
        answers.put("identity", (r, c) -> Map.of("id", "Scheduler-2", "workers", workers, "services", 3));
        answers.put(
                "dump_state",
                (r, c) -> Map.of(
                        "workers",
                        Map.of("tcp://10.0.0.1:1", Map.of("occupancy", Double.NaN, "task_prefix_count", 3)),
                        "task_groups",
                        groups,
                        "clients",
                        5,
                        "transition_counter",
                        "many"));
        answers.put("adaptive_target", (r, c) -> "few");
        answers.put(
                "get_task_stream",
                (r, c) -> List.of(
                        5,
                        Map.of("key", List.of(Map.of()), "worker", "w"),
                        Map.of(
                                "key",
                                "k",
                                "worker",
                                "tcp://10.0.0.1:1",
                                "startstops",
                                List.of(3, Map.of("action", 3)))));
        answers.put("events", (r, c) -> List.of(List.of(1), "x", List.of("now", Map.of())));
        RemoteScheduler remote = ask(server.port(), Duration.ofSeconds(10));
        RemoteMonitor monitor = RemoteMonitor.start(MonitorOptions.at("127.0.0.1", 0), remote);
        open.add(monitor);
        await(() -> remote.state().isUp());
        var status = new RemoteStatus(remote);
        assertThat(status.snapshot().workers()).hasSize(2).allMatch(worker -> worker.nthreads() == 0);
        assertThat(Http.get(monitor.port(), "/metrics").body()).contains("dask_scheduler_up 1.0");
        assertThat(Http.get(monitor.port(), "/metrics/workers").statusCode()).isEqualTo(200);
        assertThat(Http.get(monitor.port(), "/json/identity.json").body()).contains("tcp://10.0.0.1:1");
        status.actions().watch();
        String report = Http.get(monitor.port(), "/status/report.html").body();
        assertThat(report).contains("tcp://10.0.0.1:1");
        long answered = remote.state().answers();
        await(() -> remote.state().answers() > answered + 1);
    }

    @Test
    void anAnswerThatIsTooLargeIsNone() throws Exception {
        RpcServer server = scheduler();
        byte[] large = new byte[RemoteCalls.ANSWER_MAX_BYTES + 1];
        answers.put("identity", (r, c) -> Map.of("id", "x", "workers", Map.of(), "more", large));
        RemoteScheduler remote = ask(server.port(), Duration.ofSeconds(10));
        await(() -> remote.state().failures() > 1);
        assertThat(remote.notice()).contains("does not answer");
        good();
        await(() -> remote.state().isUp());
    }

    @Test
    void tasksWithLargeFailuresAreAskedForFewerAtATime() throws Exception {
        RpcServer server = scheduler();
        byte[] large = new byte[2 * RemoteCalls.ANSWER_MAX_BYTES / RemoteTaskStream.TASKS_MAX];
        List<Long> asked = Collections.synchronizedList(new ArrayList<>());
        answers.put("get_task_stream", (request, c) -> {
            long count = request.integer("count");
            asked.add(count);
            List<Object> runs = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                runs.add(Map.of(
                        "key",
                        "k-" + i,
                        "worker",
                        "tcp://10.0.0.1:1",
                        "status",
                        "error",
                        "exception",
                        large,
                        "exception_text",
                        "ValueError()",
                        "startstops",
                        List.of(Map.of("action", "compute", "start", 1.0 + i, "stop", 2.0 + i))));
            }
            return runs;
        });
        RemoteScheduler remote = ask(server.port(), Duration.ofSeconds(10));
        var status = new RemoteStatus(remote);
        status.actions().watch();
        await(() -> status.failures().total() > 0);
        assertThat(asked).startsWith((long) RemoteTaskStream.TASKS_MAX, RemoteTaskStream.TASKS_MAX / 4L);
        assertThat(asked).allMatch(count -> count <= RemoteTaskStream.TASKS_MAX);
    }

    @Test
    void whoDoesNotAnswerInTimeIsNotThere() throws Exception {
        RpcServer server = scheduler();
        answers.put("identity", (r, c) -> {
            Thread.sleep(Duration.ofMinutes(1));
            return GOOD_IDENTITY;
        });
        RemoteScheduler remote = ask(server.port(), Duration.ofMillis(200));
        await(() -> remote.state().failures() > 1);
        assertThat(remote.state().isUp()).isFalse();
        good();
        await(() -> remote.state().isUp());
    }

    /// A byte now and then would keep a read for ever.
    @Test
    void whoAnswersByteByByteIsNotThere() throws Exception {
        var listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        open.add(listener);
        Thread.ofVirtual().start(() -> {
            while (true) {
                try {
                    Socket socket = listener.accept();
                    open.add(socket);
                    Thread.ofVirtual().start(() -> drip(socket));
                } catch (IOException e) {
                    return;
                }
            }
        });
        RemoteScheduler remote = ask(listener.getLocalPort(), Duration.ofMillis(300));
        await(() -> remote.state().failures() > 1);
        assertThat(remote.notice()).contains("does not answer");
    }

    private static void drip(Socket socket) {
        try (socket;
                OutputStream out = socket.getOutputStream()) {
            // The number of bytes that follow, never all of them.
            out.write(new byte[] {0, 0, 16, 0, 0, 0, 0, 0});
            while (true) {
                out.write(1);
                Thread.sleep(50);
            }
        } catch (IOException | InterruptedException e) {
            // The monitor gave up.
        }
    }
}
