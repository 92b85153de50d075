package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.given;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShufflesTest {
    private static final String BARRIER = "shuffle-barrier-s";

    private final Cluster cluster = new Cluster();

    /// Inputs in-0 and in-1, a barrier, outputs out-0 and out-1, which the client wants; on two workers of one thread.
    private List<Command> submitShuffle() {
        cluster.client("c");
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        return cluster.submit(
                "c",
                List.of(
                        task("in-0"),
                        task("in-1"),
                        task(BARRIER, "in-0", "in-1"),
                        task("out-0", BARRIER),
                        task("out-1", BARRIER)),
                "out-0",
                "out-1");
    }

    private static Event.ShuffleStarted started(String shuffle, long runId, String key, String worker) {
        Map<Object, String> workerFor = new LinkedHashMap<>();
        workerFor.put(0L, address("a"));
        workerFor.put(1L, address("b"));
        return new Event.ShuffleStarted(shuffle, runId, key(key), address(worker), workerFor, "run " + runId);
    }

    private String holderOf(String key) {
        WorkerEntry worker = processor(key);
        return worker.name;
    }

    private WorkerEntry processor(String key) {
        TaskState task = cluster.state.task(key(key));
        if (task == null || task.processingOn() == null) {
            throw new AssertionError(key + " is on no worker");
        }
        return task.processingOn();
    }

    private void startRun(long runId) {
        cluster.on(started("s", runId, "in-0", holderOf("in-0")));
        assertThat(run().runId()).isEqualTo(runId);
    }

    private ShuffleRun run() {
        ShuffleRun run = cluster.state.shuffles().active("s");
        if (run == null) {
            throw new AssertionError("no run is active");
        }
        return run;
    }

    private void finish(String key) {
        cluster.finish(holderOf(key), key);
    }

    private void passBarrier() {
        finish("in-0");
        finish("in-1");
        finish(BARRIER);
    }

    private static List<String> failedOn(List<Command> commands) {
        List<String> failed = new ArrayList<>();
        for (Command command : commands) {
            if (command instanceof Command.ToWorker(String worker, Command.ShuffleFail fail)) {
                failed.add(worker + " " + fail.shuffle() + " " + fail.runId());
            }
        }
        return failed;
    }

    @Test
    void aRunStartsForATaskThatRuns() {
        submitShuffle();
        startRun(1);
        assertThat(run().participants()).containsExactlyInAnyOrder(address("a"), address("b"));
        assertThat(run().runSpec()).isEqualTo("run 1");
        assertThat(cluster.state.shuffles().needs(address("a"))).isTrue();
    }

    @Test
    void noRunStartsOnceItsBarrierHasFailed() {
        submitShuffle();
        cluster.on(new Event.ClientDesiresKeys("c", List.of(key("in-0"))));
        cluster.fail(holderOf("in-1"), "in-1");
        assertThat(cluster.status(BARRIER)).isEqualTo(TaskStatus.ERRED);

        cluster.on(started("s", 1, "in-0", holderOf("in-0")));

        assertThat(cluster.state.shuffles().active()).isEmpty();
    }

    @Test
    void noRunStartsForATaskThatDoesNotRunOrOnAWorkerThatIsGone() {
        submitShuffle();
        cluster.on(started("s", 1, "out-0", "a"));
        cluster.on(started("unknown", 1, "in-0", holderOf("in-0")));
        assertThat(cluster.state.shuffles().active()).isEmpty();
        cluster.die("b");
        cluster.on(started("s", 2, "in-0", "a"));
        assertThat(cluster.state.shuffles().active()).isEmpty();
    }

    @Test
    void aSecondRunDoesNotReplaceTheActiveOne() {
        submitShuffle();
        startRun(1);
        cluster.on(started("s", 2, "in-0", holderOf("in-0")));
        assertThat(run().runId()).isEqualTo(1);
    }

    @Test
    void anOutputIsBoundToItsWorkerAndFreedWhenTheRunEnds() {
        submitShuffle();
        startRun(1);
        passBarrier();
        String wrong = holderOf("out-1");
        String right = wrong.equals("a") ? "b" : "a";
        cluster.on(new Event.ShuffleOutputRestricted("s", 1, key("out-1"), address(right)));
        cluster.on(new Event.TaskRescheduled(address(wrong), key("out-1"), "reschedule"));
        assertThat(holderOf("out-1")).isEqualTo(right);
        finish("out-0");
        finish("out-1");
        assertThat(cluster.status(BARRIER)).isEqualTo(TaskStatus.RELEASED);
        assertThat(cluster.state.shuffles().active()).isEmpty();
        TaskState output = cluster.state.task(key("out-1"));
        assertThat(output).isNotNull();
        assertThat(output.uncommon.workerRestrictions).isNull();
    }

    @Test
    void anOutputThatIsQueuedSinceItCameLaterGoesToTheWorkerThatItIsBoundTo() {
        submitShuffle();
        startRun(1);
        passBarrier();
        List<TaskSpec> late = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            outputs.add("late-" + i);
            late.add(task("late-" + i, BARRIER));
        }
        cluster.submit("c", late, outputs.toArray(String[]::new));
        outputs.removeIf(output -> cluster.status(output) != TaskStatus.QUEUED);
        String queued = outputs.getFirst();

        cluster.on(new Event.ShuffleOutputRestricted("s", 1, key(queued), address("b")));

        assertThat(holderOf(queued)).isEqualTo("b");
    }

    @Test
    void workersDropARunThatIsOver() {
        submitShuffle();
        startRun(1);
        passBarrier();
        finish("out-0");
        List<Command> commands = cluster.finish(holderOf("out-1"), "out-1");
        assertThat(failedOn(commands)).containsExactlyInAnyOrder(address("a") + " s 1", address("b") + " s 1");
    }

    @Test
    void whenAParticipantIsLostTheOthersAreToldAndAllIsDoneAgain() {
        submitShuffle();
        startRun(1);
        passBarrier();
        finish("out-0");
        cluster.worker("c", 1);
        List<Command> commands = cluster.die("b");
        assertThat(failedOn(commands)).containsExactly(address("a") + " s 1");
        assertThat(cluster.state.shuffles().active()).isEmpty();
        assertThat(cluster.status("in-0")).isEqualTo(TaskStatus.PROCESSING);
        assertThat(cluster.status("in-1")).isEqualTo(TaskStatus.PROCESSING);
        assertThat(cluster.status("out-0")).isEqualTo(TaskStatus.WAITING);
        assertThat(cluster.status("out-1")).isEqualTo(TaskStatus.WAITING);
        assertThat(given(commands, "a")).isNotEmpty();
    }

    @Test
    void workersAreToldThatARunHasFailedBeforeTheyAreGivenItsTasksAgain() {
        submitShuffle();
        startRun(1);
        finish("in-0");
        cluster.worker("c", 2);
        List<Command> commands = cluster.die("b");
        List<String> toA = new ArrayList<>();
        for (Command command : commands) {
            if (command instanceof Command.ToWorker(String worker, Command.WorkerMessage message)
                    && worker.equals(address("a"))) {
                toA.add(message.getClass().getSimpleName());
            }
        }
        assertThat(toA).contains("ShuffleFail", "ComputeTask");
        assertThat(toA.indexOf("ShuffleFail")).isLessThan(toA.indexOf("ComputeTask"));
    }

    @Test
    void theLossOfAWorkerThatTakesNoPartChangesNothing() {
        submitShuffle();
        cluster.worker("c", 1);
        startRun(1);
        passBarrier();
        cluster.die("c");
        assertThat(run().runId()).isEqualTo(1);
    }

    @Test
    void aWorkerThatAsksForTheRunTakesPart() {
        submitShuffle();
        cluster.worker("c", 1);
        startRun(1);
        cluster.on(new Event.ShuffleJoined("s", address("c")), new Event.ShuffleJoined("s", address("nobody")));
        assertThat(run().participants()).containsExactlyInAnyOrder(address("a"), address("b"), address("c"));
        cluster.die("c");
        assertThat(cluster.state.shuffles().active()).isEmpty();
    }

    @Test
    void inputsThatDisagreeAboutTheRunAreSentAgain() {
        submitShuffle();
        startRun(1);
        finish("in-0");
        finish("in-1");
        cluster.on(new Event.ShuffleInconsistent("s", 7, "of another run"));
        assertThat(run().runId()).isEqualTo(1);
        List<Command> commands = cluster.on(new Event.ShuffleInconsistent("s", 1, "inconsistent"));
        assertThat(failedOn(commands)).hasSize(2);
        assertThat(cluster.status("in-0")).isEqualTo(TaskStatus.PROCESSING);
        assertThat(cluster.status(BARRIER)).isEqualTo(TaskStatus.WAITING);
    }

    @Test
    void aShuffleWhoseTaskFailsEndsAndIsToldOnce() {
        submitShuffle();
        startRun(1);
        List<Command> commands = cluster.fail(holderOf("in-1"), "in-1");
        assertThat(commands)
                .contains(new Command.LogEvent(
                        "p2p", Map.of("action", "p2p-failed", "shuffle", "s", "stimulus", "erred")));
        assertThat(cluster.status("out-0")).isEqualTo(TaskStatus.ERRED);
        assertThat(cluster.state.shuffles().active()).isEmpty();
    }

    private static List<Command> logged(List<Command> commands) {
        return commands.stream().filter(Command.LogEvent.class::isInstance).toList();
    }

    @Test
    void theFailureOfABarrierIsToldAndThatOfAnotherTaskIsNot() {
        submitShuffle();
        cluster.submit("c", List.of(task("other")), "other");
        startRun(1);
        assertThat(logged(cluster.fail(holderOf("other"), "other"))).isEmpty();
        finish("in-0");
        finish("in-1");
        assertThat(logged(cluster.fail(holderOf(BARRIER), BARRIER))).hasSize(1);
    }

    @Test
    void theFailureOfAnOutputIsToldOnce() {
        submitShuffle();
        startRun(1);
        passBarrier();
        assertThat(logged(cluster.fail(holderOf("out-0"), "out-0"))).hasSize(1);
        assertThat(logged(cluster.fail(holderOf("out-1"), "out-1"))).isEmpty();
    }

    @Test
    void aShuffleNobodyWantsAnyMoreEnds() {
        submitShuffle();
        startRun(1);
        List<Command> commands =
                cluster.on(new Event.ClientReleasesKeys("c", Cluster.keys("out-0", "out-1"), "released"));
        assertThat(failedOn(commands)).hasSize(2);
        assertThat(cluster.state.shuffles().active()).isEmpty();
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void twoShufflesWithTheSameOutputsMustAgreeWhereTheyAre() {
        cluster.client("c");
        cluster.worker("a", 2);
        cluster.worker("b", 2);
        cluster.submit(
                "c",
                List.of(
                        task("l"),
                        task("r"),
                        task(BARRIER, "l"),
                        task("shuffle-barrier-t", "r"),
                        task("out", BARRIER, "shuffle-barrier-t")),
                "out");
        cluster.on(started("s", 1, "l", holderOf("l")));
        TaskState other = cluster.state.task(key("shuffle-barrier-t"));
        assertThat(other).isNotNull();
        assertThat(cluster.state.shuffles().sharingOutputs(other)).containsExactly(run());
        String worker = holderOf("r");
        cluster.on(new Event.ShuffleStarted(
                "t", 2, key("r"), address(worker), Map.of(0L, address("b"), 1L, address("a")), "run 2"));
        assertThat(cluster.state.shuffles().active("t")).isNull();
        cluster.on(started("t", 3, "r", worker));
        assertThat(cluster.state.shuffles().active("t")).isNotNull();
    }

    @Test
    void outputsAreNotHeldBackAsRootTasks() {
        cluster.client("c");
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        List<TaskSpec> tasks = new ArrayList<>(List.of(task("in"), task(BARRIER, "in")));
        String[] outputs = new String[20];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = "out-" + i;
            tasks.add(task(outputs[i], BARRIER));
        }
        cluster.submit("c", tasks, outputs);
        cluster.on(started("s", 1, "in", holderOf("in")));
        finish("in");
        finish(BARRIER);
        for (String output : outputs) {
            assertThat(cluster.status(output)).isEqualTo(TaskStatus.PROCESSING);
        }
    }

    private List<Command> inconsistent(String key) {
        return cluster.on(new Event.TaskErred(
                processor(key).address,
                key(key),
                cluster.runId(key),
                "exception",
                null,
                "P2PConsistencyError('stale')",
                "",
                List.of(),
                "erred"));
    }

    @Test
    void aBarrierThatWaitsForAWorkerGoesOnWithTheRun() {
        submitShuffle();
        startRun(1);
        finish("in-0");
        for (String worker : List.of("a", "b")) {
            cluster.on(new Event.WorkerStatusChanged(address(worker), WorkerStatus.PAUSED, "pause"));
        }
        finish("in-1");
        assertThat(cluster.status(BARRIER)).isEqualTo(TaskStatus.NO_WORKER);

        cluster.on(new Event.WorkerStatusChanged(address("a"), WorkerStatus.RUNNING, "resume"));

        assertThat(cluster.status(BARRIER)).isEqualTo(TaskStatus.PROCESSING);
        assertThat(run().runId()).isEqualTo(1);
    }

    @Test
    void aTaskThatFindsItsRunOverHasTheShuffleStartOver() {
        submitShuffle();
        startRun(1);
        finish("in-0");
        finish("in-1");

        List<Command> commands = inconsistent(BARRIER);

        assertThat(failedOn(commands)).hasSize(2);
        assertThat(cluster.status("in-0")).isEqualTo(TaskStatus.PROCESSING);
        assertThat(cluster.status(BARRIER)).isEqualTo(TaskStatus.WAITING);
        assertThat(cluster.status("out-0")).isEqualTo(TaskStatus.WAITING);
    }

    @Test
    void aShuffleDoesNotStartOverForEver() {
        submitShuffle();
        int times = 0;
        while (cluster.status("in-0") == TaskStatus.PROCESSING) {
            inconsistent("in-0");
            times++;
        }
        assertThat(times).isEqualTo(11);
        assertThat(cluster.status("out-0")).isEqualTo(TaskStatus.ERRED);
    }

    @Test
    void anOutputThatFailedDoesNotKeepTheOthersFromStartingOver() {
        submitShuffle();
        startRun(1);
        passBarrier();
        String holder = holderOf("out-1");
        cluster.fail(holderOf("out-0"), "out-0");
        cluster.worker("c", 1);

        cluster.die(holder);

        assertThat(cluster.status("out-0")).isEqualTo(TaskStatus.ERRED);
        assertThat(cluster.status("out-1")).isEqualTo(TaskStatus.WAITING);
        assertThat(cluster.status("in-0")).isEqualTo(TaskStatus.PROCESSING);
    }

    private static List<String> freedOn(List<Command> commands, String worker) {
        List<String> freed = new ArrayList<>();
        for (Command command : commands) {
            if (command instanceof Command.ToWorker(String address, Command.FreeKeys free)
                    && address.equals(address(worker))) {
                free.keys().forEach(key -> freed.add(key.toString()));
            }
        }
        return freed;
    }

    /// It may still have the barrier's result of an earlier run, of which the scheduler does not know.
    @Test
    void aWorkerThatFindsTheRunOverDropsWhatItHasOfIt() {
        submitShuffle();
        startRun(1);
        finish("in-0");
        finish("in-1");
        String ofBarrier = holderOf(BARRIER);
        finish(BARRIER);
        String other = ofBarrier.equals("a") ? "b" : "a";
        cluster.on(new Event.ShuffleOutputRestricted("s", 1, key("out-1"), address(other)));
        cluster.on(new Event.TaskRescheduled(address(holderOf("out-1")), key("out-1"), "reschedule"));
        assertThat(holderOf("out-1")).isEqualTo(other);

        List<Command> commands = inconsistent("out-1");

        assertThat(freedOn(commands, other)).contains(BARRIER, "in-0", "in-1").doesNotHaveDuplicates();
        assertThat(freedOn(commands, ofBarrier)).containsOnlyOnce(BARRIER);
    }

    @Test
    void aWorkerWhoseInputsDisagreeDropsAllOfThem() {
        submitShuffle();
        startRun(1);
        finish("in-0");
        finish("in-1");
        String worker = holderOf(BARRIER);

        List<Command> commands = cluster.on(new Event.ShuffleInconsistent("s", 1, "inconsistent"));

        assertThat(freedOn(commands, worker)).containsExactlyInAnyOrder(BARRIER, "in-0", "in-1");
    }
}
