package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.RpcServer;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.Pickle;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The answers to operations by which people find out what happened.
class DiagnosticsTest {
    private static final Map<String, Object> PROFILE = Map.of(
            "identifier",
            "root",
            "count",
            3,
            "description",
            Map.of("filename", "", "name", "", "line_number", 0, "line", ""),
            "children",
            Map.of());

    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private Scheduler scheduler;
    private RpcServer server;
    private FakeWorker worker;
    private RawPeer client;
    private RawPeer caller;

    @BeforeEach
    void start() throws IOException {
        scheduler = Scheduler.start(SchedulerOptions.builder()
                .host("127.0.0.1")
                .port(0)
                .taskStreamLength(2)
                .core(SchedulerConfig.DEFAULT.withValidate(true))
                .onFailure(failure::set)
                .build());
        server = RpcServer.start(
                Address.parse("tcp://127.0.0.1:0"),
                null,
                FrameLimits.DEFAULT,
                Map.of("profile", (request, connection) -> PROFILE));
        worker = FakeWorker.join(scheduler, "w", true, "tcp://127.0.0.1:" + server.port());
        client = RawPeer.client(scheduler, "c");
        caller = RawPeer.greeted(scheduler);
    }

    @AfterEach
    void stop() throws Exception {
        assertThat(failure.get()).isNull();
        caller.close();
        client.close();
        worker.close();
        server.close();
        scheduler.close();
    }

    private void submit(String key) throws IOException {
        Payload runSpec = Payload.serialized(Map.of("serializer", "java"), List.of(new byte[10]));
        Map<String, ?> task = Map.of("key", key, "run_spec", runSpec, "dependencies", List.of());
        client.write(
                List.of(Map.of("op", "update-graph", "tasks", List.of(task), "keys", Set.of(key), "runtime", "jvm")));
    }

    private void compute(String key) throws IOException {
        submit(key);
        assertThat(client.next("key-in-memory").get("key")).isEqualTo(key);
    }

    private String refusal(Map<String, ?> request) throws IOException {
        Map<?, ?> reply = caller.callForMap(request);
        assertThat(reply.get("status")).isEqualTo("uncaught-error");
        return String.valueOf(reply.get("exception_text"));
    }

    @Test
    void aStoryHasTheTransitionsOfItsKeyAlone() throws Exception {
        compute("x-1");
        compute("y-1");
        List<?> story = (List<?>) caller.call(Map.of("op", "get_story", "keys_or_stimuli", List.of("x-1")));
        assertThat(story)
                .extracting(row -> (Object) ((List<?>) row).subList(0, 3))
                .containsExactly(
                        List.of("x-1", "released", "waiting"),
                        List.of("x-1", "waiting", "processing"),
                        List.of("x-1", "processing", "memory"));
        double now = System.currentTimeMillis() / 1e3;
        assertThat((Double) ((List<?>) story.getLast()).getLast()).isBetween(now - 60, now + 1);
        assertThat(caller.call(Map.of("op", "get_story", "keys_or_stimuli", List.of("x-1"))))
                .isEqualTo(story);
    }

    @Test
    void theTaskStreamBeginsWhenAskedForAndKeepsTheLast() throws Exception {
        compute("before-1");
        assertThat((List<?>) caller.call(Map.of("op", "get_task_stream"))).isEmpty();
        for (String key : List.of("x-1", "x-2", "x-3")) {
            compute(key);
        }
        assertThat((List<?>) caller.call(Map.of("op", "get_task_stream")))
                .extracting(run -> (Object) ((Map<?, ?>) run).get("key"))
                .containsExactly("x-2", "x-3");
        assertThat((List<?>) caller.call(Map.of("op", "get_task_stream", "count", 1)))
                .hasSize(1);
    }

    @Test
    void aStateDumpHasTextKeysAndLeavesOutWhatIsExcluded() throws Exception {
        compute("x-1");
        Map<?, ?> state =
                caller.callForMap(Map.of("op", "dump_state", "exclude", List.of("transition_log", "who_has")));
        assertThat(state.get("transition_log")).isNull();
        Map<?, ?> task = (Map<?, ?>) ((Map<?, ?>) state.get("tasks")).get("x-1");
        assertThat(task.get("state")).isEqualTo("memory");
        assertThat(task.containsKey("who_has")).isFalse();
        assertThat(((Map<?, ?>) state.get("task_groups")).keySet()).hasToString("[x]");
        assertThat(((Map<?, ?>) state.get("workers")).containsKey(worker.address))
                .isTrue();
    }

