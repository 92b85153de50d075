package io.github.daskjvm.scheduler.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PayloadFrames;
import io.github.daskjvm.protocol.PickleReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GraphMaterializerTest {
    private final RpcPool rpc = new RpcPool(null, Duration.ofSeconds(5));
    private final GraphMaterializer materializer = new GraphMaterializer(rpc);

    @AfterEach
    void close() {
        rpc.close();
    }

    @Test
    void theWorkerIsAskedForTheGraphAndAnswersInPages() throws Exception {
        GraphRequest request = Recordings.request("chain");
        var asked = new AtomicReference<Map<?, ?>>();
        try (var worker = new FakePythonWorker((function, arguments) -> {
            if (function.equals("materialize")) {
                asked.set((Map<?, ?>) arguments.getFirst());
            }
            return FakePythonWorker.pages("chain").call(function, arguments);
        })) {
            MaterializedGraph graph = materializer.materialize(request, worker.address);

            assertThat(graph.tasks())
                    .extracting(TaskSpec::key)
                    .containsExactly(TaskKey.of("x"), TaskKey.of(List.of("y", 0)), TaskKey.of(List.of("y", 1)));
            assertThat(graph.event("Client-1", Event.Origin.NONE, 0, "s").wanted())
                    .isEqualTo(request.keys());
            assertThat(worker.calls).containsExactly("materialize", "more", "more");
        }
        assertThat(asked.get().get("form")).isEqualTo("graph");
        assertThat(asked.get().get("order")).isEqualTo(true);
        assertThat((byte[]) ((List<?>) asked.get().get("frames")).getFirst())
                .isEqualTo(request.frames().getFirst());
        assertThat(new MsgpackReader().whole((byte[]) asked.get().get("keys"))).isEqualTo(List.of(List.of("y", 1L)));
    }

    @Test
    void theSourceGoesToAWorkerOnceAndAgainWhenItLostIt() throws Exception {
        GraphRequest request = Recordings.request("submit");
        try (var worker = new FakePythonWorker(FakePythonWorker.pages("submit"))) {
            materializer.materialize(request, worker.address);
            materializer.materialize(request, worker.address);
            assertThat(worker.installations).hasValue(1);

            worker.installed = false;
            materializer.materialize(request, worker.address);
            assertThat(worker.installations).hasValue(2);
            assertThat(worker.calls).hasSize(3);
        }
    }

    @Test
    void whatTheGraphRaisesIsForwardedAsItIs() throws Exception {
        try (var worker = new FakePythonWorker((f, a) -> FakePythonWorker.error("error", "RuntimeError('no')"))) {
            GraphFailure failure = catchThrowableOfType(
                    GraphFailure.class, () -> materializer.materialize(Recordings.request("submit"), worker.address));

            assertThat(failure).hasMessage("RuntimeError('no')");
            assertThat(pickled(failure.exception())).isEqualTo("RuntimeError('no')");
            assertThat(pickled(failure.traceback())).isEqualTo("traceback of RuntimeError('no')");
        }
    }

    private static Object pickled(Object payload) throws Exception {
        return PickleReader.read(PayloadFrames.logical((Payload) payload).getFirst());
    }

    @Test
    void aWorkerThatMayNotRunAnythingIsNotTheGraphsFault() throws Exception {
        String text = "ValueError(\"The 'run' handler has been explicitly disallowed in Worker\")";
        try (var worker = new FakePythonWorker((f, a) -> FakePythonWorker.error("uncaught-error", text))) {
            assertThatThrownBy(() -> materializer.materialize(Recordings.request("submit"), worker.address))
                    .isInstanceOf(GraphMaterializer.WorkerRefused.class)
                    .hasMessageContaining("blocked-handlers");
        }
    }

    @Test
    void aWorkerThatIsGoneOrLostItsPagesIsNotTheGraphsFault() throws Exception {
        var worker = new FakePythonWorker((function, arguments) -> function.equals("more")
                ? FakePythonWorker.error("error", "KeyError('the rest 1 of a graph is not kept here any more')")
                : FakePythonWorker.pages("chain").call(function, arguments));
        assertThatThrownBy(() -> materializer.materialize(Recordings.request("chain"), worker.address))
                .isInstanceOf(IOException.class);
        worker.close();
        assertThatThrownBy(() -> materializer.materialize(Recordings.request("chain"), worker.address))
                .isInstanceOf(IOException.class);
    }

    @Test
    void anAnswerThatIsNoTableIsAFailureThatNamesTheWorker() throws Exception {
        try (var worker = new FakePythonWorker((f, a) -> FakePythonWorker.bytes(new byte[] {1, 2, 3}))) {
            assertThatThrownBy(() -> materializer.materialize(Recordings.request("submit"), worker.address))
                    .isInstanceOf(GraphFailure.class)
                    .hasMessageContaining(worker.address);
        }
    }

    @Test
    void theProbeReadsWhatAWorkerWants() throws Exception {
        var answer = new MsgpackWriter(64);
        answer.value(Map.of(
                "compute-task",
                List.of("key", "duration"),
                "long-running",
                List.of("key"),
                "stream-ops",
                List.of("compute-task", "free-keys"),
                "distributed",
                "2024.12.1"));
        try (var worker = new FakePythonWorker((f, a) -> FakePythonWorker.bytes(answer.toByteArray()))) {
            WorkerDialect dialect = WorkerProbe.probe(worker.address, rpc);

            assertThat(dialect.wantsDuration()).isTrue();
            assertThat(dialect.longRunningHasRunId()).isFalse();
            assertThat(dialect.streamOps()).containsExactlyInAnyOrder("compute-task", "free-keys");
            assertThat(dialect.graphForm()).isEqualTo(GraphRequest.Form.HIGH_LEVEL_GRAPH);
        }
        try (var worker = new FakePythonWorker((f, a) -> FakePythonWorker.bytes(new byte[] {(byte) 0x80}))) {
            assertThatThrownBy(() -> WorkerProbe.probe(worker.address, rpc)).hasMessageContaining("compute-task");
        }
    }
}
