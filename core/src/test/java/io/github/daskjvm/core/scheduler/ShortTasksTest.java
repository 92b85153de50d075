package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.given;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static java.util.Comparator.reverseOrder;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Event.StartStop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Root tasks held back by saturation, and what a worker of one thread is given once it is known how long they take.
class ShortTasksTest {
    private final Cluster cluster = new Cluster().client("c");

    @BeforeEach
    void manyRootTasks() {
        cluster.worker("w", 1);
        List<TaskSpec> tasks = new ArrayList<>();
        List<String> wanted = new ArrayList<>();
        for (int i = 10; i < 1200; i++) {
            tasks.add(task("t-" + i, i, TaskSpec.TaskOptions.NONE));
            wanted.add("t-" + i);
        }
        assertThat(given(cluster.submit("c", tasks, wanted.toArray(String[]::new)), "w"))
                .hasSize(2);
    }

    @Test
    void aWorkerGetsManyShortTasksAtOnceAndMoreWhenHalfOfThemAreDone() {
        assertThat(given(finish(10, 0.00001, 100), "w")).hasSize(511);
        for (int i = 11; i < 266; i++) {
            assertThat(given(finish(i, 0.00001, 100), "w")).isEmpty();
        }
        assertThat(given(finish(266, 0.00001, 100), "w")).hasSize(256);
    }

    @Test
    void itGetsManyAlsoWhenNoResultOfThemIsKept() {
        for (int i = 10; i < 266; i++) {
            finish(i, 0.00001, 100);
            cluster.on(new Event.ClientReleasesKeys("c", List.of(key("t-" + i)), "release"));
        }
        assertThat(given(finish(266, 0.00001, 100), "w")).hasSize(256);
    }

    @Test
    void allThatItGetsTakesFortyFiveMillisecondsAtMost() {
        assertThat(given(finish(10, 0.001, 100), "w")).hasSize(44);
    }

    @Test
    void whileItHasWorkForLongerItMayBeLeftAlone() {
        assertThat(cluster.state.leisureNanos()).isZero();
        finish(10, 0.00001, 100);
        assertThat(cluster.state.leisureNanos()).isEqualTo(79_000_000);

        cluster.worker("v", 1);
        assertThat(cluster.state.leisureNanos()).isEqualTo(79_000_000);
        for (int i = 11; i < 1200; i++) {
            TaskState task = cluster.state.task(key("t-" + i));
            WorkerEntry on = task == null ? null : task.processingOn();
            if (on != null && on.address().equals(address("w"))) {
                finish(i, 0.00001, 100);
            }
        }
        assertThat(cluster.state.leisureNanos()).isZero();
    }

    @Test
    void withLongerTasksItIsLeftAloneForHalfOfThatTime() {
        finish(10, 0.1, 100);
        assertThat(cluster.state.leisureNanos()).isEqualTo(20_000_000);
    }

    @Test
    void asItsWorkRunsOutItIsLeftAloneForLessTime() {
        List<Long> millis = new ArrayList<>();
        for (int i = 10; i < 1200; i++) {
            finish(i, 0.00001, 100);
            long now = cluster.state.leisureNanos() / 1_000_000;
            if (i > 900 && (millis.isEmpty() || millis.getLast() != now)) {
                millis.add(now);
            }
        }
        assertThat(millis)
                .startsWith(45L, 44L, 43L)
                .endsWith(6L, 5L, 4L, 0L)
                .hasSize(43)
                .isSortedAccordingTo(reverseOrder());
    }

    @Test
    void aWorkerOfTheJvmIsNotLeftAlone() {
        finish(10, 0.00001, 100);
        joinJvm();
        assertThat(cluster.state.leisureNanos()).isZero();
    }

    @Test
    void ofLongerTasksItGetsOneForEachThatIsDone() {
        assertThat(given(finish(10, 0.006, 100), "w")).hasSize(1);
    }

    @Test
    void ofTasksWithLargeResultsItGetsOneForEachThatIsDone() {
        assertThat(given(finish(10, 0.0001, 100_000_000), "w")).hasSize(1);
    }

    @Test
    void aWorkerOfTheJvmGetsManyMore() {
        joinJvm();
        List<TaskSpec> tasks = new ArrayList<>();
        List<String> wanted = new ArrayList<>();
        for (int i = 100; i < 500; i++) {
            tasks.add(new TaskSpec(key("u-" + i), "run", Runtime.JVM, List.of(), i, TaskSpec.TaskOptions.NONE));
            wanted.add("u-" + i);
        }
        assertThat(given(cluster.submit("c", tasks, wanted.toArray(String[]::new)), "j"))
                .hasSize(2);
        List<Command> more = cluster.on(new Event.TaskFinished(
                address("j"),
                key("u-100"),
                cluster.runId("u-100"),
                100,
                "type",
                "int",
                List.of(new StartStop("compute", 0, 0.000005)),
                1,
                "finished"));
        assertThat(given(more, "j")).hasSize(127);
    }

    private void joinJvm() {
        cluster.on(new Event.WorkerJoined(
                address("j"), "j", "10.0.0.2", Runtime.JVM, 1, 0, Map.of(), WorkerStatus.RUNNING, null, "join-j"));
    }

    private List<Command> finish(int task, double seconds, long bytes) {
        return cluster.on(new Event.TaskFinished(
                address("w"),
                key("t-" + task),
                cluster.runId("t-" + task),
                bytes,
                "type",
                "int",
                List.of(new StartStop("compute", 0, seconds)),
                1,
                "finished"));
    }
}
