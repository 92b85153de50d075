package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What is done in slices does in the end what it would have done at once, whatever comes in between, and no step does
/// more than a slice.
class SlicesTest {
    private static final int SLICE = 4;

    private final Cluster cluster =
            new Cluster(SchedulerConfig.DEFAULT, SLICE).client("c").client("d");
    private final List<Command> commands = new ArrayList<>();

    private boolean more() {
        return cluster.state.isInSlices();
    }

    /// One slice.
    private void slice() {
        commands.addAll(cluster.on(new Event.TimerFired(Timer.SLICE)));
    }

    private int finishSlices() {
        int slices = 0;
        while (more()) {
            assertThat(slices++).isLessThan(10_000);
            slice();
        }
        return slices;
    }

    private void large(String client, List<TaskSpec> tasks, String... wanted) {
        var graph = new Event.UpdateGraph(client, tasks, keys(wanted), null, 0, "graph");
        GraphPlan plan = GraphPlan.of(graph);
        assertThat(plan).isNotNull();
        commands.addAll(cluster.on(new Event.LargeGraph(graph, plan), new Event.Marker(client)));
    }

    private static TaskSpec ordered(int order, String key, String... dependencies) {
        return task(key, order, TaskSpec.TaskOptions.NONE, dependencies);
    }

