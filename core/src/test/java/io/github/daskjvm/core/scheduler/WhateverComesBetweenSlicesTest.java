package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Every long thing that is done in slices, and every kind of event after some of them: all invariants hold, what is
/// wanted comes to an end, and nothing is left when nobody wants anything. With `-Ddaskjvm.pairs=true` every two
/// kinds of event, one after the other or with a slice between them, after every number of slices.
class WhateverComesBetweenSlicesTest {
    private static final int USERS = 16;
    private static final int SLICE = 3;
    private static final TaskKey ROOT = key("root");

    /// What takes many slices, of a graph of `root`, users of it, `late`, which some of them need too, and their `sum`.
    private enum Long {
        INPUT_FAILS,
        ACTOR_IS_LOST,
        RESULTS_ARE_LOST,
        RUNNING_ARE_LOST,
        ALL_IS_RELEASED,
        ALL_IS_CANCELLED,
        ALL_IS_RETRIED,
        EACH_IS_RETRIED,
        CLIENT_GOES,
        GRAPH_COMES,
        RESTART
    }

    private enum Between {
        RETRY,
        CANCEL_SOME,
        CANCEL_ROOT,
        RESTART,
        SAME_GRAPH,
        SAME_LARGE_GRAPH,
        OTHER_USERS,
        WORKER_JOINS,
        WORKER_COMES_BACK,
        OTHER_WORKER_DIES,
        WORKER_PAUSES,
        CLIENT_RECONNECTS,
        RELEASE_SOME,
        DESIRE_SOME,
        REPLICAS_ADDED,
        REPLICAS_DROPPED,
        ROOT_IS_PLACED,
        USER_IS_PLACED,
        ONE_FINISHES,
        ONE_FAILS,
        ONE_IS_RESCHEDULED,
        RESTRICTIONS,
        STEALING
    }

    private Cluster cluster = new Cluster();

    @Test
    void whatIsWantedComesToAnEndAndNothingIsLeft() {
        boolean pairs = Boolean.getBoolean("daskjvm.pairs");
        for (Long slow : Long.values()) {
            for (Between first : Between.values()) {
                Set<Between> seconds = pairs ? EnumSet.allOf(Between.class) : EnumSet.of(first);
                for (Between second : seconds) {
                    boolean more = true;
                    for (int slices = 0; more; slices += pairs ? 1 : 1 + slices / 2) {
                        more = runs(slow, slices, pairs ? List.of(first, second) : List.of(first));
                    }
                }
            }
        }
    }

    /// @return whether there were as many slices
    private boolean runs(Long slow, int slices, List<Between> between) {
        try {
            boolean more = run(slow, slices, between);
            end();
            return more;
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(slow + ", " + slices + " slices, " + between + " then " + statuses(), e);
        }
    }

    private boolean run(Long slow, int slices, List<Between> between) {
        cluster = new Cluster(SchedulerConfig.DEFAULT, SLICE).client("c").client("d");
        cluster.worker("a", 2);
        cluster.worker("b", 2);
        begin(slow);
        for (int i = 0; i < slices && cluster.state.isInSlices(); i++) {
            slice();
        }
        boolean more = cluster.state.isInSlices();
        for (Between event : between) {
            happen(event);
            if (slices % 2 == 0) {
                slice();
            }
        }
        finishSlices();
        return more;
    }

    private void slice() {
        cluster.on(new Event.TimerFired(Timer.SLICE));
    }

    private void finishSlices() {
        for (int slices = 0; cluster.state.isInSlices(); slices++) {
            assertThat(slices).isLessThan(1_000);
            slice();
        }
    }

