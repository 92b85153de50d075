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
import io.github.daskjvm.core.scheduler.Command.TaskErred;
import io.github.daskjvm.core.scheduler.TaskSpec.TaskOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What becomes of a task whose inputs failed, were lost, or come back.
class FailedInputsTest {
    private final Cluster cluster = new Cluster().client("c");

    @Test
    void aLostResultWhoseInputHasFailedSinceFailsToo() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x"), task("y", 1, TaskOptions.NONE, "x")), "x", "y");
        cluster.finish("a", "x");
        cluster.finish("a", "y");
        cluster.worker("b", 1);
        // Only x is computed again, and this time it fails.
        cluster.on(new Event.ReplicasAdded(address("b"), keys("y"), "copied"));
        cluster.die("a");
        cluster.fail("b", "x");
        assertThat(cluster.status("y")).isEqualTo(TaskStatus.MEMORY);

        List<Command> commands = cluster.die("b");

        assertThat(told(commands, "c")).contains(new TaskErred(key("y"), "exception", "traceback"));
        assertThat(cluster.status("y")).isEqualTo(TaskStatus.ERRED);
    }

    private static TaskOptions on(String worker) {
        return new TaskOptions(0, 0, List.of(address(worker)), false, Map.of(), false, null, null);
    }

    @Test
    void whatNeedsAnInputThatItsWorkerCantReadFails() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.submit("c", List.of(task("x", 0, on("a"))), "x");
        cluster.finish("a", "x");
        cluster.submit("c", List.of(task("y", 1, on("b"), "x")), "y");
        cluster.submit("c", List.of(task("z", 1, on("a"), "x")), "z");

        List<Command> commands = cluster.on(new Event.TaskErred(
                address("b"),
                key("x"),
                -1,
                "unreadable",
                "traceback",
                "unreadable",
                "",
                List.of(),
                "gather-dep-failure"));

        assertThat(told(commands, "c")).containsExactly(new TaskErred(key("y"), "unreadable", "traceback"));
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.MEMORY);
        assertThat(cluster.status("z")).isEqualTo(TaskStatus.PROCESSING);
    }

    @Test
    void aTaskOverTwoBranchesOfARetriedFailureWaitsForBoth() {
        cluster.worker("a", 1);
        cluster.submit(
                "c",
                List.of(
                        task("x"),
                        task("left", 1, TaskOptions.NONE, "x"),
                        task("right", 2, TaskOptions.NONE, "x"),
                        task("both", 3, TaskOptions.NONE, "left", "right")),
                "both");
        cluster.fail("a", "x");

        List<Command> commands = cluster.on(new Event.RetryKeys(keys("both"), "retry"));

        assertThat(given(commands, "a")).containsExactly("x");
        assertThat(told(commands, "c")).noneMatch(TaskErred.class::isInstance);
        cluster.finish("a", "x");
        cluster.finish("a", "left");
        assertThat(given(cluster.finish("a", "right"), "a")).containsExactly("both");
    }

    @Test
    void aReleasedTaskRunsAgainWhenSomebodyAsksForIt() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x"), task("y", 1, TaskOptions.NONE, "x")), "y");
        cluster.finish("a", "x");
        cluster.finish("a", "y");
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.RELEASED);

        assertThat(given(cluster.on(new Event.ClientDesiresKeys("c", keys("x"))), "a"))
                .containsExactly("x");
    }

    @Test
    void whatNeedsLostDataThatNothingCanComputeIsCancelled() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.on(new Event.DataPlaced(
                Map.of(key("data"), List.of(address("a"))), Map.of(key("data"), 10L), "c", Runtime.PYTHON, "scatter"));
        cluster.submit("c", List.of(task("x", 0, Cluster.on(List.of("b"), false), "data")), "x");
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.PROCESSING);

        List<Command> commands = cluster.die("a");

        assertThat(told(commands, "c"))
                .contains(new Command.CancelledKeys(keys("data")), new Command.CancelledKeys(keys("x")));
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void aTaskWhoseInputsWouldKillItsWorkerIsNotSentThere() {
        cluster.on(new Event.WorkerJoined(
                address("a"), "a", "10.0.0.1", Runtime.PYTHON, 1, 1_000, Map.of(), WorkerStatus.RUNNING, null, "join"));
        cluster.on(new Event.DataPlaced(
                Map.of(key("one"), List.of(address("a")), key("two"), List.of(address("a"))),
                Map.of(key("one"), 600L, key("two"), 600L),
                "c",
                Runtime.PYTHON,
                "scatter"));
        List<Command> commands = cluster.submit(
                "c",
                List.of(
                        task("fits", 0, TaskOptions.NONE, "one"),
                        task("large", 1, TaskOptions.NONE, "one", "two"),
                        task("after", 2, TaskOptions.NONE, "large")),
                "fits",
                "after");
        assertThat(given(commands, "a")).containsExactly("fits");
        assertThat(told(commands, "c"))
                .containsExactly(new Command.InputsTooLarge(
                        key("after"), key("large"), new Failure.InputsTooLarge(address("a"), 1_200, 1_000)));
        assertThat(cluster.status("large")).isEqualTo(TaskStatus.ERRED);
    }

    @Test
    void aQueuedTaskWhoseInputsWouldKillItsWorkerIsNotSentThereEither() {
        assertThat(queuedBehindLargeInputs(new Cluster()))
                .containsExactly(new Command.InputsTooLarge(
                        key("r-3"), key("r-3"), new Failure.InputsTooLarge(address("a"), 1_200, 1_000)));
    }

    @Test
    void whereWorkersAreNotKilledForTheirMemoryTheyMayBeSentAnything() {
        SchedulerConfig usual = SchedulerConfig.DEFAULT;
        var lenient = new SchedulerConfig(
                usual.allowedFailures(),
                usual.workerSaturation(),
                usual.unknownTaskDuration(),
                usual.defaultTaskDurations(),
                usual.noWorkersTimeout(),
                usual.workStealing(),
                usual.workStealingInterval(),
                usual.bandwidthBytesPerSecond(),
                usual.validate(),
                usual.transitionLogLength(),
                usual.computationHistory(),
                new PlacementPolicy(5, 5, false),
                usual.memory());
        assertThat(queuedBehindLargeInputs(new Cluster(lenient))).isEmpty();
    }

    /// What the client is told when the third of three root tasks, which alone has large inputs, has its turn.
    private static List<Command.ClientMessage> queuedBehindLargeInputs(Cluster cluster) {
        cluster.client("c");
        cluster.on(new Event.WorkerJoined(
                address("a"), "a", "10.0.0.1", Runtime.PYTHON, 1, 1_000, Map.of(), WorkerStatus.RUNNING, null, "join"));
        cluster.on(new Event.DataPlaced(
                Map.of(key("data"), List.of(address("a"))),
                Map.of(key("data"), 1_200L),
                "c",
                Runtime.PYTHON,
                "scatter"));
        cluster.submit(
                "c",
                List.of(
                        task("r-1", 0, TaskOptions.NONE),
                        task("r-2", 1, TaskOptions.NONE),
                        task("r-3", 2, TaskOptions.NONE, "data")),
                "r-1",
                "r-2",
                "r-3");
        assertThat(cluster.status("r-3")).isEqualTo(TaskStatus.QUEUED);
        List<Command> commands = cluster.finish("a", "r-1");
        return told(commands, "c").stream()
                .filter(message -> message instanceof Command.InputsTooLarge)
                .toList();
    }

    @Test
    void nothingIsLeftOfWhatOnlyATaskThatIsOnlyToRunNeededWhenTheFirstOfItFails() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x"), task("y", "x"), task("z", "y", "x"), task("end", "x", "z")), "z", "end");
        cluster.on(new Event.ClientDesiresKeys("fire-and-forget", keys("end")));
        cluster.on(new Event.ClientReleasesKeys("c", keys("z", "end"), "release"));
        cluster.die("a"); // What waits for x now does so in the order in which it was submitted.
        cluster.worker("b", 1);
        cluster.fail("b", "x");
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void aTaskThatIsOnlyToRunIsForgottenWhenItsInputFails() {
        var cluster = new Cluster().client("c");
        cluster.worker("a", 1);
        cluster.submit("c", List.of(Cluster.task("x"), Cluster.task("y", "x")), "y");
        cluster.on(new Event.ClientDesiresKeys("fire-and-forget", Cluster.keys("y")));
        cluster.on(new Event.ClientReleasesKeys("c", Cluster.keys("y"), "release"));

        cluster.fail("a", "x");

        assertThat(cluster.status("y")).isEqualTo(TaskStatus.FORGOTTEN);
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.FORGOTTEN);
    }

    @Test
    void aTaskWhoseOnlyDependentIsCancelledIsNotDoneAgainWhenItsInputIsLostWithIt() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x")), "x");
        cluster.finish("a", "x");
        cluster.on(new Event.DataPlaced(
                Map.of(key("data"), List.of(address("a"))), Map.of(key("data"), 10L), "c", Runtime.PYTHON, "scatter"));
        cluster.submit("c", List.of(task("y", 1, TaskOptions.NONE, "x"), task("z", "y", "data")), "z");
        assertThat(cluster.status("y")).isEqualTo(TaskStatus.PROCESSING);

        cluster.die("a");

        assertThat(cluster.status("z")).isEqualTo(TaskStatus.FORGOTTEN);
        assertThat(cluster.status("y")).isEqualTo(TaskStatus.FORGOTTEN);
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.QUEUED);
    }
}
