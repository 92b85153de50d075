package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.given;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static io.github.daskjvm.core.scheduler.Cluster.told;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command.CancelledKeys;
import io.github.daskjvm.core.scheduler.Command.FreeKeys;
import io.github.daskjvm.core.scheduler.Command.KeyInMemory;
import io.github.daskjvm.core.scheduler.Command.LostData;
import io.github.daskjvm.core.scheduler.Command.TaskErred;
import io.github.daskjvm.core.scheduler.Command.TaskRetried;
import io.github.daskjvm.core.scheduler.Command.ToClient;
import io.github.daskjvm.core.scheduler.Command.ToWorker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchedulerStateTest {
    private Cluster cluster = new Cluster().client("c");

    @Test
    void aTaskGoesToTheWorkerAndItsResultToTheClient() {
        cluster.worker("w", 1);
        assertThat(given(cluster.submit("c", List.of(task("x")), "x"), "w")).containsExactly("x");
        assertThat(cluster.finish("w", "x")).containsExactly(new ToClient("c", new KeyInMemory(key("x"), "type")));
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.MEMORY);
    }

    @Test
    void aTaskWaitsForWhatItDependsOnAndIntermediateResultsAreFreed() {
        cluster.worker("w", 1);
        List<Command> commands =
                cluster.submit("c", List.of(task("x"), task("y", 1, TaskSpec.TaskOptions.NONE, "x")), "y");
        assertThat(given(commands, "w")).containsExactly("x");
        assertThat(given(cluster.finish("w", "x"), "w")).containsExactly("y");
        assertThat(cluster.finish("w", "y")).contains(new ToWorker(address("w"), new FreeKeys(keys("x"), "finished")));
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.RELEASED);
    }

    @Test
    void aTaskRunsWhereItsInputsAre() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.submit(
                "c",
                List.of(task("x", 0, Cluster.on(List.of("b"), false)), task("y", 1, TaskSpec.TaskOptions.NONE, "x")),
                "y");
        assertThat(given(cluster.finish("b", "x"), "b")).containsExactly("y");
    }

    @Test
    void aTaskThatIsTriedAgainTakesTurnsAmongIdleWorkers() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        assertThat(given(cluster.submit("c", List.of(task("x", 0, Cluster.retries(3))), "x"), "a"))
                .containsExactly("x");
        assertThat(given(cluster.fail("a", "x"), "b")).containsExactly("x");
        assertThat(given(cluster.fail("b", "x"), "a")).containsExactly("x");
        assertThat(given(cluster.fail("a", "x"), "b")).containsExactly("x");
    }

    @Test
    void whatHoldsKeysAsAClientDoesIsForgottenWithTheLast() {
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("x")), "x");
        cluster.on(new Event.ClientDesiresKeys("queue-q", keys("x")));
        cluster.on(new Event.ClientReleasesKeys("c", keys("x"), "test"));
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.PROCESSING);
        cluster.on(new Event.ClientReleasesKeys("queue-q", keys("x"), "test"));
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.FORGOTTEN);
        cluster.on(new Event.ClientDesiresKeys("queue-q", keys("unknown")));
        cluster.on(new Event.ClientReleasesKeys("queue-q", keys("unknown"), "test"));
        assertThat(cluster.state.tasks()).isEmpty();
        assertThat(cluster.state.clients()).extracting(ClientEntry::id).containsExactly("c");
    }

    @Test
    void whatOnlyAVanishedClientWantedIsForgotten() {
        cluster.worker("w", 1);
        cluster.client("d");
        cluster.submit("c", List.of(task("x")), "x");
        cluster.submit("d", List.of(task("x"), task("z")), "x", "z");
        cluster.on(new Event.ClientDisconnected("d"));
        assertThat(cluster.status("z")).isEqualTo(TaskStatus.FORGOTTEN);
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.PROCESSING);
        assertThat(cluster.on(new Event.ClientDisconnected("c")))
                .contains(new ToWorker(address("w"), new FreeKeys(keys("x"), "client-disconnected")));
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void aFailureReachesWhoeverWantsWhatDependsOnIt() {
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("x"), task("y", 1, TaskSpec.TaskOptions.NONE, "x")), "y");
        assertThat(told(cluster.fail("w", "x"), "c"))
                .containsExactly(new TaskErred(key("y"), "exception", "traceback"));
        assertThat(cluster.status("y")).isEqualTo(TaskStatus.ERRED);
    }

    @Test
    void aNewTaskOnAFailedOneFailsAtOnce() {
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("x")), "x");
        cluster.fail("w", "x");
        assertThat(told(cluster.submit("c", List.of(task("z", "x")), "z"), "c"))
                .containsExactly(new TaskErred(key("z"), "exception", "traceback"));
    }

    @Test
    void aTaskWithRetriesLeftRunsAgain() {
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("x", 0, Cluster.retries(1))), "x");
        assertThat(given(cluster.fail("w", "x"), "w")).containsExactly("x");
        assertThat(told(cluster.fail("w", "x"), "c"))
                .containsExactly(new TaskErred(key("x"), "exception", "traceback"));
    }

    @Test
    void aRetriedTaskAndWhatFailedWithItRunAgain() {
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("x"), task("y", 1, TaskSpec.TaskOptions.NONE, "x")), "y");
        cluster.fail("w", "x");
        List<Command> commands = cluster.on(new Event.RetryKeys(keys("y"), "retry"));
        assertThat(given(commands, "w")).containsExactly("x");
        assertThat(told(commands, "c")).containsExactly(new TaskRetried(key("y")));
    }

    @Test
    void resultsOfALostWorkerAreComputedAgain() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x")), "x");
        cluster.finish("a", "x");
        cluster.worker("b", 1);
        List<Command> commands = cluster.die("a");
        assertThat(told(commands, "c")).containsExactly(new LostData(key("x")));
        assertThat(given(commands, "b")).containsExactly("x");
    }

    @Test
    void aTaskOfALostWorkerRunsElsewhere() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x")), "x");
        cluster.worker("b", 1);
        assertThat(given(cluster.die("a"), "b")).containsExactly("x");
    }

    @Test
    void aTaskThatKillsItsWorkersAgainAndAgainFails() {
        cluster = new Cluster().client("c");
        cluster.worker("w0", 1);
        cluster.submit("c", List.of(task("x")), "x");
        for (int i = 1; i <= 3; i++) {
            cluster.worker("w" + i, 1);
            assertThat(told(cluster.die("w" + (i - 1)), "c")).isEmpty();
        }
        assertThat(told(cluster.die("w3"), "c"))
                .containsExactly(new Command.TaskKilledWorkers(key("x"), key("x"), address("w3"), 3));
    }

    @Test
    void aTaskThatKillsItsWorkersFailsThoughItsInputIsLostWithThem() {
        cluster.worker("w0", 1);
        cluster.submit("c", List.of(task("in"), task("x", "in")), "x");
        for (int i = 0; i <= 3; i++) {
            cluster.finish("w" + i, "in");
            assertThat(cluster.status("x")).isEqualTo(TaskStatus.PROCESSING);
            cluster.worker("w" + (i + 1), 1);
            cluster.die("w" + i);
        }
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.ERRED);
    }

    @Test
    void aWorkerThatLeavesAsExpectedIsNotHeldAgainstItsTasks() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x")), "x");
        cluster.on(new Event.WorkerLeft(address("a"), true, "retired"));
        TaskState task = cluster.state.task(key("x"));
        assertThat(task).isNotNull();
        assertThat(task.suspicious()).isZero();
        assertThat(task.status()).isEqualTo(TaskStatus.QUEUED);
    }

    @Test
    void scatteredDataLostWithItsWorkerCancelsWhatNeedsIt() {
        cluster.worker("a", 1);
        cluster.on(new Event.DataPlaced(
                Map.of(key("d"), List.of(address("a"))), Map.of(key("d"), 10L), "c", Runtime.PYTHON, "scatter"));
        cluster.submit("c", List.of(task("x", "d")), "x");
        assertThat(told(cluster.die("a"), "c")).contains(new CancelledKeys(keys("d")), new CancelledKeys(keys("x")));
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void aTaskThatNoWorkerMayRunWaitsForOneThatMay() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x", 0, Cluster.resources(Map.of("GPU", 1.0)))), "x");
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.NO_WORKER);
        assertThat(given(cluster.worker("b", 1, Map.of("GPU", 2.0)), "b")).containsExactly("x");
    }

    @Test
    void aPreferredWorkerThatIsNotThereIsDoneWithout() {
        cluster.worker("a", 1);
        assertThat(given(cluster.submit("c", List.of(task("x", 0, Cluster.on(List.of("nobody"), true))), "x"), "a"))
                .containsExactly("x");
    }

    @Test
    void rootTasksAreHeldBackUntilAThreadIsFree() {
        cluster.worker("w", 1);
        List<TaskSpec> tasks = new ArrayList<>();
        String[] wanted = new String[10];
        for (int i = 0; i < 10; i++) {
            wanted[i] = "inc-" + i;
            tasks.add(task(wanted[i], i, TaskSpec.TaskOptions.NONE));
        }
        assertThat(given(cluster.submit("c", tasks, wanted), "w")).containsExactly("inc-0", "inc-1");
        assertThat(cluster.status("inc-9")).isEqualTo(TaskStatus.QUEUED);
        assertThat(given(cluster.finish("w", "inc-0"), "w")).containsExactly("inc-2");
        cluster.on(new Event.TaskLongRunning(address("w"), key("inc-1"), 0.1, "seceded"));
        assertThat(cluster.status("inc-3")).isEqualTo(TaskStatus.PROCESSING);
    }

    @Test
    void thePriorityOfTheUserComesFirst() {
        cluster.worker("w", 1);
        List<Command> commands = cluster.submit(
                "c", List.of(task("x", 0, TaskSpec.TaskOptions.NONE), task("y", 1, Cluster.priority(10))), "x", "y");
        assertThat(given(commands, "w")).containsExactly("y", "x");
    }

    @Test
    void cancellingATaskFreesItAndTellsEverybody() {
        cluster.client("d");
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("x")), "x");
        List<Command> commands = cluster.on(new Event.CancelKeys("c", keys("x"), false, "cancel"));
        assertThat(told(commands, "c")).contains(new CancelledKeys(keys("x")));
        assertThat(told(commands, "d")).contains(new CancelledKeys(keys("x")));
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.FORGOTTEN);
    }

    @Test
    void aTaskSomebodyElseWantsIsNotCancelled() {
        cluster.client("d");
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("x")), "x");
        cluster.submit("d", List.of(task("x")), "x");
        assertThat(cluster.on(new Event.CancelKeys("c", keys("x"), false, "cancel")))
                .isEmpty();
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.PROCESSING);
        cluster.on(new Event.CancelKeys("c", keys("x"), true, "cancel"));
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.FORGOTTEN);
    }

    @Test
    void newsOfAnOldAttemptIsAnsweredByFreeingIt() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.submit("c", List.of(task("x", 0, Cluster.on(List.of("a"), false))), "x");
        assertThat(cluster.finish("b", "x", 99))
                .containsExactly(new ToWorker(address("b"), new FreeKeys(keys("x"), "finished")));
        assertThat(cluster.finish("b", "nobody", 1))
                .containsExactly(new ToWorker(address("b"), new FreeKeys(keys("nobody"), "finished")));
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.PROCESSING);
        assertThat(given(cluster.finish("a", "x", 99), "a")).containsExactly("x");
    }

    @Test
    void aGraphThatNeedsSomethingUnknownIsCancelledAndTheRestRuns() {
        cluster.worker("w", 1);
        List<Command> commands = cluster.submit(
                "c",
                List.of(
                        task("x", "lost"),
                        task("y", 1, TaskSpec.TaskOptions.NONE, "x"),
                        task("z", 2, TaskSpec.TaskOptions.NONE)),
                "y",
                "z");
        assertThat(told(commands, "c")).containsExactly(new CancelledKeys(keys("y")));
        assertThat(given(commands, "w")).containsExactly("z");
    }

    @Test
    void aGraphWithACycleIsRejectedAndTheRestRuns() {
        cluster.worker("w", 1);
        List<Command> commands = cluster.submit("c", List.of(task("x", "y"), task("y", "x"), task("z")), "x", "z");
        assertThat(told(commands, "c")).singleElement().isInstanceOf(Command.TaskRejected.class);
        assertThat(given(commands, "w")).containsExactly("z");
        assertThat(cluster.status("y")).isEqualTo(TaskStatus.FORGOTTEN);
    }

    @Test
    void aPausedWorkerGetsNothingUntilItRunsAgain() {
        cluster.worker("w", 1);
        cluster.on(new Event.WorkerStatusChanged(address("w"), WorkerStatus.PAUSED, "paused"));
        assertThat(given(cluster.submit("c", List.of(task("x")), "x"), "w")).isEmpty();
        assertThat(given(cluster.on(new Event.WorkerStatusChanged(address("w"), WorkerStatus.RUNNING, "runs")), "w"))
                .containsExactly("x");
    }

    @Test
    void tasksOfOneRuntimeNeverGoToWorkersOfAnother() {
        cluster.worker("python", 1);
        var java = new TaskSpec(key("j"), "run j", Runtime.JVM, List.of(), 0, TaskSpec.TaskOptions.NONE);
        assertThat(given(cluster.submit("c", List.of(java), "j"), "python")).isEmpty();
        assertThat(cluster.status("j")).isEqualTo(TaskStatus.QUEUED);
        assertThat(cluster.state.snapshot().unrunnable()).isEqualTo(1);
        List<Command> commands = cluster.on(new Event.WorkerJoined(
                address("jvm"), "jvm", "h", Runtime.JVM, 1, 0, Map.of(), WorkerStatus.RUNNING, null, "join"));
        assertThat(given(commands, "jvm")).containsExactly("j");
    }

    @Test
    void aCopyGainedElsewhereSavesAResult() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.submit("c", List.of(task("x", 0, Cluster.on(List.of("a"), true))), "x");
        cluster.finish("a", "x");
        cluster.on(new Event.ReplicasAdded(address("b"), keys("x"), "copied"));
        assertThat(told(cluster.die("a"), "c")).isEmpty();
        assertThat(told(cluster.on(new Event.ReplicasDropped(address("b"), keys("x"), "dropped")), "c"))
                .containsExactly(new LostData(key("x")));
    }

    @Test
    void aResultLostWhileATaskThatNeedsItRunsSendsBothBack() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.submit(
                "c",
                List.of(
                        task("x", 0, Cluster.on(List.of("a"), true)),
                        task("y", 1, Cluster.on(List.of("b"), false), "x")),
                "y");
        cluster.finish("a", "x");
        assertThat(cluster.status("y")).isEqualTo(TaskStatus.PROCESSING);
        List<Command> commands = cluster.die("a");
        assertThat(commands).contains(new ToWorker(address("b"), new FreeKeys(keys("y"), "died")));
        assertThat(given(commands, "b")).containsExactly("x");
        assertThat(cluster.status("y")).isEqualTo(TaskStatus.WAITING);
    }

    @Test
    void fireAndForgetTasksAreForgottenOnceTheyHaveRun() {
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("x"), task("y")), "x", "y");
        cluster.on(
                new Event.ClientDesiresKeys("fire-and-forget", keys("x", "y")),
                new Event.ClientReleasesKeys("c", keys("x", "y"), "released"));
        cluster.finish("w", "x");
        cluster.fail("w", "y");
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void aTaskThatHasRunBeforeItIsFiredAndForgottenIsNotKept() {
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("x")), "x");
        cluster.finish("w", "x");
        cluster.on(
                new Event.ClientDesiresKeys("fire-and-forget", keys("x")),
                new Event.ClientReleasesKeys("c", keys("x"), "released"));
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void restartForgetsEverything() {
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("x"), task("y", 1, TaskSpec.TaskOptions.NONE, "x")), "x", "y");
        assertThat(told(cluster.on(new Event.Restart("restart")), "c")).contains(new Command.Restarted());
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void theSnapshotCountsWhatThereIs() {
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("x"), task("y", 1, TaskSpec.TaskOptions.NONE, "x")), "y");
        SchedulerSnapshot snapshot = cluster.state.snapshot();
        assertThat(snapshot.knownTasks()).isEqualTo(2);
        assertThat(snapshot.tasks(TaskStatus.PROCESSING)).isEqualTo(1);
        assertThat(snapshot.clients()).isEqualTo(1);
        assertThat(snapshot.workers())
                .singleElement()
                .satisfies(w -> assertThat(w.processing()).isEqualTo(1));
        assertThat(snapshot.desiredWorkers()).isEqualTo(1);
    }
}
