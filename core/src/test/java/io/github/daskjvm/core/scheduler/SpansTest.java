package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.metric;
import static io.github.daskjvm.core.scheduler.Cluster.priority;
import static io.github.daskjvm.core.scheduler.Cluster.span;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SpansTest {
    private final Cluster cluster = new Cluster();

    @BeforeEach
    void aClientAndAWorker() {
        cluster.client("c");
        cluster.worker("a", 2);
    }

    private Span get(String id) {
        Span span = cluster.state.spans().get(id);
        if (span == null) {
            throw new AssertionError("there is no span " + id);
        }
        return span;
    }

    /// What the worker is told of the task.
    private static Command.ComputeTask given(List<Command> commands, String key) {
        for (Command command : commands) {
            if (command instanceof Command.ToWorker(String worker, Command.ComputeTask task)
                    && task.key().equals(key(key))) {
                return task;
            }
        }
        throw new AssertionError(key + " is given to nobody by " + commands);
    }

    private void finish(String key, Event.StartStop... startStops) {
        cluster.on(new Event.TaskFinished(
                address("a"), key(key), cluster.runId(key), 100, "type", "int", List.of(startStops), 1, "finished"));
    }

    private void measure(Event.SpanMetric... metrics) {
        cluster.on(new Event.WorkerHeartbeat(address("a"), Map.of(), Double.NaN, 0, 0, 0, List.of(metrics)));
    }

    @Test
    void aTaskIsGivenOutWithItsSpanAndItsAnnotationsAsTheyCame() {
        var commands = cluster.submit("c", List.of(task("x", 0, span("outer", "inner"))), "x");

        Command.ComputeTask given = given(commands, "x");
        assertThat(given.spanId()).isEqualTo("inner");
        assertThat(given.annotations()).isEqualTo("all annotations");
        assertThat(given.span()).isNull();
        assertThat(get("inner").name()).containsExactly("OUTER", "INNER");
        assertThat(get("inner").parent()).isSameAs(get("outer"));
        assertThat(get("outer").children()).containsExactly(get("inner"));
        assertThat(get("outer").groups().names()).isEmpty();
    }

    @Test
    void theGroupDecidesAboutTheSpanOfItsTasks() {
        cluster.submit("c", List.of(task("('x', 0)", 0, span("first"))), "('x', 0)");
        var commands = cluster.submit(
                "c", List.of(task("('x', 1)", 0, span("second")), task("('x', 2)", 1, priority(1))), "('x', 1)");
        var path = new SpanPath(List.of("FIRST"), List.of("first"));

        Command.ComputeTask annotated = given(commands, "('x', 1)");
        assertThat(annotated.spanId()).isEqualTo("first");
        assertThat(annotated.annotations()).isEqualTo("others");
        assertThat(annotated.span()).isEqualTo(path);
        assertThat(cluster.state.spans().get("second")).isNull();

        commands = cluster.submit("c", List.of(task("('x', 3)")), "('x', 3)");
        finish("('x', 0)");
        finish("('x', 1)");
        TaskState unannotated = cluster.state.task(key("('x', 3)"));
        assertThat(unannotated).isNotNull();
        assertThat(unannotated.spanAnnotation()).isEqualTo(path);
        assertThat(unannotated.annotations()).isNull();
    }

    @Test
    void aTaskOfAGroupOfTheDefaultSpanLosesItsAnnotation() {
        cluster.submit("c", List.of(task("('x', 0)")), "('x', 0)");
        var commands = cluster.submit("c", List.of(task("('x', 1)", 0, span("late"))), "('x', 1)");

        Command.ComputeTask given = given(commands, "('x', 1)");
        assertThat(given.spanId()).isEqualTo("default-1");
        assertThat(given.annotations()).isEqualTo("others");
        assertThat(given.span()).isNull();
    }

    @Test
    void aDefaultSpanLastsUntilItsTasksAreDone() {
        var first = cluster.submit("c", List.of(task("x"), task("z")), "x", "z");
        var second = cluster.submit("c", List.of(task("y")), "y");
        finish("x");
        finish("z");
        finish("y");
        var third = cluster.submit("c", List.of(task("w"), task("v")), "w", "v");

        assertThat(given(first, "x").spanId()).isEqualTo("default-1");
        assertThat(given(first, "z").spanId()).isEqualTo("default-1");
        assertThat(cluster.state.spans().get("default-1")).isNotNull();
        assertThat(get("default-1").groups().names()).containsExactlyInAnyOrder("x", "y", "z");
        assertThat(second).isNotEmpty();
        assertThat(given(third, "w").spanId()).isEqualTo("default-2");
        assertThat(given(third, "v").spanId()).isEqualTo("default-2");
    }

    @Test
    void aDefaultSpanIsDoneThoughAnnotatedTasksAreNot() {
        cluster.submit("c", List.of(task("long", 0, span("s"))), "long");
        var first = cluster.submit("c", List.of(task("x")), "x");
        finish("x");
        var second = cluster.submit("c", List.of(task("y")), "y");

        assertThat(given(first, "x").spanId()).isEqualTo("default-1");
        assertThat(given(second, "y").spanId()).isEqualTo("default-2");
    }

    @Test
    void aSpanAddsUpWhatItsTasksDid() {
        cluster.submit("c", List.of(task("x", 0, span("o", "i")), task("y", 1, span("o"), "x")), "x", "y");
        finish("x", new Event.StartStop("compute", 10, 12), new Event.StartStop("disk-read", 9, 10));
        assertThat(get("o").isDone()).isFalse();
        finish("y", new Event.StartStop("transfer", 12, 12.5), new Event.StartStop("compute", 12.5, 13));

        GroupFigures inner = get("i").figures();
        assertThat(inner.seconds()).isEqualTo(Map.of("compute", 2.0, "disk-read", 1.0));
        assertThat(inner.start()).isEqualTo(10);
        assertThat(inner.stop()).isEqualTo(12);
        GroupFigures outer = get("o").figures();
        assertThat(outer.seconds()).isEqualTo(Map.of("compute", 2.5, "disk-read", 1.0, "transfer", 0.5));
        assertThat(outer.totalSeconds()).isEqualTo(4);
        assertThat(outer.start()).isEqualTo(10);
        assertThat(outer.stop()).isEqualTo(13);
        assertThat(outer.resultBytes()).isEqualTo(200);
        assertThat(outer.states()).containsEntry(TaskStatus.MEMORY, 2L);
        assertThat(get("o").isDone()).isTrue();
    }

    @Test
    void whatForgottenTasksDidStaysWithTheSpan() {
        cluster.submit("c", List.of(task("x", 0, span("s"))), "x");
        finish("x", new Event.StartStop("compute", 10, 12));
        cluster.on(new Event.ClientReleasesKeys("c", keys("x"), "release"));

        assertThat(cluster.state.groups()).isEmpty();
        GroupFigures figures = get("s").figures();
        assertThat(figures.states()).containsEntry(TaskStatus.FORGOTTEN, 1L).containsEntry(TaskStatus.MEMORY, 0L);
        assertThat(figures.seconds()).containsEntry("compute", 2.0);
        assertThat(get("s").groups().names()).containsExactly("x");
        assertThat(get("s").groups().count()).isEqualTo(1);
    }

    @Test
    void heartbeatsAddToTheSpansThatAreKnown() {
        cluster.submit("c", List.of(task("x", 0, span("o", "i"))), "x");
        measure(metric("i", "x", 0.5), metric("o", "x", 1.5), metric("nobody", "x", 7.0));
        measure(metric("i", "x", 0.25), new Event.SpanMetric("i", List.of("execute", "x", "disk", "bytes"), 7L));
        measure(new Event.SpanMetric("i", List.of("execute", "x", "disk", "bytes"), 5L));

        var seconds = List.<Object>of("execute", "x", "thread-cpu", "seconds");
        var bytes = List.<Object>of("execute", "x", "disk", "bytes");
        assertThat(get("i").metrics().copy()).isEqualTo(Map.of(seconds, 0.75, bytes, 12L));
        assertThat(get("o").metrics().copy()).isEqualTo(Map.of(seconds, 2.25, bytes, 12L));
    }

    @Test
    void codeAndMetadataOfAGraphAreNotedOnceForEachOfItsSpans() {
        var origin = new Event.Origin("code", "metadata", null);
        var tasks = List.of(task("x", 0, span("s")), task("y", 1, span("t")), task("z", 2, span("s")));
        cluster.on(new Event.UpdateGraph(
                "c", tasks, keys("x", "y", "z"), null, 0, origin, Event.Submission.UNKNOWN, "graph"));
        cluster.on(new Event.UpdateGraph("c", tasks, keys("z"), null, 0, origin, Event.Submission.UNKNOWN, "graph"));

        assertThat(get("s").code()).containsExactly("code");
        assertThat(get("s").metadata()).containsExactly("metadata", "metadata");
        assertThat(get("t").metadata()).containsExactly("metadata");
    }

    @Test
    void theThreadsOfAllWorkersAreKnownForAnyTime() {
        long before = cluster.nowNanos;
        cluster.worker("b", 3);
        long joined = cluster.nowNanos;
        cluster.die("a");
        long died = cluster.nowNanos;

        assertThat(cluster.state.spans().threads(before, died + 10))
                .containsExactly(
                        new ThreadsHistory.Interval(before, joined, 2),
                        new ThreadsHistory.Interval(joined, died, 5),
                        new ThreadsHistory.Interval(died, died + 10, 3));
        assertThat(cluster.state.spans().threads(joined + 1, joined + 2))
                .containsExactly(new ThreadsHistory.Interval(joined + 1, joined + 2, 5));
        assertThat(cluster.state.spans().threads(5, 5)).isEmpty();
    }

    private void runAndForget(String key, TaskSpec.TaskOptions options) {
        cluster.submit("c", List.of(task(key, 0, options)), key);
        finish(key, new Event.StartStop("compute", 1, 2));
        cluster.on(new Event.ClientReleasesKeys("c", keys(key), "release"));
    }

    @Test
    void oldDefaultSpansGo() {
        cluster.submit("c", List.of(task("kept")), "kept");
        finish("kept");
        for (int i = 0; i < 2 * Spans.DEFAULTS_MAX; i++) {
            runAndForget("x", TaskSpec.TaskOptions.NONE);
        }

        assertThat(cluster.state.spans().all()).hasSize(Spans.DEFAULTS_MAX);
        assertThat(cluster.state.spans().get("default-1")).isNotNull();
        assertThat(cluster.state.spans().get("default-2")).isNull();
    }

    @Test
    void whatASpanHadToTellBecomesPartOfTheOneAroundItWhenThereAreTooMany() {
        var state = new SchedulerState(SchedulerConfig.DEFAULT); // Validated once, at the end: there are many.
        state.handle(List.of(new Event.ClientConnected("c")), 1);
        for (int i = 0; i < Spans.SPANS_MAX; i++) {
            var graph =
                    new Event.UpdateGraph("c", List.of(task("x", 0, span("o", "i-" + i))), keys("x"), null, 0, "graph");
            state.handle(List.of(graph, new Event.CancelKeys("c", keys("x"), true, "cancel")), i + 2);
            if (i == 0) {
                Span first = state.spans().get("i-0");
                assertThat(first).isNotNull();
                first.metrics.add(List.of("execute", "x", "thread-cpu", "seconds"), 1.0);
            }
        }

        Span outer = state.spans().get("o");
        assertThat(outer).isNotNull();
        assertThat(state.spans().all()).hasSize(Spans.SPANS_MAX);
        assertThat(state.spans().get("i-0")).isNull();
        assertThat(outer.figures().states()).containsEntry(TaskStatus.FORGOTTEN, (long) Spans.SPANS_MAX);
        assertThat(outer.groups().count()).isEqualTo(1);
        assertThat(outer.groups().names()).containsExactly("x");
        assertThat(outer.metrics().copy().values()).containsExactly(1.0);
        state.checkInvariants();
    }

    @Test
    void namesOfMetricsAreBounded() {
        var sums = new MetricSums(2);
        sums.add(List.of("execute", "a", "x", "seconds"), 1L);
        sums.add(List.of("execute", "b", "x", "seconds"), 1.5);
        sums.add(List.of("execute", "c", "x", "seconds"), 2L);
        sums.add(List.of("execute", "d", "y", "seconds"), 3L);
        sums.add(List.of("execute", "a", "x", "seconds"), 4L);
        sums.add(List.of("something else"), 5L);
        for (int i = 0; i < 100; i++) {
            sums.add(List.of("execute", "e", "x", "unit " + i), 1L);
        }

        Map<List<Object>, Number> copy = Map.copyOf(sums.copy());
        assertThat(copy)
                .hasSize(22)
                .containsEntry(List.of("execute", "a", "x", "seconds"), 5L)
                .containsEntry(List.of("execute", MetricSums.OTHER, MetricSums.OTHER, "seconds"), 5L)
                .doesNotContainKey(List.of("something else"));
    }

    @Test
    void aSpanHasATagAndAnIdForEachLevel() {
        assertThatThrownBy(() -> new SpanPath(List.of("a"), List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SpanPath(List.of("a"), List.of("1", "2")))
                .isInstanceOf(IllegalArgumentException.class);
        List<String> deep = Collections.nCopies(SpanPath.LEVELS_MAX + 1, "x");
        assertThatThrownBy(() -> new SpanPath(deep, deep)).isInstanceOf(IllegalArgumentException.class);
    }
}
