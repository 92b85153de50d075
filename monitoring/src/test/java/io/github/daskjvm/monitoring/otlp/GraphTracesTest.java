package io.github.daskjvm.monitoring.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.Event.StartStop;
import io.github.daskjvm.core.scheduler.Phases;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.core.scheduler.TaskSpec.TaskOptions;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.monitoring.otlp.TraceRecord.Attempt;
import io.github.daskjvm.monitoring.otlp.TraceRecord.Graph;
import io.github.daskjvm.monitoring.otlp.TraceRecord.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is recorded of graphs, by the events of a scheduler's real state, and where that has its bounds.
class GraphTracesTest {
    private final List<Graph> graphs = new ArrayList<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private int room = Integer.MAX_VALUE;
    private boolean sampled = true;

    private final TraceSink sink = new TraceSink() {
        @Override
        public void begins(String address) {}

        @Override
        public boolean isSampled(String traceId) {
            assertThat(traceId).matches("[0-9a-f]{32}");
            return sampled;
        }

        @Override
        public boolean offer(TraceRecord record) {
            switch (record) {
                case Graph graph -> graphs.add(graph);
                case Attempt attempt -> {
                    if (attempts.size() >= room) {
                        return false;
                    }
                    attempts.add(attempt);
                }
            }
            return true;
        }

        @Override
        public void ends() {}
    };

    private GraphTraces traces = new GraphTraces(sink, TraceBounds.DEFAULT);
    private SchedulerState state = begin(TraceBounds.DEFAULT);

    private SchedulerState begin(TraceBounds bounds) {
        traces = new GraphTraces(sink, bounds);
        state = new SchedulerState(SchedulerConfig.DEFAULT.withValidate(true), Phases.NONE, traces);
        on(new Event.ClientConnected("c"));
        join("a");
        return state;
    }

    private void on(Event... events) {
        state.handle(List.of(events), System.nanoTime());
    }

    private void join(String worker) {
        on(new Event.WorkerJoined(
                worker, worker, "h", Runtime.PYTHON, 1, 0, Map.of(), WorkerStatus.RUNNING, null, "join"));
    }

    private static TaskSpec task(String key, long order, int retries, String... dependencies) {
        var options = new TaskOptions(0, retries, null, false, Map.of(), false, null, null);
        List<TaskKey> keys = List.of(dependencies).stream().map(TaskKey::of).toList();
        return new TaskSpec(TaskKey.of(key), "run", Runtime.PYTHON, keys, order, options);
    }

    private void submit(List<TaskSpec> tasks, String wanted) {
        on(new Event.UpdateGraph("c", tasks, List.of(TaskKey.of(wanted)), null, 0, "graph"));
    }

    private TaskState state(String key) {
        TaskState task = state.task(TaskKey.of(key));
        assertThat(task).isNotNull();
        return task;
    }

    private void finish(String key, StartStop... did) {
        TaskState task = state(key);
        String worker = task.processingOn().address();
        on(new Event.TaskFinished(worker, task.key(), task.runId(), 28, "t", "int", List.of(did), 7, "done"));
    }

    private void fail(String key, StartStop... did) {
        TaskState task = state(key);
        String worker = task.processingOn().address();
        on(new Event.TaskErred(
                worker, task.key(), task.runId(), "e", "t", "ValueError('x')", "trace", List.of(did), "erred"));
    }

    private void submitChain(int length) {
        List<TaskSpec> tasks = new ArrayList<>();
        tasks.add(task("t0", 0, 0));
        for (int i = 1; i < length; i++) {
            tasks.add(task("t" + i, i, 0, "t" + (i - 1)));
        }
        submit(tasks, "t" + (length - 1));
    }

