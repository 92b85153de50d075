package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.given;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StealingTest {
    private static final Command.SetTimer TIMER = new Command.SetTimer(Timer.STEALING, 100_000_000);

    private final Cluster cluster = new Cluster().client("c");

    /// `count` tasks that would rather run on worker a: `t-0`, `t-1`, and so on.
    private List<Command> submit(int count, TaskSpec.TaskOptions options) {
        List<TaskSpec> tasks = new ArrayList<>();
        String[] keys = new String[count];
        for (int i = 0; i < count; i++) {
            keys[i] = "t-" + i;
            tasks.add(task(keys[i], i, options));
        }
        return cluster.submit("c", tasks, keys);
    }

    private List<Command> submit(int count) {
        return submit(count, Cluster.on(List.of("a"), true));
    }

    private List<Command> balance() {
        return cluster.on(new Event.TimerFired(Timer.STEALING));
    }

    /// Keys that the commands ask the worker for.
    private static List<String> asked(List<Command> commands, String worker) {
        List<String> asked = new ArrayList<>();
        for (Command command : commands) {
            if (command instanceof Command.ToWorker(String to, Command.StealRequest(var key, String stimulus))
                    && to.equals(address(worker))) {
                asked.add(key.toString());
            }
        }
        return asked;
    }

    private List<Command> answer(String worker, String key, String state, String stimulus) {
        return cluster.on(new Event.StealAnswered(address(worker), key(key), state, stimulus));
    }

    @Test
    void whatABusyWorkerGivesUpRunsOnAnIdleOne() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        assertThat(submit(4)).contains(TIMER);
        assertThat(asked(balance(), "a")).containsExactly("t-3");
        List<Command> commands = answer("a", "t-3", "ready", "steal-0");
        assertThat(given(commands, "b")).containsExactly("t-3");
        assertThat(commands)
                .contains(new Command.LogEvent(
                        "stealing", List.of("confirm", "t-3", "ready", address("a"), address("b"), "steal-0")));
        assertThat(cluster.finish("b", "t-3")).isNotEmpty();
        assertThat(cluster.status("t-3")).isEqualTo(TaskStatus.MEMORY);
    }

    @Test
    void whatWasBegunStaysAndIsNotAskedForAgain() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        submit(3);
        List<String> first = asked(balance(), "a");
        assertThat(first).containsExactly("t-2");
        assertThat(given(answer("a", "t-2", "executing", "steal-0"), "b")).isEmpty();
        assertThat(cluster.state.task(key("t-2")).processingOn().address()).isEqualTo(address("a"));
        assertThat(asked(balance(), "a")).containsExactly("t-1");
    }

    @Test
    void aTaskThatItsWorkerDoesNotKnowIsPlacedAnew() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        submit(4);
        balance();
        List<Command> commands = answer("a", "t-3", null, "steal-0");
        assertThat(commands)
                .contains(new Command.ToWorker(address("a"), new Command.FreeKeys(List.of(key("t-3")), "steal-0")));
        assertThat(given(commands, "a")).containsExactly("t-3");
    }

    @Test
    void aTaskIsPlacedAnewIfTheThiefDiedOrPaused() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        submit(4);
        balance();
        cluster.on(new Event.WorkerStatusChanged(address("b"), WorkerStatus.PAUSED, "pause"));
        assertThat(given(answer("a", "t-3", "ready", "steal-0"), "a")).containsExactly("t-3");
        cluster.on(new Event.WorkerStatusChanged(address("b"), WorkerStatus.RUNNING, "unpause"));
        List<String> asked = asked(balance(), "a");
        assertThat(asked).hasSize(1);
        cluster.die("b");
        assertThat(given(answer("a", asked.getFirst(), "ready", "steal-1"), "a"))
                .isEqualTo(asked);
    }

    @Test
    void aVictimThatDiesTakesNothingWithIt() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        submit(3);
        balance();
        assertThat(given(cluster.die("a"), "b")).contains("t-0", "t-1", "t-2");
        assertThat(answer("a", "t-2", "ready", "steal-0"))
                .containsExactly(new Command.LogEvent(
                        "stealing", List.of("already-aborted", "t-2", "ready", address("a"), "steal-0")));
    }

    @Test
    void aTaskThatIsDoneBeforeItsVictimAnswersIsDone() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        submit(4);
        balance();
        cluster.finish("a", "t-3");
        assertThat(given(answer("a", "t-3", "memory", "steal-0"), "b")).isEmpty();
        assertThat(cluster.status("t-3")).isEqualTo(TaskStatus.MEMORY);
    }

    @Test
    void onlyTheVictimMayAnswerAndOnlyTheLastRequest() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        submit(4);
        balance();
        answer("b", "t-3", "ready", "steal-0");
        answer("a", "t-3", "ready", "steal-7");
        assertThat(cluster.state.task(key("t-3")).processingOn().address()).isEqualTo(address("a"));
        assertThat(given(answer("a", "t-3", "ready", "steal-0"), "b")).containsExactly("t-3");
    }

    @Test
    void aRestrictedTaskIsNotStolenFromWhereItMustRun() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        submit(10, Cluster.on(List.of("a"), false));
        assertThat(asked(balance(), "a")).isEmpty();
    }

    @Test
    void aTaskWithResourcesIsStolenByAWorkerThatHasThem() {
        cluster.worker("a", 1, Map.of("R", 1.0));
        submit(8, Cluster.resources(Map.of("R", 1.0)));
        cluster.worker("b", 1);
        assertThat(asked(balance(), "a")).isEmpty();
        cluster.worker("d", 1, Map.of("R", 2.0));
        List<String> asked = asked(balance(), "a");
        assertThat(asked).isNotEmpty();
        assertThat(given(answer("a", asked.getFirst(), "constrained", "steal-0"), "d"))
                .containsExactly(asked.getFirst());
        assertThat(cluster.state.worker(address("a")).usedResources.get("R")).isEqualTo(7);
        assertThat(cluster.state.worker(address("d")).usedResources.get("R")).isEqualTo(1);
    }

    @Test
    void longRunningTasksActorsAndThoseConfiguredAsFastAreLeftAlone() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        var actor = new TaskSpec.TaskOptions(0, 0, List.of("a"), true, Map.of(), true, null, null);
        submit(4, actor);
        assertThat(asked(balance(), "a")).isEmpty();
        List<TaskSpec> fast = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            fast.add(task("split-shuffle-" + i, i, Cluster.on(List.of("a"), true)));
        }
        cluster.submit("c", fast, "split-shuffle-0", "split-shuffle-1", "split-shuffle-2", "split-shuffle-3");
        assertThat(asked(balance(), "a")).isEmpty();
        cluster.submit("c", List.of(task("u-0", 0, Cluster.on(List.of("a"), true))), "u-0");
        cluster.on(new Event.TaskLongRunning(address("a"), key("u-0"), Double.NaN, "secede"));
        assertThat(asked(balance(), "a")).isEmpty();
    }

    @Test
    void whatIsDearToMoveAndSoonDoneStays() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.on(new Event.DataPlaced(
                Map.of(key("x"), List.of(address("a"))), Map.of(key("x"), 1_000_000_000L), "c", Runtime.PYTHON, "d"));
        List<TaskSpec> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            tasks.add(task("y" + i, i, TaskSpec.TaskOptions.NONE, "x"));
        }
        cluster.submit("c", tasks, "y0", "y1", "y2", "y3");
        assertThat(asked(balance(), "a")).isEmpty();
    }

    @Test
    void aThiefIsAskedForNoMoreThanItCanUse() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        submit(10);
        int inFlight = asked(balance(), "a").size();
        inFlight += asked(balance(), "a").size();
        inFlight += asked(balance(), "a").size();
        assertThat(inFlight).isLessThanOrEqualTo(5);
        WorkerEntry thief = cluster.state.worker(address("b"));
        assertThat(thief.inFlightTasks).isEqualTo(inFlight);
        assertThat(thief.inFlightSeconds).isCloseTo(0.5 * inFlight, within(1e-9));
    }

    @Test
    void aFreeThreadOfALargeWorkerIsUsedHoweverMuchItsOthersHaveToDo() {
        cluster.worker("a", 1);
        cluster.worker("b", 8);
        List<TaskSpec> running = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            running.add(task("long" + i, i, Cluster.on(List.of("b"), false)));
        }
        cluster.submit("c", running, "long0", "long1", "long2", "long3", "long4", "long5");
        submit(3);
        assertThat(asked(balance(), "a")).isNotEmpty();
    }

    @Test
    void whatStandsAtAPausedWorkerMayGoElsewhere() {
        cluster.worker("a", 2);
        submit(2);
        cluster.on(new Event.WorkerStatusChanged(address("a"), WorkerStatus.PAUSED, "pause"));
        cluster.worker("b", 2);
        assertThat(asked(balance(), "a")).containsExactly("t-1", "t-0");
    }

    @Test
    void withNothingToStealThereIsNoTimer() {
        cluster.worker("a", 2);
        cluster.worker("b", 2);
        assertThat(submit(2)).doesNotContain(TIMER);
        assertThat(cluster.finish("a", "t-0")).doesNotContain(TIMER);
    }

    @Test
    void afterALookThatFoundNothingTheNextWaitsForSomethingToHappen() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        assertThat(submit(4, Cluster.on(List.of("a"), false))).contains(TIMER);
        assertThat(balance()).isEmpty();
        assertThat(cluster.finish("a", "t-0")).contains(TIMER);
    }

    @Test
    void aPythonTaskIsNotStolenByAJvmWorker() {
        cluster.worker("a", 1);
        submit(4);
        cluster.on(new Event.WorkerJoined(
                address("j"), "j", "h", Runtime.JVM, 4, 0, Map.of(), WorkerStatus.RUNNING, null, "join"));
        assertThat(asked(balance(), "a")).isEmpty();
    }

    @Test
    void withStealingOffNothingIsStolen() {
        var config = new SchedulerConfig(
                3,
                1.1,
                Duration.ofMillis(500),
                Map.of(),
                Duration.ZERO,
                false,
                Duration.ofMillis(100),
                1e8,
                true,
                0,
                SchedulerConfig.COMPUTATION_HISTORY,
                PlacementPolicy.DEFAULT,
                MemoryPolicy.DEFAULT);
        var calm = new Cluster(config).client("c");
        calm.worker("a", 1);
        calm.worker("b", 1);
        List<TaskSpec> tasks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            tasks.add(task("t-" + i, i, Cluster.on(List.of("a"), true)));
        }
        assertThat(calm.submit("c", tasks, "t-0", "t-1", "t-2", "t-3")).doesNotContain(TIMER);
        assertThat(asked(calm.on(new Event.TimerFired(Timer.STEALING)), "a")).isEmpty();
    }

    @Test
    void requestsAreCountedByLevelAndLogged() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        submit(4);
        assertThat(balance())
                .contains(new Command.LogSteals(
                        List.of(new Command.Steal(0, key("t-3"), 0.5, address("a"), 2.0, address("b"), 0.0))));
        assertThat(cluster.state.stealing.levels.requests[0]).isEqualTo(1);
        assertThat(cluster.state.stealing.levels.costSeconds[0]).isEqualTo(0.5);
    }

    @Test
    void levelsAreTransferByDurationAndTheirLabelsAreDasks() {
        assertThat(StealingLevels.of(false, 0, 0, 1e8)).isZero();
        assertThat(StealingLevels.of(true, 0, 0.1, 1e8)).isEqualTo(6);
        assertThat(StealingLevels.of(true, 10_000_000, 0.1, 1e8)).isEqualTo(7);
        assertThat(StealingLevels.of(true, 0, 1000, 1e8)).isEqualTo(1);
        assertThat(StealingLevels.of(true, 0, 1e-5, 1e8)).isEqualTo(StealingLevels.NEVER);
        assertThat(StealingLevels.of(true, 0, 0, 1e8)).isEqualTo(StealingLevels.NEVER);
        List<Double> labels = new ArrayList<>();
        for (int level = 0; level < StealingLevels.COUNT; level++) {
            labels.add(StealingLevels.multiplier(level));
        }
        assertThat(labels)
                .containsExactly(
                        1.0, 1.03125, 1.0625, 1.125, 1.25, 1.5, 2.0, 3.0, 5.0, 9.0, 17.0, 33.0, 65.0, 129.0, 257.0);
    }
}
