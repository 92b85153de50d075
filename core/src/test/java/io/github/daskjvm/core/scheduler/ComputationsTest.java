package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskStatus;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ComputationsTest {
    private final Cluster cluster = new Cluster();

    @BeforeEach
    void aClientAndAWorker() {
        cluster.client("c");
        cluster.worker("a", 2);
    }

    private void submit(String key, Object code, Object annotations) {
        cluster.on(new Event.UpdateGraph(
                "c",
                List.of(task(key)),
                keys(key),
                null,
                0,
                new Event.Origin(code, null, annotations),
                Event.Submission.UNKNOWN,
                "graph"));
    }

    private Computation last() {
        return cluster.state.computations().getLast();
    }

    @Test
    void graphsBelongToOneComputationUntilAllIsDone() {
        submit("x", "code 1", "annotations");
        submit("y", "code 1", "annotations");
        submit("z", "code 2", "annotations");
        cluster.finish("a", "x");
        cluster.finish("a", "y");
        Computation first = last();
        assertThat(first.groups().isDone()).isFalse();
        cluster.finish("a", "z");
        submit("w", "code 3", "more");

        assertThat(cluster.state.computations()).hasSize(2).startsWith(first);
        assertThat(first.groups().names()).containsExactly("x", "y", "z");
        assertThat(first.groups().figures().states()).containsEntry(TaskStatus.MEMORY, 3L);
        assertThat(first.code()).containsExactly("code 1", "code 2");
        assertThat(first.annotations()).containsExactly("annotations");
        assertThat(last().groups().names()).containsExactly("w");
        assertThat(last().number()).isEqualTo(2);
        assertThat(last().startNanos()).isEqualTo(cluster.nowNanos);
    }

    @Test
    void aGroupBelongsToTheComputationThatMadeIt() {
        submit("('x', 0)", "code", "annotations");
        cluster.finish("a", "('x', 0)");
        submit("('x', 1)", "code", "annotations");

        assertThat(last().number()).isEqualTo(2);
        assertThat(last().groups().count()).isZero();
    }

    @Test
    void placedDataBelongsToNone() {
        submit("x", "code", "annotations");
        cluster.on(new Event.DataPlaced(
                Map.of(Cluster.key("data"), List.of(Cluster.address("a"))), Map.of(), "c", Runtime.PYTHON, "scatter"));

        assertThat(last().groups().names()).containsExactly("x");
    }

    @Test
    void theLastOnesAreKept() {
        int kept = SchedulerConfig.COMPUTATION_HISTORY;
        for (int i = 0; i < kept + 5; i++) {
            submit("x", "code " + i, "annotations");
            cluster.finish("a", "x");
            cluster.on(new Event.ClientReleasesKeys("c", keys("x"), "release"));
        }

        assertThat(cluster.state.computations())
                .hasSize(kept)
                .first()
                .extracting(Computation::number)
                .isEqualTo(6L);
        assertThat(last().groups().figures().states()).containsEntry(TaskStatus.FORGOTTEN, 1L);
        assertThat(last().groups().names()).containsExactly("x");
    }

    @Test
    void aRestartBeginsAnew() {
        submit("x", "code", "annotations");
        cluster.on(new Event.Restart("restart"));

        assertThat(cluster.state.computations()).isEmpty();
    }
}
