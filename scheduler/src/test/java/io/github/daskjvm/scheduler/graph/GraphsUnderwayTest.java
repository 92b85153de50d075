package io.github.daskjvm.scheduler.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class GraphsUnderwayTest {
    private final GraphsUnderway underway = new GraphsUnderway();

    /// A graph of one task, which is wanted.
    private static MaterializedGraph graph(String key, String... dependencies) {
        TaskKey wanted = TaskKey.of(key);
        var request = new GraphRequest(
                GraphRequest.Form.HIGH_LEVEL_GRAPH,
                new byte[0],
                List.of(),
                Set.of(wanted),
                Map.of(),
                null,
                0,
                Set.of(),
                null,
                null,
                null);
        List<TaskKey> keys = new ArrayList<>();
        for (String dependency : dependencies) {
            keys.add(TaskKey.of(dependency));
        }
        var task = new TaskSpec(wanted, "run_spec", Runtime.PYTHON, keys, 0, TaskSpec.TaskOptions.NONE);
        return new MaterializedGraph(request, List.of(task), "tcp://127.0.0.1:1", 1);
    }

    private GraphsUnderway.Entry begin(MaterializedGraph graph) {
        return underway.begin(List.of(graph.request()), new Object());
    }

    /// Waits on a thread of its own, and returns when it does: the loop is asked just before.
    private CompletableFuture<Void> unpacked(GraphsUnderway.Entry entry, MaterializedGraph graph, Set<String> known)
            throws Exception {
        var asked = new CompletableFuture<Void>();
        UnaryOperator<Set<TaskKey>> unknown = keys -> {
            asked.complete(null);
            keys.removeIf(key -> known.contains(key.toString()));
            return keys;
        };
        CompletableFuture<Void> done = CompletableFuture.runAsync(
                () -> underway.awaitNeeded(entry, List.of(new GraphOutcome.Done(graph)), unknown),
                task -> Thread.ofVirtual().start(task));
        CompletableFuture.anyOf(asked, done).get(10, TimeUnit.SECONDS);
        return done;
    }

    private static void assertOver(CompletableFuture<Void> waiting) throws Exception {
        waiting.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aGraphWaitsForTheOneThatBringsWhatItNeeds() throws Exception {
        MaterializedGraph x = graph("x");
        MaterializedGraph y = graph("y", "x");
        GraphsUnderway.Entry first = begin(x);
        CompletableFuture<Void> second = unpacked(begin(y), y, Set.of());
        assertThat(second).isNotDone();
        underway.end(first);
        assertOver(second);
    }

    @Test
    void itMakesNoDifferenceWhichWasReadFirst() throws Exception {
        MaterializedGraph y = graph("y", "x");
        GraphsUnderway.Entry second = begin(y);
        GraphsUnderway.Entry first = begin(graph("x"));
        CompletableFuture<Void> waiting = unpacked(second, y, Set.of());
        assertThat(waiting).isNotDone();
        underway.end(first);
        assertOver(waiting);
    }

    @Test
    void aGraphThatNeedsNothingOfAnotherDoesNotWait() throws Exception {
        MaterializedGraph y = graph("y", "z");
        begin(graph("x"));
        assertOver(unpacked(begin(y), y, Set.of()));
    }

    @Test
    void aKeyThatIsThereOrInTheGraphItselfIsNotWaitedFor() throws Exception {
        MaterializedGraph y = graph("y", "x");
        MaterializedGraph x = graph("x");
        begin(x);
        assertOver(unpacked(begin(y), y, Set.of("x")));
        assertOver(unpacked(begin(x), x, Set.of()));
    }

    @Test
    void aGraphThatIsGivenUpWaitsNoMore() throws Exception {
        MaterializedGraph y = graph("y", "x");
        begin(graph("x"));
        GraphsUnderway.Entry second = begin(y);
        CompletableFuture<Void> waiting = unpacked(second, y, Set.of());
        second.giveUp();
        assertOver(waiting);
    }

    @Test
    void twoThatNeedEachOtherDoNotWaitForEver() throws Exception {
        MaterializedGraph x = graph("x", "y");
        MaterializedGraph y = graph("y", "x");
        GraphsUnderway.Entry first = begin(x);
        GraphsUnderway.Entry second = begin(y);
        CompletableFuture<Void> waitsForSecond = unpacked(first, x, Set.of());
        CompletableFuture<Void> waitsForFirst = unpacked(second, y, Set.of());
        CompletableFuture.anyOf(waitsForSecond, waitsForFirst).get(10, TimeUnit.SECONDS);
        underway.end(waitsForFirst.isDone() ? second : first);
        assertOver(waitsForFirst.isDone() ? waitsForSecond : waitsForFirst);
    }
}
