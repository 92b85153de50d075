package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What becomes of a task that very many others need reaches these slice by slice, and until then they are neither run
/// without it nor lost.
class SpreadTest {
    private static final int SLICE = 4;
    private static final SchedulerConfig CONFIG =
            new SchedulerConfig(3, 1.1, Duration.ofMillis(500), Map.of(), Duration.ofSeconds(1), 1e8, true);

    private final Cluster cluster = new Cluster(CONFIG, SLICE).client("c").client("d");
    private final List<Command> commands = new ArrayList<>();

    private void slice() {
        commands.addAll(cluster.on(new Event.TimerFired(Timer.SLICE)));
    }

    private int finishSlices() {
        int slices = 0;
        while (cluster.state.isInSlices()) {
            assertThat(slices++).isLessThan(10_000);
            slice();
        }
        return slices;
    }

    private long count(TaskStatus status) {
        return cluster.state.tasks().stream()
                .filter(task -> task.status() == status)
                .count();
    }

    /// `leaf-0` to `leaf-29`, which need `hub-0` and are queued but for what the worker can take.
    private void fan(String hubWorker) {
        cluster.worker(hubWorker, 1);
        cluster.submit("c", tasks(), leaves());
        finishSlices();
        assertThat(count(TaskStatus.WAITING)).isEqualTo(30);
    }

    private static List<TaskSpec> tasks() {
        List<TaskSpec> tasks = new ArrayList<>(List.of(task("hub-0")));
        for (int i = 0; i < 30; i++) {
            tasks.add(task("leaf-" + i, i + 1, TaskSpec.TaskOptions.NONE, "hub-0"));
        }
        return tasks;
    }

    private static String[] leaves() {
        String[] leaves = new String[30];
        for (int i = 0; i < 30; i++) {
            leaves[i] = "leaf-" + i;
        }
        return leaves;
    }

    private void queuedFan(String hubWorker) {
        fan(hubWorker);
        cluster.finish(hubWorker, "hub-0");
        finishSlices();
        assertThat(count(TaskStatus.QUEUED)).isGreaterThan(20);
    }

    @Test
    void whatManyQueuedTasksNeedIsLostAndNoneOfThemIsGivenToAWorkerWithoutIt() {
        queuedFan("w");
        long queued = count(TaskStatus.QUEUED);
        cluster.worker("x", 1);
        commands.clear();
        commands.addAll(cluster.die("w"));
        assertThat(count(TaskStatus.QUEUED)).isGreaterThan(queued - 4 * SLICE);
        assertThat(finishSlices()).isGreaterThan(30 / SLICE);
        assertThat(Cluster.given(commands, "x")).containsExactly("hub-0");
        assertThat(count(TaskStatus.WAITING)).isEqualTo(30);

        assertThat(Cluster.given(cluster.finish("x", "hub-0"), "x")).isNotEmpty();
        finishSlices();
        assertThat(count(TaskStatus.WAITING)).isZero();
        assertThat(count(TaskStatus.QUEUED) + count(TaskStatus.PROCESSING)).isEqualTo(30);
    }

    @Test
    void whatManyQueuedTasksNeedIsBackBeforeAllOfThemHaveLookedForIt() {
        queuedFan("w");
        cluster.die("w");
        slice();
        cluster.worker("x", 1);
        while (cluster.status("hub-0") != TaskStatus.PROCESSING) {
            slice();
        }
        assertThat(count(TaskStatus.QUEUED)).isPositive();
        cluster.finish("x", "hub-0");
        finishSlices();
        assertThat(count(TaskStatus.WAITING)).isZero();
        for (int done = 0; done < 30; done++) {
            TaskState next =
                    cluster.state.worker(address("x")).processing().iterator().next();
            cluster.finish("x", next.key().toString());
        }
        assertThat(count(TaskStatus.MEMORY)).isEqualTo(30);
        assertThat(cluster.status("hub-0")).isEqualTo(TaskStatus.RELEASED);
    }

