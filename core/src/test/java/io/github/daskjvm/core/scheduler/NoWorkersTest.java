package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.given;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static io.github.daskjvm.core.scheduler.Cluster.told;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Work without a worker: queued where any worker could do it, and failed after a second.
class NoWorkersTest {
    private static final Failure.NoWorker NONE = new Failure.NoWorker(1);
    private static final Event TIMER = new Event.TimerFired(Timer.UNRUNNABLE_TIMEOUT);

    private final Cluster cluster = new Cluster(
                    new SchedulerConfig(3, 1.1, Duration.ofMillis(500), Map.of(), Duration.ofSeconds(1), 1e8, true))
            .client("c");

    @Test
    void whatAnyWorkerCouldDoIsQueuedAndTheRestIsNot() {
        cluster.submit("c", List.of(task("any"), task("bound", 0, Cluster.on(List.of("w"), false))), "any", "bound");
        assertThat(cluster.status("any")).isEqualTo(TaskStatus.QUEUED);
        assertThat(cluster.status("bound")).isEqualTo(TaskStatus.NO_WORKER);
        assertThat(cluster.state.snapshot().unrunnable()).isEqualTo(2);

        assertThat(given(cluster.worker("other", 1), "other")).containsExactly("any");
        assertThat(cluster.state.snapshot().unrunnable()).isEqualTo(1);
        assertThat(given(cluster.worker("w", 1), "w")).containsExactly("bound");
        assertThat(cluster.state.snapshot().unrunnable()).isZero();
    }

    @Test
    void anActorIsNeverQueued() {
        cluster.submit("c", List.of(task("actor", 0, Cluster.actor())), "actor");
        assertThat(cluster.status("actor")).isEqualTo(TaskStatus.NO_WORKER);
    }

    @Test
    void whileAllWorkersArePausedWhatIsQueuedCanRunNowhere() {
        cluster.worker("w", 1);
        cluster.on(new Event.WorkerStatusChanged(address("w"), WorkerStatus.PAUSED, "paused"));
        cluster.submit("c", List.of(task("t-1"), task("t-2"), task("t-3")), "t-1", "t-2", "t-3");
        assertThat(cluster.status("t-1")).isEqualTo(TaskStatus.QUEUED);
        assertThat(cluster.state.snapshot().unrunnable()).isEqualTo(3);
        cluster.on(new Event.WorkerStatusChanged(address("w"), WorkerStatus.RUNNING, "runs"));
        assertThat(cluster.status("t-3")).isEqualTo(TaskStatus.QUEUED);
        assertThat(cluster.state.snapshot().unrunnable()).isZero();
    }

    @Test
    void manyTasksFailInSlices() {
        var sliced = new Cluster(
                        new SchedulerConfig(3, 1.1, Duration.ofMillis(500), Map.of(), Duration.ofSeconds(1), 1e8, true),
                        4)
                .client("c");
        List<TaskSpec> tasks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tasks.add(i % 2 == 0 ? task("t-" + i) : task("b-" + i, 0, Cluster.on(List.of("none"), false)));
        }
        sliced.submit("c", tasks, tasks.stream().map(t -> t.key().toString()).toArray(String[]::new));
        while (sliced.state.isInSlices()) {
            sliced.on(new Event.TimerFired(Timer.SLICE));
        }
        sliced.nowNanos += 2_000_000_000L;
        for (int failed = 4; failed <= 20; failed += 4) {
            List<Command> commands = sliced.on(TIMER);
            assertThat(sliced.state.tasks().stream().filter(t -> t.status() == TaskStatus.ERRED))
                    .hasSize(failed);
            assertThat(commands.contains(new Command.SetTimer(Timer.UNRUNNABLE_TIMEOUT, 0)))
                    .isEqualTo(failed < 20);
        }
    }

    @Test
    void queuedTasksFailWhenThereHasBeenNoWorkerForTooLong() {
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("t-1"), task("t-2"), task("t-3")), "t-1", "t-2", "t-3");
        cluster.nowNanos += 5_000_000_000L;
        assertThat(cluster.die("w")).contains(new Command.SetTimer(Timer.UNRUNNABLE_TIMEOUT, 1_000_000_000L));
        cluster.nowNanos += 500_000_000L;
        List<Command> early = cluster.on(TIMER);
        assertThat(told(early, "c")).isEmpty();
        assertThat(early).contains(new Command.SetTimer(Timer.UNRUNNABLE_TIMEOUT, 499_000_000L));
        cluster.nowNanos += 499_000_000L;
        List<Command> late = cluster.on(TIMER);
        assertThat(told(late, "c"))
                .containsExactly(
                        new Command.NoWorker(key("t-1"), key("t-1"), NONE),
                        new Command.NoWorker(key("t-2"), key("t-2"), NONE),
                        new Command.NoWorker(key("t-3"), key("t-3"), NONE));
        assertThat(late)
                .contains(new Command.LogEvent(
                        "scheduler",
                        Map.of("action", "no-workers-timeout-exceeded", "keys", List.of("t-1", "t-2", "t-3"))));
    }

    @Test
    void aWorkerThatComesInTimeSavesWhatIsQueued() {
        cluster.submit("c", List.of(task("t-1")), "t-1");
        cluster.nowNanos += 2_000_000_000L;
        cluster.worker("w", 1);
        assertThat(told(cluster.on(TIMER), "c")).isEmpty();
        assertThat(cluster.status("t-1")).isEqualTo(TaskStatus.PROCESSING);
    }

    @Test
    void aTaskForWhichNoWorkerQualifiesFailsWithWhatItAskedFor() {
        cluster.worker("w", 1);
        cluster.submit(
                "c",
                List.of(
                        task("bound", 0, Cluster.on(List.of("nobody"), false)),
                        task("greedy", 1, Cluster.resources(Map.of("GPU", 1.0))),
                        task("after", "bound")),
                "greedy",
                "after");
        cluster.nowNanos += 2_000_000_000L;
        assertThat(told(cluster.on(TIMER), "c"))
                .containsExactly(
                        new Command.NoValidWorker(
                                key("after"), key("bound"), new Failure.NoValidWorker(List.of("nobody"), Map.of(), 1)),
                        new Command.NoValidWorker(
                                key("greedy"),
                                key("greedy"),
                                new Failure.NoValidWorker(List.of(), Map.of("GPU", 1.0), 1)));
    }

    @Test
    void aBoundTaskThatFoundNoWorkerAtAllFailsForThat() {
        cluster.submit("c", List.of(task("bound", 0, Cluster.on(List.of("nobody"), false))), "bound");
        cluster.nowNanos += 2_000_000_000L;
        assertThat(told(cluster.on(TIMER), "c"))
                .containsExactly(new Command.NoWorker(key("bound"), key("bound"), NONE));
    }
}
