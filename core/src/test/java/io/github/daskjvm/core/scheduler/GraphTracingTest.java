package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.retries;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Who traces graphs is told of the tasks that it marked, in the order in which things happen, and of no others.
class GraphTracingTest {
    private final List<String> told = new ArrayList<>();
    private Set<String> marked = Set.of("x", "y");

    private final GraphTracing tracing = new GraphTracing() {
        @Override
        public void begins(String address) {}

        @Override
        public void submitted(Event.UpdateGraph graph, List<TaskState> tasks) {
            told.add("submitted "
                    + tasks.stream().map(task -> task.key() + "").sorted().toList());
            for (TaskState task : tasks) {
                assertThat(task.status()).isEqualTo(TaskStatus.RELEASED);
                assertThat(task.span()).isNotNull();
                if (marked.contains(task.key().toString())) {
                    task.trace();
                }
            }
        }

        @Override
        public void given(TaskState task, String worker, long readyNanos) {
            told.add(task.key() + " given to " + worker + ", ready at " + readyNanos / 1_000_000 + " ms");
            assertThat(task.runId()).isPositive();
        }

        @Override
        public void finished(TaskState task, Event.TaskFinished event) {
            told.add(task.key() + " finished");
        }

        @Override
        public void erred(TaskState task, Event.TaskErred event) {
            told.add(task.key() + " erred: " + event.exceptionText());
        }

        @Override
        public void left(TaskState task, boolean workerLost) {
            told.add(task.key() + " left" + (workerLost ? " as its worker is lost" : ""));
        }

        @Override
        public void changed(TaskState task, TaskStatus from) {
            told.add(task.key() + " " + from.wireName() + " -> " + task.status().wireName());
        }

        @Override
        public void batchEnds() {}

        @Override
        public void ends() {}
    };

    private final Cluster cluster = new Cluster(SchedulerConfig.DEFAULT, tracing).client("c");

    @Test
    void aTaskIsFollowedFromItsGraphToItsEnd() {
        cluster.worker("a", 1); // at 2 ms
        cluster.submit("c", List.of(task("x"), task("y", 1, TaskSpec.TaskOptions.NONE, "x")), "y");
        cluster.finish("a", "x");
        cluster.finish("a", "y");
        cluster.on(new Event.ClientReleasesKeys("c", List.of(key("y")), "released"));

        assertThat(told)
                .containsExactly(
                        "submitted [x, y]",
                        "x released -> waiting",
                        "y released -> waiting",
                        "x waiting -> processing",
                        "x given to " + address("a") + ", ready at 3 ms",
                        "x finished",
                        "x left",
                        "x processing -> memory",
                        "y waiting -> processing",
                        "y given to " + address("a") + ", ready at 4 ms",
                        "y finished",
                        "y left",
                        "y processing -> memory",
                        "x memory -> released",
                        "y memory -> forgotten",
                        "x released -> forgotten");
    }

    @Test
    void waitingForAWorkerCounts() {
        marked = Set.of("x");
        cluster.submit("c", List.of(task("x")), "x"); // at 2 ms
        cluster.worker("a", 1);
        assertThat(told).endsWith("x given to " + address("a") + ", ready at 2 ms");
    }

    @Test
    void failedAttemptsAndLostWorkersAreTold() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x", 0, retries(1))), "x");
        cluster.fail("a", "x");
        assertThat(told).contains("x erred: E()", "x left");
        told.clear();
        cluster.worker("b", 1);
        cluster.die("a");
        assertThat(told)
                .containsExactly(
                        "x left as its worker is lost",
                        "x processing -> released",
                        "x released -> waiting",
                        "x waiting -> processing",
                        "x given to " + address("b") + ", ready at 6 ms");
        told.clear();
        cluster.fail("b", "x");
        assertThat(told).containsExactly("x erred: E()", "x left", "x processing -> erred");
    }

    @Test
    void nothingIsToldOfOtherTasks() {
        marked = Set.of();
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x"), task("y", 1, TaskSpec.TaskOptions.NONE, "x")), "y");
        cluster.finish("a", "x");
        cluster.fail("a", "y");
        assertThat(told).containsExactly("submitted [x, y]");
    }
}
