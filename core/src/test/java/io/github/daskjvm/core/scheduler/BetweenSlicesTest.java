package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What comes while tasks are yet to do what is due to them, in slices, finds and leaves a state that makes sense.
class BetweenSlicesTest {
    private static final int SLICE = 4;

    private final Cluster cluster = new Cluster(SchedulerConfig.DEFAULT, SLICE).client("c");

    private void finishSlices() {
        finishSlices(cluster);
    }

    private static void finishSlices(Cluster cluster) {
        for (int slices = 0; cluster.state.isInSlices(); slices++) {
            assertThat(slices).isLessThan(10_000);
            cluster.on(new Event.TimerFired(Timer.SLICE));
        }
    }

    private List<String> namesOf(TaskStatus status) {
        List<String> names = new ArrayList<>();
        for (TaskState task : cluster.state.tasks()) {
            if (task.status() == status) {
                names.add(task.key().toString());
            }
        }
        return names;
    }

    @Test
    void whatNeedsALostActorWaitsForItIfItIsRetriedBeforeTheyFail() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        List<TaskSpec> tasks = new ArrayList<>();
        tasks.add(task("actor", 0, Cluster.actorOn("a")));
        tasks.add(task("slow", 1, Cluster.on(List.of("b"), false)));
        List<String> wanted = new ArrayList<>(List.of("actor"));
        for (int i = 0; i < 30; i++) {
            String name = "user-" + i;
            wanted.add(name);
            TaskSpec.TaskOptions options =
                    i % 4 == 0 ? Cluster.on(List.of("nowhere"), false) : TaskSpec.TaskOptions.NONE;
            tasks.add(i % 2 == 0 ? task(name, 2 + i, options, "actor") : task(name, 2 + i, options, "actor", "slow"));
        }
        cluster.submit("c", tasks, wanted.toArray(String[]::new));
        finishSlices();
        cluster.finish("a", "actor");
        finishSlices();
        assertThat(namesOf(TaskStatus.QUEUED)).hasSize(4);
        assertThat(namesOf(TaskStatus.NO_WORKER)).hasSize(8);

        cluster.die("a");
        assertThat(cluster.status("actor")).isEqualTo(TaskStatus.ERRED);
        assertThat(namesOf(TaskStatus.ERRED)).hasSizeLessThan(12);
        cluster.on(new Event.RetryKeys(List.of(key("actor")), "retry"));
        finishSlices();

        assertThat(cluster.status("actor")).isEqualTo(TaskStatus.NO_WORKER);
        assertThat(namesOf(TaskStatus.WAITING)).hasSize(30);
        cluster.worker("a", 1);
        cluster.finish("a", "actor");
        finishSlices();
        assertThat(namesOf(TaskStatus.WAITING)).hasSize(15);
        cluster.on(new Event.ClientReleasesKeys("c", keys(wanted.toArray(String[]::new)), "release"));
        finishSlices();
        assertThat(cluster.state.tasks()).isEmpty();
    }

    @Test
    void whatWasOnlyToRunIsForgottenThoughSeveralOfItsInputsFail() {
        for (int slice = 1; slice < 8; slice++) {
            var small = new Cluster(SchedulerConfig.DEFAULT, slice).client("c");
            small.worker("a", 3);
            String[] inputs = {"input-0", "input-1", "input-2"};
            List<TaskSpec> tasks = new ArrayList<>(List.of(task("root-0"), task("root-1"), task("root-2")));
            tasks.add(task("barrier", "root-0", "root-1", "root-2"));
            for (String input : inputs) {
                tasks.add(task(input, "barrier"));
            }
            tasks.add(task("sum", inputs));
            small.submit("c", tasks, "input-0", "input-1", "input-2", "sum");
            finishSlices(small);

            small.fail("a", "root-0");
            small.on(new Event.ClientDesiresKeys(SchedulerState.FIRE_AND_FORGET, keys("sum")));
            small.on(new Event.ClientReleasesKeys("c", keys("sum"), "release"));
            finishSlices(small);

            assertThat(small.state.task(key("sum"))).as("slices of %s", slice).isNull();
        }
    }

    /// Each task needs the one before.
    private static List<TaskSpec> chain(int length) {
        List<TaskSpec> chain = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            chain.add(
                    i == 0
                            ? task("x-0", i, TaskSpec.TaskOptions.NONE)
                            : task("x-" + i, i, TaskSpec.TaskOptions.NONE, "x-" + (i - 1)));
        }
        return chain;
    }

    private void large(String client, List<TaskSpec> tasks, String... wanted) {
        var graph = new Event.UpdateGraph(client, tasks, keys(wanted), null, 0, "graph");
        GraphPlan plan = GraphPlan.of(graph);
        assertThat(plan).isNotNull();
        cluster.on(new Event.LargeGraph(graph, plan));
    }

    @Test
    void whatAnotherClientWaitsForIsDoneThoughTheOneThatBroughtItHasGone() {
        int made = 0;
        for (int slices = 0; slices < 60; slices++) {
            cluster.on(new Event.ClientConnected("d"), new Event.ClientDesiresKeys("d", keys("x-3")));
            large("c", chain(30), "x-29");
            for (int i = 0; i < slices && cluster.state.isInSlices(); i++) {
                cluster.on(new Event.TimerFired(Timer.SLICE));
            }
            boolean known = cluster.state.task(key("x-3")).runSpec() != null;
            made += known ? 1 : 0;
            cluster.on(new Event.ClientDisconnected("c"), new Event.ClientConnected("c"));
            finishSlices();
            assertThat(cluster.status("x-3")).isEqualTo(known ? TaskStatus.WAITING : TaskStatus.RELEASED);
            cluster.on(new Event.ClientDisconnected("d"));
            finishSlices();
            assertThat(cluster.state.tasks()).isEmpty();
        }
        assertThat(made).isBetween(1, 59);
    }

    /// Each part is to fail as the input does; the first that does has their sum fail, which lets go of the others.
    @Test
    void whatWasToFailAndIsLetGoBeforeThatIsAsNewWhenTheInputIsRetried() {
        cluster.worker("w", 2);
        List<TaskSpec> tasks = new ArrayList<>(List.of(task("input", 0, TaskSpec.TaskOptions.NONE)));
        String[] parts = new String[20];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = "part-" + i;
            tasks.add(task(parts[i], 1 + i, TaskSpec.TaskOptions.NONE, "input"));
        }
        tasks.add(task("sum", 30, TaskSpec.TaskOptions.NONE, parts));
        cluster.submit("c", tasks, "sum");
        finishSlices();

        cluster.fail("w", "input");
        while (cluster.status("sum") != TaskStatus.ERRED) {
            assertThat(cluster.state.isInSlices()).isTrue();
            cluster.on(new Event.TimerFired(Timer.SLICE));
        }
        assertThat(namesOf(TaskStatus.WAITING)).isNotEmpty();
        cluster.on(new Event.RetryKeys(keys("sum"), "retry"));
        finishSlices();

        assertThat(namesOf(TaskStatus.WAITING)).hasSize(21);
        cluster.finish("w", "input");
        finishSlices();
        assertThat(namesOf(TaskStatus.ERRED)).isEmpty();
        assertThat(namesOf(TaskStatus.PROCESSING)).isNotEmpty();
    }
}