    @Test
    void queuedTasksAreReleasedAndCancelledWhileTheyDoNotYetKnowThatWhatTheyNeedIsLost() {
        queuedFan("w");
        cluster.die("w");
        cluster.on(new Event.ClientReleasesKeys("c", keys("leaf-29", "leaf-27"), "release"));
        cluster.on(new Event.CancelKeys("c", keys("leaf-28"), false, "cancel"));
        cluster.on(new Event.SetRestrictions(Map.of(key("leaf-26"), List.of("x"))));
        finishSlices();
        assertThat(cluster.state.tasks()).hasSize(28);
        assertThat(count(TaskStatus.WAITING)).isEqualTo(27);

        cluster.on(new Event.ClientDisconnected("c"));
        finishSlices();
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void whatManyNeedFailsAndTheyAreToldInSlices() {
        fan("w");
        commands.clear();
        commands.addAll(cluster.fail("w", "hub-0"));
        assertThat(count(TaskStatus.ERRED)).isLessThanOrEqualTo(1 + SLICE);
        slice();
        assertThat(count(TaskStatus.ERRED)).isBetween(2L, 1 + 3L * SLICE);
        finishSlices();
        assertThat(count(TaskStatus.ERRED)).isEqualTo(31);
        assertThat(erredKeys()).containsExactlyInAnyOrder(leaves());
    }

    @Test
    void dataThatManyNeedIsLostAndTheyAreCancelledInSlices() {
        cluster.worker("w", 1);
        cluster.worker("x", 1);
        cluster.on(new Event.DataPlaced(
                Map.of(key("hub-0"), List.of(address("w"))), Map.of(), "c", Runtime.PYTHON, "scatter"));
        cluster.submit("c", tasks().subList(1, 31), leaves());
        finishSlices();
        assertThat(count(TaskStatus.QUEUED)).isPositive();
        commands.clear();
        commands.addAll(cluster.die("w"));
        assertThat(cluster.status("hub-0")).isEqualTo(TaskStatus.FORGOTTEN);
        assertThat(cluster.state.tasks()).hasSizeGreaterThan(15);
        cluster.submit("d", List.of(task("leaf-29"), task("leaf-28")), "leaf-29");
        finishSlices();
        assertThat(cluster.state.tasks()).singleElement().hasToString("leaf-29 (processing)");
        assertThat(Cluster.given(commands, "x")).isEmpty();
        List<String> cancelled = new ArrayList<>();
        for (Command.ClientMessage message : Cluster.told(commands, "c")) {
            if (message instanceof Command.CancelledKeys(var keys)) {
                keys.forEach(key -> cancelled.add(key.toString()));
            }
        }
        assertThat(cancelled).contains("hub-0", "leaf-0", "leaf-27");
    }

    private List<String> erredKeys() {
        List<String> keys = new ArrayList<>();
        for (Command.ClientMessage message : Cluster.told(commands, "c")) {
            if (message instanceof Command.TaskErred erred) {
                keys.add(erred.key().toString());
            }
        }
        return keys;
    }

    @Test
    void whatManyNeedIsTriedAgainBeforeAllKnowThatItFailed() {
        fan("w");
        commands.clear();
        cluster.fail("w", "hub-0");
        slice();
        cluster.on(new Event.RetryKeys(keys("hub-0"), "retry"));
        finishSlices();
        assertThat(erredKeys()).hasSizeLessThan(30);
        assertThat(count(TaskStatus.WAITING)).isEqualTo(30);
        assertThat(cluster.status("hub-0")).isEqualTo(TaskStatus.PROCESSING);

        cluster.finish("w", "hub-0");
        finishSlices();
        assertThat(count(TaskStatus.QUEUED) + count(TaskStatus.PROCESSING)).isEqualTo(30);
    }

    @Test
    void manyThatFailedForOneTaskWaitForItAgainInSlicesAndFailWithItAgain() {
        fan("w");
        cluster.fail("w", "hub-0");
        finishSlices();
        cluster.on(new Event.RetryKeys(keys("leaf-3"), "retry"));
        assertThat(count(TaskStatus.WAITING)).isLessThanOrEqualTo(SLICE);
        slice();
        commands.clear();
        commands.addAll(cluster.fail("w", "hub-0"));
        finishSlices();
        assertThat(count(TaskStatus.ERRED)).isEqualTo(31);
        assertThat(erredKeys()).isNotEmpty().hasSizeLessThan(30);
    }

    @Test
    void whatAGraphNamesIsToldAtOnceWhatBecameOfWhatItNeeds() {
        fan("w");
        cluster.fail("w", "hub-0");
        cluster.submit("d", List.of(task("next", "leaf-29")), "next");
        finishSlices();
        assertThat(cluster.status("next")).isEqualTo(TaskStatus.ERRED);
    }

    @Test
    void aQueuedTaskDoesNotFailForWantOfAWorkerButForWhatItLacks() {
        queuedFan("w");
        cluster.die("w");
        cluster.nowNanos += 2_000_000_000L;
        cluster.on(new Event.TimerFired(Timer.UNRUNNABLE_TIMEOUT));
        finishSlices();
        assertThat(count(TaskStatus.ERRED)).isEqualTo(31);
        assertThat(cluster.state.tasks())
                .allSatisfy(task -> assertThat(task.blame()).hasToString("hub-0 (erred)"));
    }
}