    /// `x-0` to `x-N`, each of which needs the one before.
    private static List<TaskSpec> chain(int length) {
        List<TaskSpec> chain = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            chain.add(i == 0 ? ordered(i, "x-0") : ordered(i, "x-" + i, "x-" + (i - 1)));
        }
        return chain;
    }

    private boolean reached(String receipt) {
        return commands.contains(new Command.Reached(receipt));
    }

    @Test
    void aLargeGraphBecomesTheSameTasksAsAtOnce() {
        List<TaskSpec> tasks = new ArrayList<>(chain(20));
        tasks.add(ordered(20, "y", "x-3", "x-19"));
        tasks.add(ordered(21, "not needed", "x-2"));
        large("c", tasks, "y", "x-5");
        finishSlices();

        Cluster whole = new Cluster().client("c").client("d");
        whole.submit("c", tasks, "y", "x-5");
        assertThat(described(cluster)).isEqualTo(described(whole));
        assertThat(reached("c")).isTrue();
    }

    private static List<String> described(Cluster cluster) {
        List<String> described = new ArrayList<>();
        for (TaskState task : cluster.state.tasks()) {
            described.add(task + " " + task.priority() + " needs " + task.dependencies() + " for " + task.waiters
                    + " wanted by " + task.whoWants().size() + " in " + task.spanId() + task.held);
        }
        described.sort(null);
        return described;
    }

    @Test
    void noSliceMakesMoreThanItsShareOfTasks() {
        large("c", chain(100), "x-99");
        int before = 0;
        while (more()) {
            slice();
            int after = cluster.state.tasks().size();
            assertThat(after - before).isLessThanOrEqualTo(SLICE);
            before = after;
        }
        assertThat(before).isEqualTo(100);
    }

    @Test
    void theMarkerComesAfterTheLastSlice() {
        large("c", chain(20), "x-19");
        while (!reached("c")) {
            assertThat(more()).isTrue();
            slice();
        }
        assertThat(cluster.status("x-19")).isEqualTo(TaskStatus.WAITING);
        assertThat(cluster.status("x-0")).isEqualTo(TaskStatus.NO_WORKER);
        assertThat(cluster.on(new Event.Marker("again"))).containsExactly(new Command.Reached("again"));
    }

    @Test
    void theFirstTasksRunWhileTheLastDoNotYetWait() {
        cluster.worker("w", 1);
        large("c", chain(200), "x-199");
        while (cluster.status("x-0") != TaskStatus.PROCESSING) {
            slice();
        }
        assertThat(cluster.status("x-199")).isEqualTo(TaskStatus.RELEASED);
        commands.addAll(cluster.finish("w", "x-0"));
        assertThat(cluster.status("x-0")).isIn(TaskStatus.MEMORY, TaskStatus.RELEASED);
        for (int i = 1; i < 200; i++) {
            while (cluster.status("x-" + i) != TaskStatus.PROCESSING) {
                assertThat(more()).isTrue();
                slice();
            }
            cluster.finish("w", "x-" + i);
        }
        finishSlices();
        assertThat(cluster.status("x-199")).isEqualTo(TaskStatus.MEMORY);
        assertThat(cluster.status("x-7")).isEqualTo(TaskStatus.RELEASED);
    }

    @Test
    void aSmallGraphOfAnotherClientComesInBetween() {
        cluster.worker("w", 1);
        large("c", chain(200), "x-199");
        slice();
        List<Command> between = cluster.submit("d", List.of(task("quick")), "quick");
        assertThat(Cluster.given(between, "w")).containsExactly("quick");
        assertThat(reached("c")).isFalse();
    }

    @Test
    void whatALargeGraphNeedsIsNotReleasedBetweenItsSlices() {
        cluster.worker("w", 1);
        cluster.submit("d", List.of(task("input")), "input");
        cluster.finish("w", "input");
        List<TaskSpec> tasks = chain(30);
        tasks.add(ordered(30, "y", "x-29", "input"));
        large("c", tasks, "y");
        slice();
        cluster.on(new Event.ClientReleasesKeys("d", keys("input"), "release"));
        assertThat(cluster.status("input")).isEqualTo(TaskStatus.MEMORY);
        finishSlices();
        assertThat(cluster.status("y")).isEqualTo(TaskStatus.WAITING);
        cluster.on(new Event.ClientReleasesKeys("c", keys("y"), "release"));
        finishSlices();
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void whatOthersWantedOfALargeGraphAndLetGoStaysInIt() {
        large("c", chain(40), "x-39");
        while (cluster.status("x-3") == TaskStatus.FORGOTTEN) {
            slice();
        }
        cluster.on(new Event.ClientDesiresKeys("d", keys("x-3", "x-2")));
        cluster.on(new Event.ClientReleasesKeys("d", keys("x-3", "x-2"), "release"));
        finishSlices();
        assertThat(cluster.state.tasks()).hasSize(40);
        assertThat(cluster.status("x-39")).isEqualTo(TaskStatus.WAITING);
    }

    @Test
    void aClientThatGoesTakesItsGraphWithIt() {
        cluster.worker("w", 1);
        for (int slices = 0; slices < 120; slices += 7) {
            large("c", chain(50), "x-49", "x-9");
            for (int i = 0; i < slices && more(); i++) {
                slice();
            }
            commands.addAll(cluster.on(new Event.ClientDisconnected("c"), new Event.ClientConnected("c")));
            finishSlices();
            assertThat(cluster.state.tasks()).as("after %s slices", slices).isEmpty();
        }
    }

    @Test
    void whatNeedsWhatNobodyKnowsIsCancelledAndTheRestGoesOn() {
        List<TaskSpec> tasks = chain(20);
        tasks.add(ordered(20, "y-0", "x-4", "nowhere"));
        tasks.add(ordered(21, "y-1", "y-0"));
        tasks.add(ordered(22, "only for y", "x-3"));
        tasks.add(ordered(23, "y-2", "y-1", "only for y"));
        large("c", tasks, "y-2", "x-19", "nobody knows");
        finishSlices();
        assertThat(cancelled()).containsExactlyInAnyOrder("y-2", "nobody knows");
        assertThat(cluster.state.tasks()).hasSize(20);
    }

    private List<String> cancelled() {
        List<String> cancelled = new ArrayList<>();
        for (Command.ClientMessage message : Cluster.told(commands, "c")) {
            if (message instanceof Command.CancelledKeys(var keys)) {
                keys.forEach(key -> cancelled.add(key.toString()));
            }
        }
        return cancelled;
    }

    @Test
    void whatIsCancelledByForceBetweenSlicesTakesWhatNeedsItWithIt() {
        large("c", chain(40), "x-39", "x-2");
        while (cluster.status("x-10") == TaskStatus.FORGOTTEN) {
            slice();
        }
        commands.addAll(cluster.on(new Event.CancelKeys("d", keys("x-7"), true, "cancel")));
        finishSlices();
        assertThat(cluster.status("x-39")).isEqualTo(TaskStatus.FORGOTTEN);
        assertThat(cluster.status("x-2")).isNotEqualTo(TaskStatus.FORGOTTEN);
        assertThat(cancelled()).contains("x-39");
        assertThat(cluster.state.tasks()).hasSize(3);
    }

    @Test
    void aGraphWithACycleOrAKeyTwiceHasNoPlan() {
        assertThat(plan(ordered(0, "a", "b"), ordered(1, "b", "a"))).isNull();
        assertThat(plan(ordered(0, "a", "a"))).isNull();
        assertThat(plan(ordered(0, "a"), ordered(1, "a"))).isNull();
        assertThat(plan(ordered(1, "b", "a"), ordered(0, "a"))).isNotNull();
    }

    private static GraphPlan plan(TaskSpec... tasks) {
        return GraphPlan.of(new Event.UpdateGraph("c", List.of(tasks), List.of(), null, 0, "graph"));
    }

    @Test
    void whatFollowsFromOneReleaseIsDoneInSlices() {
        cluster.submit("c", chain(100), "x-99");
        finishSlices();
        commands.addAll(cluster.on(new Event.ClientReleasesKeys("c", keys("x-99"), "release")));
        AtomicInteger left = new AtomicInteger(cluster.state.tasks().size());
        assertThat(left.get()).isPositive();
        while (more()) {
            slice();
            int now = cluster.state.tasks().size();
            assertThat(left.get() - now).isLessThanOrEqualTo(3 * SLICE);
            left.set(now);
        }
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void whatIsSubmittedAgainWhileItIsYetToBeForgottenStays() {
        cluster.submit("c", chain(100), "x-99");
        finishSlices();
        cluster.on(new Event.ClientReleasesKeys("c", keys("x-99"), "release"));
        slice();
        cluster.submit("c", chain(100), "x-99");
        finishSlices();
        assertThat(cluster.state.tasks()).hasSize(100);
        assertThat(cluster.status("x-99")).isEqualTo(TaskStatus.WAITING);
    }

    @Test
    void aFailureThatIsYetToBeForgottenIsNotThatOfTheNextTaskOfItsName() {
        cluster.worker("w", 1);
        cluster.submit("c", List.of(task("bad")), "bad");
        cluster.fail("w", "bad");
        List<TaskSpec> others = new ArrayList<>();
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            others.add(ordered(i, "o-" + i));
            wanted.add("o-" + i);
        }
        cluster.submit("c", others, wanted.toArray(String[]::new));
        finishSlices();
        wanted.addFirst("bad");
        cluster.on(new Event.ClientReleasesKeys("c", keys(wanted.toArray(String[]::new)), "release"));
        commands.clear();
        commands.addAll(cluster.submit("c", List.of(task("bad")), "bad"));
        finishSlices();
        assertThat(Cluster.told(commands, "c")).noneMatch(message -> message instanceof Command.TaskErred);
        assertThat(cluster.status("bad")).isEqualTo(TaskStatus.PROCESSING);
    }

    @Test
    void anErrorReachesAllThatNeedTheTaskInSlices() {
        cluster.worker("w", 1);
        cluster.submit("c", chain(50), "x-49");
        finishSlices();
        commands.addAll(cluster.fail("w", "x-0"));
        assertThat(cluster.status("x-49")).isEqualTo(TaskStatus.WAITING);
        finishSlices();
        assertThat(cluster.status("x-49")).isEqualTo(TaskStatus.ERRED);
        assertThat(Cluster.told(commands, "c")).hasAtLeastOneElementOfType(Command.TaskErred.class);
        cluster.on(new Event.RetryKeys(keys("x-49"), "retry"));
        finishSlices();
        assertThat(cluster.status("x-49")).isEqualTo(TaskStatus.WAITING);
        assertThat(cluster.status("x-0")).isEqualTo(TaskStatus.PROCESSING);
    }

    @Test
    void manyKeysAreReleasedInSlicesAndTheClientsNextWishComesAfter() {
        List<TaskKey> keys = manyTasks();
        cluster.on(new Event.ClientReleasesKeys("c", keys, "release"));
        assertThat(cluster.state.tasks()).isNotEmpty();
        cluster.on(new Event.ClientDesiresKeys("c", List.of(key("m-30"))));
        finishSlices();
        assertThat(cluster.state.tasks()).hasSize(1);
    }

    private List<TaskKey> manyTasks() {
        List<TaskSpec> tasks = new ArrayList<>();
        List<TaskKey> keys = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            tasks.add(ordered(i, "m-" + i));
            keys.add(key("m-" + i));
        }
        cluster.submit("c", tasks, keys.stream().map(TaskKey::toString).toArray(String[]::new));
        finishSlices();
        return keys;
    }

    @Test
    void manyKeysAreCancelledInSlices() {
        List<TaskKey> keys = manyTasks();
        commands.addAll(cluster.on(new Event.CancelKeys("c", keys, false, "cancel")));
        assertThat(cluster.state.tasks()).isNotEmpty();
        finishSlices();
        assertThat(cluster.state.tasks()).isEmpty();
        assertThat(cancelled()).hasSize(40);
    }

    @Test
    void manyKeysAreTriedAgainInSlicesAndWhatFailsMeanwhileHasHadItsTurn() {
        cluster.worker("w", 40);
        List<TaskKey> keys = manyTasks();
        keys.forEach(key -> cluster.fail("w", key.toString()));
        assertThat(count(keys, TaskStatus.ERRED)).isEqualTo(40);
        cluster.on(new Event.RetryKeys(keys, "retry"));
        assertThat(count(keys, TaskStatus.PROCESSING)).isEqualTo(SLICE);
        cluster.fail("w", "m-0");
        assertThat(finishSlices()).isEqualTo(40 / SLICE - 1);
        assertThat(count(keys, TaskStatus.PROCESSING)).isEqualTo(39);
        assertThat(cluster.status("m-0")).isEqualTo(TaskStatus.ERRED);
    }

    private long count(List<TaskKey> keys, TaskStatus status) {
        return keys.stream()
                .filter(key -> cluster.status(key.toString()) == status)
                .count();
    }

    @Test
    void aClientWithManyTasksGoesAndComesBackMeanwhile() {
        manyTasks();
        cluster.on(new Event.ClientDisconnected("c"));
        assertThat(cluster.state.tasks()).isNotEmpty();
        cluster.on(new Event.ClientConnected("c"));
        cluster.submit("c", List.of(task("m-39")), "m-39");
        finishSlices();
        assertThat(cluster.state.tasks()).hasSize(1);
        assertThat(cluster.state.client("c").wants()).hasSize(1);
    }

    @Test
    void aRestartForgetsInSlicesAndWhatClientsDoMeanwhileComesAfter() {
        manyTasks();
        commands.addAll(cluster.on(new Event.Restart("restart")));
        assertThat(Cluster.told(commands, "c")).contains(new Command.Restarted());
        cluster.submit("c", List.of(task("m-5")), "m-5");
        large("d", chain(20), "x-19");
        cluster.on(new Event.ClientReleasesKeys("c", keys("m-5"), "release"));
        finishSlices();
        assertThat(cluster.status("m-5")).isEqualTo(TaskStatus.FORGOTTEN);
        assertThat(cluster.state.tasks()).hasSize(20);
        assertThat(reached("d")).isTrue();
    }

    @Test
    void manyReadyTasksArePlacedInSlices() {
        List<TaskKey> keys = manyTasks();
        cluster.worker("w", 2);
        finishSlices();
        long placed = keys.stream()
                .filter(k -> cluster.state.task(k).status() == TaskStatus.PROCESSING)
                .count();
        assertThat(placed).isPositive();
        assertThat(cluster.state.worker(address("w")).processing()).hasSize((int) placed);
    }

    @Test
    void manyUnrunnableTasksAreLookedAtInSlicesWhenAWorkerJoins() {
        List<String> needed = List.of("R", "R", "nobody's", "other");
        List<TaskSpec> tasks = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            tasks.add(task("m-" + i, i, Cluster.resources(Map.of(needed.get(i % 4), 1.0))));
        }
        cluster.submit("c", tasks, tasks.stream().map(t -> t.key().toString()).toArray(String[]::new));
        finishSlices();
        assertThat(count(TaskStatus.NO_WORKER)).isEqualTo(40);

        cluster.worker("w", 50, Map.of("R", 50.0));
        assertThat(count(TaskStatus.NO_WORKER)).isGreaterThanOrEqualTo(36);
        cluster.worker("x", 50, Map.of("other", 50.0));
        assertThat(more()).isTrue();
        finishSlices();
        assertThat(cluster.state.worker(address("w")).processing()).hasSize(20);
        assertThat(cluster.state.worker(address("x")).processing()).hasSize(10);
        assertThat(count(TaskStatus.NO_WORKER)).isEqualTo(10);
    }

    @Test
    void aWorkerThatHoldsManyResultsIsLostInSlices() {
        heldByOneWorker();
        cluster.die("w");
        assertThat(cluster.state.worker(address("w"))).isNotNull();
        assertThat(count(TaskStatus.MEMORY)).isPositive();
        finishSlices();
        assertThat(cluster.state.worker(address("w"))).isNull();
        assertThat(count(TaskStatus.MEMORY)).isZero();
        assertThat(count(TaskStatus.QUEUED)).isEqualTo(40);
    }

    private void heldByOneWorker() {
        cluster.worker("w", 2);
        manyTasks();
        while (count(TaskStatus.MEMORY) < 40) {
            for (TaskState task : List.copyOf(cluster.state.worker(address("w")).processing())) {
                cluster.finish("w", task.key().toString());
                finishSlices();
            }
        }
    }

    private long count(TaskStatus status) {
        return cluster.state.tasks().stream()
                .filter(task -> task.status() == status)
                .count();
    }

    @Test
    void aWorkerOfTheSameAddressComesWhileTheOtherStillGoes() {
        heldByOneWorker();
        cluster.die("w");
        slice();
        cluster.worker("w", 2);
        assertThat(count(TaskStatus.MEMORY)).isZero();
        finishSlices();
        assertThat(count(TaskStatus.PROCESSING)).isEqualTo(3);
        assertThat(count(TaskStatus.QUEUED)).isEqualTo(37);
    }

    @Test
    void eachTaskOfAWorkerThatGoesInSlicesIsSuspectedOnce() {
        cluster.worker("other", 1);
        cluster.submit("c", List.of(task("input")), "input");
        cluster.finish("other", "input");
        cluster.worker("w", 1);
        List<TaskSpec> tasks = new ArrayList<>();
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            wanted.add("n-" + i);
            tasks.add(task("n-" + i, i, Cluster.on(List.of("w"), false), "input"));
        }
        cluster.submit("c", tasks, wanted.toArray(String[]::new));
        finishSlices();
        assertThat(count(TaskStatus.PROCESSING)).isEqualTo(20);
        cluster.die("w");
        finishSlices();
        assertThat(count(TaskStatus.NO_WORKER)).isEqualTo(20);
        assertThat(wanted)
                .allSatisfy(name ->
                        assertThat(cluster.state.task(key(name)).suspicious()).isEqualTo(1));
    }
}