    @Test
    void aMemorySamplerHasASampleAtOnceAndEndsOnce() throws Exception {
        Object key = caller.call(
                Map.of("op", "memory_sampler_start", "client", "c", "measure", "process", "interval", 3600));
        assertThat((List<?>) caller.call(Map.of("op", "memory_sampler_stop", "key", key)))
                .hasSize(1);
        assertThat(refusal(Map.of("op", "memory_sampler_stop", "key", key))).contains("KeyError");
        assertThat(refusal(Map.of("op", "memory_sampler_start", "client", "c", "measure", "soul", "interval", 1)))
                .contains("no attribute 'soul'");
    }

    @Test
    void aReportIsAPageOfItsOwn() throws Exception {
        caller.call(Map.of("op", "get_task_stream"));
        compute("<x>-1");
        Object page = caller.call(Map.of("op", "performance_report", "start", 0.5, "last_count", 0, "code", "a < b"));
        assertThat((String) page)
                .contains("<h2>Summary", "<h2>Task stream", "<rect", "&lt;x&gt;-1", "a &lt; b", "<h2>Bandwidth")
                .doesNotContain("<x>-1");
    }

    @Test
    void theProfileOfJvmWorkersIsThatOfTheCluster() throws Exception {
        assertThat(caller.callForMap(Map.of("op", "profile")).get("count")).isEqualTo(3L);
        assertThat(caller.callForMap(Map.of("op", "profile", "workers", List.of(worker.address)))
                        .get("count"))
                .isEqualTo(3L);
        assertThat(caller.callForMap(Map.of("op", "profile", "workers", List.of("tcp://127.0.0.1:1")))
                        .get("count"))
                .isEqualTo(0L);
    }

    @Test
    void theSchedulersOwnProfileIsAnEmptyTree() throws Exception {
        Map<?, ?> tree = caller.callForMap(Map.of("op", "profile", "scheduler", true));
        assertThat(tree.get("count")).isEqualTo(0L);
        assertThat((Map<?, ?>) tree.get("children")).isEmpty();
    }

    @Test
    void aFunctionForTheSchedulerNeedsAPythonWorker() throws Exception {
        byte[] function = Pickle.of(Pickle.global("os", "getpid"));
        assertThat(refusal(Map.of("op", "run_function", "function", function))).contains("Python worker");
        assertThat(refusal(Map.of("op", "run_function", "function", 7))).contains("function");
    }

    @Test
    void whatAPerformanceReportAsksFirstIsAnsweredWithoutAWorker() throws Exception {
        byte[] function = function("distributed.client", "performance_report.__aenter__.<locals>.<lambda>");
        assertThat(caller.callForMap(Map.of("op", "run_function", "function", function)))
                .isEqualTo(Map.of("status", "OK", "result", 0L));
    }

    @Test
    void aProgressBarIsToldUntilItsTasksAreDone() throws Exception {
        byte[] setup = function(
                "distributed.diagnostics.progressbar",
                "ProgressBar.listen.<locals>.setup",
                true,
                List.of("x-1", "x-2"));
        caller.write(Map.of("op", "feed", "setup", setup, "function", new byte[0], "interval", 0.01));
        compute("x-1");
        compute("x-2");
        Map<?, ?> report = (Map<?, ?>) caller.read();
        while (report.get("status") == null) {
            assertThat(report.get("all")).isEqualTo(2L);
            report = (Map<?, ?>) caller.read();
        }
        assertThat(report.get("all")).isEqualTo(2L);
        assertThat(report.get("remaining")).isEqualTo(0L);
        assertThat(report.get("status")).isEqualTo("finished");
    }

    @Test
    void otherFeedsAreRefusedWithTheReason() throws Exception {
        byte[] setup = function("mine", "setup");
        assertThat(refusal(Map.of("op", "feed", "setup", setup, "interval", 1))).contains("runs no user code");
        assertThat(refusal(Map.of("op", "feed", "setup", new byte[] {1, 2}, "interval", 1)))
                .contains("runs no user code");
    }

    /// A function by value, as `cloudpickle` writes it, without its code.
    private static byte[] function(String module, String name, @Nullable Object... cells) {
        Object[] made = new Object[cells.length];
        for (int i = 0; i < cells.length; i++) {
            made[i] = Pickle.call(Pickle.global("cloudpickle.cloudpickle", "_make_cell"), cells[i]);
        }
        Map<String, Object> slots =
                Map.of("__module__", module, "__qualname__", name, "__closure__", Pickle.tuple(made));
        Object bare = Pickle.call(Pickle.global("cloudpickle.cloudpickle", "_make_function"));
        return Pickle.of(Pickle.call(
                Pickle.global("cloudpickle.cloudpickle", "_function_setstate"), bare, Pickle.tuple(Map.of(), slots)));
    }
}
