package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.given;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Dask's rules of who gets what, one by one.
class PlacementTest {
    private Cluster cluster = new Cluster().client("c");

    private static List<TaskSpec> group(String prefix, int count, TaskSpec.TaskOptions options, String... inputs) {
        List<TaskSpec> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tasks.add(task(prefix + "-" + i, i, options, inputs));
        }
        return tasks;
    }

    private static List<TaskKey> keysOf(List<TaskSpec> tasks) {
        return tasks.stream().map(TaskSpec::key).toList();
    }

    private static Event.UpdateGraph graph(List<TaskSpec> tasks, TaskKey submitter, long fifoNanos) {
        return new Event.UpdateGraph("c", tasks, keysOf(tasks), submitter, fifoNanos, "graph");
    }

    private void placed(String key, String worker, long bytes) {
        cluster.on(new Event.DataPlaced(
                Map.of(key(key), List.of(address(worker))), Map.of(key(key), bytes), "c", Runtime.PYTHON, "data"));
    }

    @Test
    void whatTwoGraphsInOneBatchGetIsWhatTheyWouldGetInTwo() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        List<TaskSpec> anywhere = List.of(task("x1", 0, TaskSpec.TaskOptions.NONE), task("x2"), task("x3"), task("x4"));
        List<TaskSpec> onA = group("clog", 10, Cluster.on(List.of("a"), false));
        List<Command> commands = cluster.on(graph(anywhere, null, 0), graph(onA, null, 0));
        assertThat(given(commands, "b")).hasSize(2);
        assertThat(given(commands, "a")).contains("clog-0").hasSize(12);
    }

    @Test
    void withoutQueuingSiblingRootTasksGoToOneWorkerInRuns() {
        cluster = new Cluster(new SchedulerConfig(
                        3, Double.POSITIVE_INFINITY, Duration.ofMillis(500), Map.of(), Duration.ZERO, 1e8, true))
                .client("c");
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        List<Command> commands = cluster.on(graph(group("r", 8, TaskSpec.TaskOptions.NONE), null, 0));
        assertThat(given(commands, "a")).containsExactly("r-0", "r-1", "r-2", "r-3");
        assertThat(given(commands, "b")).containsExactly("r-4", "r-5", "r-6", "r-7");
    }

    @Test
    void withQueuingAWorkerGetsNoMoreRootTasksThanItsThreadsAndOneInTen() {
        cluster.worker("a", 10);
        List<Command> commands = cluster.on(graph(group("r", 30, TaskSpec.TaskOptions.NONE), null, 0));
        assertThat(given(commands, "a")).hasSize(11);
        assertThat(cluster.status("r-11")).isEqualTo(TaskStatus.QUEUED);
        assertThat(given(cluster.finish("a", "r-3"), "a")).containsExactly("r-11");
    }

    @Test
    void tasksThatAllHaveTheSameInputsAreHeldBackAsRootTasksHoweverManyTheInputsAre() {
        cluster.worker("a", 1);
        String[] inputs = {"x-0", "x-1", "x-2", "x-3", "x-4", "x-5", "x-6", "x-7"};
        for (String input : inputs) {
            placed(input, "a", 100);
        }
        assertThat(given(cluster.on(graph(group("r", 20, TaskSpec.TaskOptions.NONE, inputs), null, 0)), "a"))
                .containsExactly("r-0", "r-1");
        assertThat(cluster.status("r-2")).isEqualTo(TaskStatus.QUEUED);
    }

    @Test
    void tasksWithLargeCommonInputsGoWhereTheseAre() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        String[] inputs = {"x-0", "x-1", "x-2", "x-3", "x-4", "x-5", "x-6", "x-7"};
        for (String input : inputs) {
            placed(input, "a", 1_000_000_000);
        }
        assertThat(given(cluster.on(graph(group("r", 20, TaskSpec.TaskOptions.NONE, inputs), null, 0)), "a"))
                .hasSize(20);
    }

    @Test
    void tasksThatShareOnlySomeOfTheirInputsAreNotRootTasks() {
        cluster.worker("a", 1);
        List<TaskSpec> tasks = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            placed("x-" + i, "a", 100);
            tasks.add(task("r-" + i, i, TaskSpec.TaskOptions.NONE, "x-0", "x-" + i));
        }
        assertThat(given(cluster.on(graph(tasks, null, 0)), "a")).hasSize(20);
    }

    @Test
    void whatARootTaskLeadsToGoesBeforeTheNextRootTask() {
        cluster.worker("a", 1);
        List<TaskSpec> tasks = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            tasks.add(task("r-" + i, 2 * i, TaskSpec.TaskOptions.NONE));
            tasks.add(task("s-" + i, 2 * i + 1, TaskSpec.TaskOptions.NONE, "r-" + i));
        }
        cluster.submit("c", tasks, "s-0", "s-1", "s-2", "s-3", "s-4", "s-5");
        assertThat(given(cluster.finish("a", "r-0"), "a").getFirst()).isEqualTo("s-0");
    }

    @Test
    void aTaskStartsWhereItsTransferAndTheQueueAreShortest() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        placed("small", "a", 100);
        placed("large", "b", 1_000_000_000L);
        assertThat(given(cluster.submit("c", List.of(task("y", "small", "large")), "y"), "b"))
                .containsExactly("y");
    }

    @Test
    void ofEquallySoonTheWorkerThatStoresLessIsTaken() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        placed("x", "a", 100);
        cluster.on(new Event.ReplicasAdded(address("b"), keys("x"), "copied"));
        placed("other", "a", 5_000);
        assertThat(given(cluster.submit("c", List.of(task("y", "x")), "y"), "b"))
                .containsExactly("y");
    }

    @Test
    void restrictionsNameAddressesNamesOrHosts() {
        for (String name : List.of("a", "b")) {
            cluster.on(new Event.WorkerJoined(
                    address(name),
                    name,
                    "host-" + name,
                    Runtime.PYTHON,
                    1,
                    0,
                    Map.of(),
                    WorkerStatus.RUNNING,
                    null,
                    "join"));
        }
        assertThat(given(cluster.submit("c", List.of(task("x", 0, Cluster.on(List.of("b"), false))), "x"), "b"))
                .containsExactly("x");
        assertThat(given(cluster.submit("c", List.of(task("y", 0, Cluster.on(List.of("host-b"), false))), "y"), "b"))
                .containsExactly("y");
        assertThat(given(
                        cluster.submit("c", List.of(task("z", 0, Cluster.on(List.of(address("b")), false))), "z"), "b"))
                .containsExactly("z");
    }

    @Test
    void anEmptyRestrictionIsNone() {
        cluster.worker("a", 1);
        assertThat(given(cluster.submit("c", List.of(task("x", 0, Cluster.on(List.of(), false))), "x"), "a"))
                .containsExactly("x");
    }

    @Test
    void aStrictRestrictionWaitsForItsWorkerAndALooseOneDoesNot() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("strict", 0, Cluster.on(List.of("b"), false))), "strict");
        List<Command> commands =
                cluster.submit("c", List.of(task("loose", 0, Cluster.on(List.of("b"), true))), "loose");
        assertThat(cluster.status("strict")).isEqualTo(TaskStatus.NO_WORKER);
        assertThat(given(commands, "a")).containsExactly("loose");
        assertThat(given(cluster.worker("b", 1), "b")).containsExactly("strict");
    }

    @Test
    void aWorkerQualifiesByTheResourcesItHasNotByThoseThatAreFree() {
        cluster.worker("a", 4, Map.of("GPU", 1.0));
        cluster.worker("b", 4);
        List<Command> commands = cluster.on(graph(group("g", 3, Cluster.resources(Map.of("GPU", 1.0))), null, 0));
        assertThat(given(commands, "a")).hasSize(3);
        cluster.submit("c", List.of(task("two", 0, Cluster.resources(Map.of("GPU", 2.0)))), "two");
        assertThat(cluster.status("two")).isEqualTo(TaskStatus.NO_WORKER);
        assertThat(given(cluster.on(new Event.SetResources(address("b"), Map.of("GPU", 2.0), "resources")), "b"))
                .containsExactly("two");
    }

    @Test
    void laterGraphsComeLaterUnlessTheyComeWithinTheFifoTimeout() {
        cluster.worker("a", 1);
        cluster.on(graph(List.of(task("x")), null, 0));
        cluster.on(graph(List.of(task("y")), null, 0));
        cluster.on(graph(List.of(task("z")), null, Duration.ofSeconds(60).toNanos()));
        assertThat(generation("x")).isEqualTo(1);
        assertThat(generation("y")).isEqualTo(2);
        assertThat(generation("z")).isEqualTo(2);
    }

    private double generation(String key) {
        return cluster.state.task(key(key)).priority().generation();
    }

    @Test
    void whatATaskSubmitsGoesFirstAndWithThePresentGraphsIfTheTaskIsGone() {
        cluster.worker("a", 1);
        cluster.on(graph(List.of(task("x")), null, 0));
        cluster.on(graph(List.of(task("y")), key("x"), 0));
        cluster.on(graph(List.of(task("z")), key("gone"), 0));
        assertThat(generation("y")).isEqualTo(-0.01);
        assertThat(generation("z")).isEqualTo(1);
    }

    @Test
    void aTaskThatSecedesMakesRoomForAQueuedOne() {
        cluster.worker("a", 1);
        cluster.on(graph(group("r", 6, TaskSpec.TaskOptions.NONE), null, 0));
        assertThat(cluster.status("r-2")).isEqualTo(TaskStatus.QUEUED);
        assertThat(given(cluster.on(new Event.TaskLongRunning(address("a"), key("r-0"), Double.NaN, "secede")), "a"))
                .containsExactly("r-2");
        assertThat(given(cluster.finish("a", "r-0"), "a")).isEmpty();
    }

    @Test
    void aRescheduledTaskIsPlacedAnewAsAnotherAttempt() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x")), "x");
        long before = cluster.runId("x");
        assertThat(given(cluster.on(new Event.TaskRescheduled(address("a"), key("x"), "again")), "a"))
                .containsExactly("x");
        assertThat(cluster.runId("x")).isGreaterThan(before);
        assertThat(given(cluster.on(new Event.TaskRescheduled(address("b"), key("x"), "lie")), "a"))
                .isEmpty();
    }

    @Test
    void whatIsKnownOfAPrefixDecidesHowBusyAWorkerIs() {
        cluster = new Cluster(new SchedulerConfig(
                        3,
                        1.1,
                        Duration.ofMillis(500),
                        Map.of("slow", Duration.ofSeconds(60)),
                        Duration.ZERO,
                        1e8,
                        true))
                .client("c");
        cluster.worker("a", 2);
        cluster.worker("b", 2);
        cluster.submit("c", List.of(task("slow-0", 0, Cluster.on(List.of("a"), false))), "slow-0");
        cluster.submit("c", List.of(task("u-0", 0, Cluster.on(List.of("b"), false))), "u-0");
        assertThat(cluster.state.worker(address("a")).occupancySeconds()).isEqualTo(60);
        assertThat(cluster.state.worker(address("b")).occupancySeconds()).isEqualTo(0.5);
        assertThat(given(cluster.submit("c", List.of(task("x")), "x"), "b")).containsExactly("x");
    }

    @Test
    void aLostInputIsComputedWhereItMayBeNowAndItsDependentAfterIt() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.submit("c", List.of(task("f1", 0, Cluster.on(List.of("a"), false))), "f1");
        cluster.finish("a", "f1");
        cluster.submit("c", List.of(task("f2", 0, Cluster.on(List.of("b"), false), "f1")), "f2");
        cluster.on(new Event.SetRestrictions(Map.of(key("f1"), List.of(address("a"), address("b")))));
        List<Command> commands = cluster.on(new Event.WorkerLeft(address("a"), true, "left"));
        assertThat(given(commands, "b")).containsExactly("f1");
        assertThat(given(cluster.finish("b", "f1"), "b")).containsExactly("f2");
    }

    private void jvmWorker() {
        cluster.on(new Event.WorkerJoined(
                address("j"), "j", "h", Runtime.JVM, 1, 0, Map.of(), WorkerStatus.RUNNING, null, "join"));
    }

    private static TaskSpec jvmTask(String key, String... inputs) {
        return new TaskSpec(key(key), "run", Runtime.JVM, keys(inputs), 0, TaskSpec.TaskOptions.NONE);
    }

    @Test
    void aTaskStaysWithWorkersOfItsRuntimeThoughOthersHoldItsInputs() {
        cluster.worker("a", 1);
        jvmWorker();
        placed("x", "a", 1_000_000_000);

        List<Command> commands = cluster.submit("c", List.of(jvmTask("y", "x")), "y");

        assertThat(given(commands, "j")).containsExactly("y");
    }

    @Test
    void withoutQueuingATaskStaysWithWorkersOfItsRuntimeThoughASiblingIsOnAnother() {
        cluster = new Cluster(new SchedulerConfig(
                        3, Double.POSITIVE_INFINITY, Duration.ofMillis(500), Map.of(), Duration.ZERO, 1e8, true))
                .client("c");
        cluster.worker("a", 1);
        jvmWorker();
        List<TaskSpec> tasks = new ArrayList<>(group("x", 6, TaskSpec.TaskOptions.NONE));
        tasks.add(jvmTask("x-7"));

        List<Command> commands = cluster.on(graph(tasks, null, 0));

        assertThat(given(commands, "j")).containsExactly("x-7");
    }

    @Test
    void aQueuedTaskThatIsRestrictedGoesWhereItMay() {
        cluster.worker("a", 1);
        List<TaskSpec> tasks = group("x", 6, TaskSpec.TaskOptions.NONE);
        cluster.on(graph(tasks, null, 0));
        assertThat(cluster.status("x-5")).isEqualTo(TaskStatus.QUEUED);

        cluster.on(new Event.SetRestrictions(Map.of(key("x-5"), List.of("b"))));

        assertThat(cluster.status("x-5")).isEqualTo(TaskStatus.NO_WORKER);
        assertThat(given(cluster.worker("b", 1), "b")).contains("x-5");
    }

    @Test
    void aTaskThatNobodyMayRunIsPlacedOnceItsRestrictionIsLifted() {
        cluster.worker("a", 1);
        cluster.submit("c", List.of(task("x", 0, Cluster.on(List.of("nowhere"), false))), "x");
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.NO_WORKER);
        Map<TaskKey, List<String>> lifted = new HashMap<>();
        lifted.put(key("x"), null);

        assertThat(given(cluster.on(new Event.SetRestrictions(lifted)), "a")).containsExactly("x");
    }

    @Test
    void dataThatWasHeardOfBeforeItCameIsOfTheRuntimeThatItIsPlacedWith() {
        jvmWorker();
        cluster.on(new Event.ClientDesiresKeys("c", keys("d")));

        cluster.on(new Event.DataPlaced(
                Map.of(key("d"), List.of(address("j"))), Map.of(key("d"), 1L), "c", Runtime.JVM, "data"));

        TaskState task = cluster.state.task(key("d"));
        assertThat(task).isNotNull();
        assertThat(task.runtime()).isEqualTo(Runtime.JVM);
    }
}