    private Attempt attempt(String key) {
        return attempts.stream()
                .filter(each -> each.key().equals(TaskKey.of(key)))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    @Test
    void aGraphEndsWithItsLastTaskAndTasksAreLinkedToTheirInputs() {
        submit(List.of(task("x", 0, 0), task("y", 1, 0), task("z", 2, 0, "x", "y")), "z");
        finish("x");
        finish("y");
        assertThat(graphs).isEmpty();
        finish("z");

        assertThat(graphs).hasSize(1);
        Graph graph = graphs.getFirst();
        assertThat(graph.tasks()).isEqualTo(new TraceRecord.Tasks(3, 0, 3, 0, 0, 0, 0));
        assertThat(graph.client()).isEqualTo("c");
        assertThat(graph.failure()).isNull();
        Attempt z = attempt("z");
        assertThat(z.links())
                .containsExactlyInAnyOrder(attempt("x").ref(), attempt("y").ref());
        assertThat(z.outcome()).isEqualTo(Outcome.MEMORY);
        assertThat(z.number()).isEqualTo(1);
        assertThat(List.of(graph.arrived(), graph.submitted(), z.ready(), z.given(), z.end(), graph.end()))
                .isSorted();
        assertThat(attempts).allSatisfy(each -> assertThat(each.graph()).isEqualTo(graph.ref()));
        // A later graph is another trace, and is linked to this one.
        submit(List.of(task("w", 0, 0, "z")), "w");
        finish("w");
        assertThat(attempt("w").links()).containsExactly(z.ref());
        assertThat(attempt("w").ref().traceId()).isNotEqualTo(z.ref().traceId());
    }

    @Test
    void eachAttemptIsRecordedWithWhatIsItsOwn() {
        submit(List.of(task("x", 0, 1)), "x");
        var first = new StartStop("compute", 10, 11);
        fail("x", first);
        assertThat(graphs).isEmpty();
        var second = new StartStop("compute", 12, 13);
        finish("x", first, second); // as stock workers repeat them
        assertThat(attempts).extracting(Attempt::number).containsExactly(1, 2);
        assertThat(attempts).extracting(Attempt::outcome).containsExactly(Outcome.ERRED, Outcome.MEMORY);
        assertThat(attempts).extracting(Attempt::actions).containsExactly(List.of(first), List.of(second));
        assertThat(attempts.getFirst().ref()).isNotEqualTo(attempts.getLast().ref());
        assertThat(graphs.getFirst().tasks().done()).isOne();
        assertThat(graphs.getFirst().failure()).isNull();
    }

    @Test
    void aFailedTaskFailsItsGraphAndWhatNeededItHasNoAttempt() {
        submit(List.of(task("x", 0, 0), task("y", 1, 0, "x")), "y");
        fail("x");
        assertThat(attempts).hasSize(1);
        assertThat(attempt("x").failure()).isEqualTo(new TraceRecord.Failed("ValueError('x')", "trace"));
        assertThat(graphs.getFirst().failure()).isEqualTo("ValueError('x')");
        assertThat(graphs.getFirst().tasks()).isEqualTo(new TraceRecord.Tasks(2, 0, 0, 2, 0, 0, 0));
    }

    @Test
    void aLostWorkerEndsAnAttemptAndResultsAreMadeAgain() {
        submit(List.of(task("x", 0, 0), task("y", 1, 0, "x")), "y");
        finish("x");
        on(new Event.WorkerLeft("a", false, "died"));
        assertThat(attempt("y").outcome()).isEqualTo(Outcome.RELEASED);
        assertThat(attempt("y").failure().text()).isEqualTo("the worker is gone");
        join("b");
        finish("x");
        finish("y");
        assertThat(attempt("x").number()).isEqualTo(2);
        assertThat(attempt("y").worker()).isEqualTo("b");
        assertThat(attempt("y").links()).containsExactly(attempt("x").ref());
        assertThat(graphs.getFirst().tasks().done()).isEqualTo(2);
    }

    @Test
    void aCancelledGraphEnds() {
        submit(List.of(task("x", 0, 0), task("y", 1, 0, "x")), "y");
        on(new Event.ClientReleasesKeys("c", List.of(TaskKey.of("y")), "released"));
        assertThat(graphs.getFirst().tasks()).isEqualTo(new TraceRecord.Tasks(2, 0, 0, 0, 2, 0, 0));
        assertThat(attempt("x").outcome()).isEqualTo(Outcome.RELEASED);
        assertThat(traces.held()).isZero();
    }

    @Test
    void whatTheSchedulersEndFindsIsRecordedAsUnfinished() {
        submit(List.of(task("x", 0, 0), task("y", 1, 0, "x")), "y");
        traces.ends();
        assertThat(attempt("x").outcome()).isEqualTo(Outcome.UNFINISHED);
        assertThat(graphs.getFirst().tasks()).isEqualTo(new TraceRecord.Tasks(2, 0, 0, 0, 0, 2, 0));
    }

    @Test
    void ofALargeGraphTheFirstAndTheLastTasksAreTraced() {
        begin(new TraceBounds(4, 100, 100));
        submitChain(10);
        for (int i = 0; i < 10; i++) {
            assertThat(graphs).isEmpty();
            finish("t" + i);
        }
        assertThat(attempts).extracting(each -> each.key() + "").containsExactly("t0", "t1", "t8", "t9");
        assertThat(attempt("t8").links()).isEmpty();
        assertThat(attempt("t8").dependencies()).isOne();
        assertThat(graphs.getFirst().tasks()).isEqualTo(new TraceRecord.Tasks(10, 6, 4, 0, 0, 0, 0));
    }

    @Test
    void heldTasksAreBoundedAndGraphsBeyondAreCounted() {
        begin(new TraceBounds(10, 3, 2));
        submit(List.of(task("x", 0, 0), task("y", 1, 0, "x")), "y");
        submitChain(5);
        assertThat(traces.held()).isEqualTo(3);
        submit(List.of(task("late", 0, 0)), "late");
        assertThat(traces.graphsBeyond()).isOne();
        finish("x");
        finish("y");
        finish("t0");
        finish("late");
        assertThat(graphs).hasSize(2);
        assertThat(graphs.getLast().tasks().untraced()).isEqualTo(4);
        // Only so many of the past are known.
        assertThat(traces.held()).isLessThanOrEqualTo(2);
        submit(List.of(task("again", 0, 0)), "again");
        finish("again");
        assertThat(graphs).hasSize(3);
        assertThat(traces.held()).isLessThanOrEqualTo(2);
    }

    @Test
    void attemptsWithoutRoomAreCountedWithTheirGraph() {
        room = 1;
        submit(List.of(task("x", 0, 0), task("y", 1, 0, "x")), "y");
        finish("x");
        finish("y");
        assertThat(attempts).hasSize(1);
        assertThat(graphs.getFirst().tasks().dropped()).isOne();
    }

    @Test
    void nothingIsHeldOfWhatIsNotSampled() {
        sampled = false;
        submit(List.of(task("x", 0, 0)), "x");
        assertThat(state("x").isTraced()).isFalse();
        finish("x");
        assertThat(traces.held()).isZero();
        assertThat(attempts).isEmpty();
        assertThat(graphs).isEmpty();
    }

    @Test
    void aWorkersClockIsMovedOnlyWhereItCanNotBeRight() {
        var fetch = new StartStop("transfer", 0.5, 1.5, "peer");
        var compute = new StartStop("compute", 1.5, 2.5);
        long second = 1_000_000_000;
        assertThat(WorkerTimes.of(List.of(fetch, compute), 0, second, 3 * second)
                        .shift())
                .isZero();
        // Told of before it ended.
        WorkerTimes ahead = WorkerTimes.of(List.of(fetch, compute), 0, 0, 2 * second);
        assertThat(ahead.shift()).isEqualTo(-second / 2);
        assertThat(ahead.start(fetch)).isZero();
        assertThat(ahead.stop(compute)).isEqualTo(2 * second);
        // Computed before it was given away.
        WorkerTimes behind = WorkerTimes.of(List.of(fetch, compute), 0, 4 * second, 9 * second);
        assertThat(behind.start(compute)).isEqualTo(4 * second);
        // What can be no time stays within its graph.
        var nonsense = new StartStop("compute", Double.NaN, Double.POSITIVE_INFINITY);
        WorkerTimes none = WorkerTimes.of(List.of(nonsense), second, 2 * second, 3 * second);
        assertThat(none.start(nonsense)).isBetween(second, 3 * second);
        assertThat(none.stop(nonsense)).isBetween(second, 3 * second);
    }
}