    private static List<TaskSpec> graph(Long slow) {
        boolean actor = slow == Long.ACTOR_IS_LOST;
        List<TaskSpec> tasks = new ArrayList<>();
        tasks.add(task("root", 0, actor ? Cluster.actorOn("a") : Cluster.on(List.of("a"), false)));
        tasks.add(task("late", 1, Cluster.on(List.of("b"), false)));
        String[] users = new String[USERS];
        String where = slow == Long.RESULTS_ARE_LOST || slow == Long.RUNNING_ARE_LOST ? "a" : "b";
        for (int i = 0; i < USERS; i++) {
            users[i] = "user-" + i;
            TaskSpec.TaskOptions options = i % 3 == 1 ? TaskSpec.TaskOptions.NONE : Cluster.on(List.of(where), false);
            tasks.add(
                    i % 4 == 3
                            ? task(users[i], 2 + i, options, "root", "late")
                            : task(users[i], 2 + i, options, "root"));
        }
        tasks.add(task("sum", 100, TaskSpec.TaskOptions.NONE, users));
        return tasks;
    }

    private static String[] wanted() {
        List<String> wanted = new ArrayList<>(List.of("root", "sum"));
        for (int i = 0; i < USERS; i += 2) {
            wanted.add("user-" + i);
        }
        return wanted.toArray(String[]::new);
    }

    private void begin(Long slow) {
        if (slow == Long.GRAPH_COMES) {
            large(slow);
            return;
        }
        cluster.submit("c", graph(slow), wanted());
        finishSlices();
        switch (slow) {
            case INPUT_FAILS -> cluster.fail("a", "root");
            case ACTOR_IS_LOST -> {
                cluster.finish("a", "root");
                finishSlices();
                cluster.die("a");
            }
            case RESULTS_ARE_LOST -> {
                cluster.finish("a", "root");
                finishSlices();
                for (int i = 0; i < 12; i++) {
                    progress(false);
                }
                cluster.die("a");
            }
            case RUNNING_ARE_LOST -> {
                cluster.finish("a", "root");
                finishSlices();
                cluster.die("a");
            }
            case ALL_IS_RELEASED -> cluster.on(new Event.ClientReleasesKeys("c", keys(wanted()), "release"));
            case ALL_IS_CANCELLED -> cluster.on(new Event.CancelKeys("c", List.of(ROOT), true, "cancel"));
            case ALL_IS_RETRIED -> {
                cluster.fail("a", "root");
                finishSlices();
                cluster.on(new Event.RetryKeys(keys("sum"), "retry"));
            }
            case EACH_IS_RETRIED -> {
                cluster.fail("a", "root");
                finishSlices();
                cluster.on(new Event.RetryKeys(keys(wanted()), "retry"));
            }
            case CLIENT_GOES -> cluster.on(new Event.ClientDisconnected("c"), new Event.ClientConnected("c"));
            case RESTART -> cluster.on(new Event.Restart("restart"));
            case GRAPH_COMES -> throw new IllegalArgumentException("has come");
        }
    }

    private void large(Long slow) {
        var graph = new Event.UpdateGraph("c", graph(slow), keys(wanted()), null, 0, "graph");
        GraphPlan plan = GraphPlan.of(graph);
        assertThat(plan).isNotNull();
        cluster.on(new Event.LargeGraph(graph, plan));
    }

