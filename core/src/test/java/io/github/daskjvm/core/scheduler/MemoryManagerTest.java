package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.on;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command.AcquireReplicas;
import io.github.daskjvm.core.scheduler.Command.ChangeWorkerStatus;
import io.github.daskjvm.core.scheduler.Command.Dependency;
import io.github.daskjvm.core.scheduler.Command.RemoveReplicas;
import io.github.daskjvm.core.scheduler.Command.SetTimer;
import io.github.daskjvm.core.scheduler.Command.ToWorker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryManagerTest {
    private static final long INTERVAL_NANOS = 2_000_000_000L;
    private static final Event RUN = new Event.MemoryManagerTriggered();

    private final Cluster cluster = new Cluster().client("c");

    /// Workers `a`, `b`, … with one thread each, in this order.
    private void workers(String... names) {
        for (String name : names) {
            cluster.worker(name, 1);
        }
    }

    private void place(String key, String... workers) {
        List<String> holders = new ArrayList<>();
        for (String worker : workers) {
            holders.add(address(worker));
        }
        cluster.on(new Event.DataPlaced(
                Map.of(key(key), holders), Map.of(key(key), 100L), "c", Runtime.PYTHON, "scatter"));
    }

    private void uses(String worker, long bytes) {
        cluster.on(new Event.WorkerHeartbeat(address(worker), Map.of(), Double.NaN, bytes, 0, 0));
    }

    private List<Command> retire(String... workers) {
        List<String> addresses = new ArrayList<>();
        for (String worker : workers) {
            addresses.add(address(worker));
        }
        return cluster.on(new Event.RetireWorkers(addresses, "retire"));
    }

    private List<String> holders(String key) {
        TaskState task = cluster.state.task(key(key));
        List<String> holders = new ArrayList<>();
        if (task != null) {
            task.whoHas().forEach(worker -> holders.add(worker.name()));
        }
        return holders;
    }

    private static Command drops(String worker, int run, String... keys) {
        return new ToWorker(address(worker), new RemoveReplicas(keys(keys), "active_memory_manager-" + run));
    }

    private static Command fetches(String worker, int run, String key, String... from) {
        List<String> holders = new ArrayList<>();
        for (String holder : from) {
            holders.add(address(holder));
        }
        var copy = new Dependency(key(key), holders, 100);
        return new ToWorker(address(worker), new AcquireReplicas(List.of(copy), "active_memory_manager-" + run));
    }

    private static Command leaves(String worker) {
        return new ToWorker(address(worker), new ChangeWorkerStatus(WorkerStatus.CLOSING_GRACEFULLY, "retire"));
    }

    @Test
    void copiesBeyondTheFirstAreDroppedWhereMostMemoryIsInUse() {
        workers("a", "b", "d");
        place("x", "a", "b", "d");
        uses("a", 1000);
        uses("b", 3000);
        uses("d", 2000);
        assertThat(cluster.on(RUN)).containsExactly(drops("b", 1, "x"), drops("d", 1, "x"));
        assertThat(holders("x")).containsExactly("a");
        assertThat(cluster.on(RUN)).isEmpty();
    }

    @Test
    void theOnlyCopyStaysHoweverOftenItRuns() {
        workers("a", "b");
        place("x", "a");
        assertThat(cluster.on(RUN, RUN, RUN)).isEmpty();
        assertThat(holders("x")).containsExactly("a");
    }

    @Test
    void aWorkerThatKeepsItsCopyIsAHolderAgain() {
        workers("a", "b");
        place("x", "a", "b");
        assertThat(cluster.on(RUN)).containsExactly(drops("a", 1, "x"));
        cluster.on(new Event.ReplicasAdded(address("a"), keys("x"), "refused"));
        assertThat(holders("x")).containsExactly("b", "a");
    }

    @Test
    void copiesThatTasksNeedStayUntilTheyAreDone() {
        workers("a", "b");
        place("x", "a", "b");
        cluster.submit(
                "c",
                List.of(task("y", 0, on(List.of("a"), false), "x"), task("z", 1, on(List.of("b"), false), "x")),
                "y",
                "z");
        assertThat(cluster.on(RUN)).isEmpty();
        cluster.finish("a", "y");
        assertThat(cluster.on(RUN)).containsExactly(drops("a", 2, "x"));
    }

    @Test
    void aPausedWorkerDropsItsCopyFirst() {
        workers("a", "b", "d");
        place("x", "a", "b", "d");
        uses("a", 3000);
        cluster.on(new Event.WorkerStatusChanged(address("d"), WorkerStatus.PAUSED, "paused"));
        assertThat(cluster.on(RUN)).containsExactly(drops("d", 1, "x"), drops("a", 1, "x"));
    }

    @Test
    void theLastCopyOnARunningWorkerStaysWhileAPausedOneNeedsItsOwn() {
        workers("a", "b");
        place("x", "a", "b");
        cluster.submit("c", List.of(task("y", 0, on(List.of("a"), false), "x")), "y");
        cluster.on(new Event.WorkerStatusChanged(address("a"), WorkerStatus.PAUSED, "paused"));
        assertThat(cluster.on(RUN)).isEmpty();
        assertThat(holders("x")).containsExactly("a", "b");
    }

    @Test
    void startedItRunsAtItsIntervalUntilItIsStopped() {
        workers("a", "b");
        place("x", "a", "b");
        var start = new Event.MemoryManagerSwitched(true);
        var tick = new SetTimer(Timer.MEMORY_MANAGER, INTERVAL_NANOS);
        var fired = new Event.TimerFired(Timer.MEMORY_MANAGER);
        assertThat(cluster.on(start, start)).containsExactly(tick);
        assertThat(cluster.on(fired)).containsExactlyInAnyOrder(drops("a", 1, "x"), tick);
        cluster.on(new Event.MemoryManagerSwitched(false));
        assertThat(cluster.on(fired)).isEmpty();
        assertThat(cluster.state.memoryManagerStarted()).isFalse();
    }

    @Test
    void whatOnlyARetiringWorkerHoldsGoesToTheOneWithMostMemoryLeft() {
        workers("a", "b", "d");
        place("x", "a");
        uses("b", 500);
        assertThat(retire("a"))
                .containsExactly(
                        leaves("a"), fetches("d", 1, "x", "a"), new SetTimer(Timer.RETIREMENT, INTERVAL_NANOS));
        assertThat(cluster.state.retirement(address("a"))).isEqualTo(Retirement.MOVING);
        cluster.on(new Event.ReplicasAdded(address("d"), keys("x"), "copied"));
        assertThat(cluster.state.retirement(address("a"))).isEqualTo(Retirement.DONE);
        assertThat(cluster.on(new Event.TimerFired(Timer.RETIREMENT))).contains(drops("a", 2, "x"));
        assertThat(cluster.state.retirement(address("a"))).isEqualTo(Retirement.DONE);
        assertThat(holders("x")).containsExactly("d");
    }

    @Test
    void aRecipientThatDiesIsReplacedByAnother() {
        workers("a", "b", "d");
        place("x", "a");
        uses("b", 500);
        assertThat(retire("a")).contains(fetches("d", 1, "x", "a"));
        cluster.die("d");
        assertThat(cluster.on(new Event.TimerFired(Timer.RETIREMENT))).contains(fetches("b", 2, "x", "a"));
    }

    @Test
    void aWorkerWhoseResultsNobodyCanTakeStays() {
        workers("a");
        place("x", "a");
        assertThat(retire("a")).contains(leaves("a"));
        assertThat(cluster.state.retirement(address("a"))).isEqualTo(Retirement.NO_RECIPIENTS);
        cluster.on(new Event.WorkerStatusChanged(address("a"), WorkerStatus.RUNNING, "back"));
        assertThat(cluster.state.retirement(address("a"))).isEqualTo(Retirement.NONE);
    }

    @Test
    void aCopyOnAnotherRetiringWorkerDoesNotCount() {
        workers("a", "b", "d");
        place("x", "a", "b");
        assertThat(retire("a", "b"))
                .contains(leaves("a"), leaves("b"), fetches("d", 1, "x", "a", "b"), drops("a", 1, "x"));
        assertThat(cluster.state.retirement(address("a"))).isEqualTo(Retirement.DONE);
        assertThat(cluster.state.retirement(address("b"))).isEqualTo(Retirement.MOVING);
    }

    @Test
    void aWorkerThatIsGoneHasRetired() {
        workers("a", "b");
        place("x", "a");
        retire("a");
        cluster.die("a");
        assertThat(cluster.state.retirement(address("a"))).isEqualTo(Retirement.DONE);
    }

    @Test
    void aResultIsNotCopiedToWorkersOfAnotherRuntime() {
        workers("a");
        cluster.on(new Event.WorkerJoined(
                address("j"), "j", "h", Runtime.JVM, 1, 0, Map.of(), WorkerStatus.RUNNING, null, "join"));
        place("x", "a");
        retire("a");
        assertThat(cluster.state.retirement(address("a"))).isEqualTo(Retirement.NO_RECIPIENTS);
    }

    @Test
    void oldUnmanagedMemoryIsTheLeastOfTheLastHalfMinute() {
        workers("a");
        WorkerEntry worker = cluster.state.worker(address("a"));
        assertThat(worker).isNotNull();
        uses("a", 1000);
        uses("a", 5000);
        assertThat(worker.memoryBytes(MemoryMeasure.UNMANAGED_OLD)).isEqualTo(1000);
        assertThat(worker.memoryBytes(MemoryMeasure.UNMANAGED_RECENT)).isEqualTo(4000);
        cluster.nowNanos += 31_000_000_000L;
        uses("a", 7000);
        assertThat(worker.memoryBytes(MemoryMeasure.OPTIMISTIC)).isEqualTo(7000);
        place("x", "a");
        assertThat(worker.memoryBytes(MemoryMeasure.MANAGED)).isEqualTo(100);
        assertThat(worker.memoryBytes(MemoryMeasure.UNMANAGED)).isEqualTo(6900);
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.MEMORY);
    }

    @Test
    void workersGoOnRetiringWhenTheManagerIsStopped() {
        workers("a", "b");
        place("x", "a");
        cluster.on(new Event.MemoryManagerSwitched(true));
        retire("a");

        assertThat(cluster.on(new Event.MemoryManagerSwitched(true))).isEmpty();
        assertThat(cluster.on(new Event.MemoryManagerSwitched(false)))
                .containsExactly(new SetTimer(Timer.RETIREMENT, INTERVAL_NANOS));
        assertThat(cluster.on(new Event.TimerFired(Timer.RETIREMENT))).contains(fetches("b", 2, "x", "a"));
    }

    @Test
    void stoppingTheManagerAsksForNoTimerWhileNobodyRetires() {
        workers("a");
        cluster.on(new Event.MemoryManagerSwitched(true));
        assertThat(cluster.on(new Event.MemoryManagerSwitched(false))).isEmpty();
        assertThat(cluster.on(new Event.MemoryManagerSwitched(false))).isEmpty();
    }
}