    private void happen(Between event) {
        switch (event) {
            case RETRY -> cluster.on(new Event.RetryKeys(keys("root", "sum", "user-12"), "retry"));
            case CANCEL_SOME -> cluster.on(new Event.CancelKeys("d", keys("user-4", "user-13"), true, "cancel"));
            case CANCEL_ROOT -> cluster.on(new Event.CancelKeys("d", List.of(ROOT), true, "cancel"));
            case RESTART -> cluster.on(new Event.Restart("restart"));
            case SAME_GRAPH -> cluster.submit("d", graph(Long.INPUT_FAILS), "sum", "user-7", "user-8");
            case SAME_LARGE_GRAPH -> large(Long.INPUT_FAILS);
            case OTHER_USERS ->
                cluster.submit("d", List.of(task("other-1", "user-15"), task("other-2", "root", "other-1")), "other-2");
            case WORKER_JOINS -> cluster.worker("new", 30);
            case WORKER_COMES_BACK -> {
                cluster.on(new Event.WorkerLeft(address("a"), true, "left"));
                cluster.worker("a", 2);
            }
            case OTHER_WORKER_DIES -> cluster.die("b");
            case WORKER_PAUSES -> cluster.on(new Event.WorkerStatusChanged(address("b"), WorkerStatus.PAUSED, "pause"));
            case CLIENT_RECONNECTS -> cluster.on(new Event.ClientDisconnected("c"), new Event.ClientConnected("c"));
            case RELEASE_SOME ->
                cluster.on(new Event.ClientReleasesKeys("c", keys("sum", "user-6", "root"), "release"));
            case DESIRE_SOME -> cluster.on(new Event.ClientDesiresKeys("d", keys("user-3", "user-14", "sum")));
            case REPLICAS_ADDED ->
                cluster.on(new Event.ReplicasAdded(address("b"), keys("root", "user-1", "user-10"), "added"));
            case REPLICAS_DROPPED ->
                cluster.on(new Event.ReplicasDropped(address("a"), keys("root", "user-1", "user-10"), "dropped"));
            case ROOT_IS_PLACED -> place(ROOT);
            case USER_IS_PLACED -> place(key("user-11"));
            case ONE_FINISHES -> progress(true);
            case ONE_FAILS -> {
                for (WorkerEntry worker : cluster.state.workers()) {
                    for (TaskState task : first(worker.processing())) {
                        cluster.fail(worker.name, task.key().toString());
                    }
                }
            }
            case ONE_IS_RESCHEDULED -> {
                for (WorkerEntry worker : cluster.state.workers()) {
                    for (TaskState task : first(worker.processing())) {
                        cluster.on(new Event.TaskRescheduled(worker.address(), task.key(), "reschedule"));
                    }
                }
            }
            case RESTRICTIONS ->
                cluster.on(new Event.SetRestrictions(
                        Map.of(key("user-2"), List.of(address("b")), key("user-15"), List.of("nowhere"))));
            case STEALING -> cluster.on(new Event.TimerFired(Timer.STEALING));
        }
    }

    private void place(TaskKey key) {
        cluster.on(new Event.DataPlaced(
                Map.of(key, List.of(address("b"))), Map.of(key, 10L), "d", Runtime.PYTHON, "scatter"));
    }

    private static List<TaskState> first(Collection<TaskState> tasks) {
        return tasks.stream().limit(1).toList();
    }

    /// @return whether anything ran
    private boolean progress(boolean one) {
        boolean any = false;
        for (WorkerEntry worker : List.copyOf(cluster.state.workers())) {
            for (TaskState task : one ? first(worker.processing()) : List.copyOf(worker.processing())) {
                if (task.processingOn() == worker) {
                    any = true;
                    cluster.finish(worker.name, task.key().toString());
                }
            }
        }
        return any;
    }

    private void end() {
        cluster.on(new Event.SetRestrictions(Map.of(key("user-15"), List.of(address("b")))));
        cluster.on(new Event.WorkerStatusChanged(address("b"), WorkerStatus.RUNNING, "resume"));
        for (String worker : List.of("a", "b")) {
            if (cluster.state.worker(address(worker)) == null) {
                cluster.worker(worker, 2);
            }
        }
        finishSlices();
        while (progress(false)) {
            finishSlices();
        }
        for (TaskState task : cluster.state.tasks()) {
            boolean done = task.status() == TaskStatus.MEMORY || task.status() == TaskStatus.ERRED;
            boolean unneeded =
                    task.status() == TaskStatus.RELEASED && task.whoWants().isEmpty();
            boolean unknown = task.status() == TaskStatus.RELEASED && task.runSpec() == null;
            assertThat(done || unneeded || unknown)
                    .as("%s came to an end", task)
                    .isTrue();
        }
        cluster.on(new Event.ClientDisconnected("c"), new Event.ClientDisconnected("d"));
        finishSlices();
        assertThat(cluster.state.tasks()).isEmpty();
        assertThat(cluster.state.groups()).isEmpty();
        for (WorkerEntry worker : cluster.state.workers()) {
            assertThat(worker.hasWhat).isEmpty();
            assertThat(worker.processing()).isEmpty();
        }
    }

    private String statuses() {
        return String.valueOf(cluster.state.tasks());
    }
}
