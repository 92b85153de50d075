package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Failure;
import io.github.daskjvm.core.scheduler.MovedBytes;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskGroup;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.TransitionLog;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the scheduler's loop is asked about one task, one worker, or a small graph, as JSON values. Each question
/// looks at no more than a few hundred things, since everything else waits meanwhile.
final class Details {
    static final int GRAPH_TASKS_MAX = 400;
    private static final int GRAPH_GROUPS_MAX = 200;
    private static final int EDGES_MAX = 4_000;
    private static final int NEIGHBOURS_MAX = 50;
    private static final int HELD_MAX = 200;
    private static final int STORY_MAX = 60;
    private static final int TEXT_MAX = 200;

    private Details() {}

    static @Nullable Map<String, @Nullable Object> task(SchedulerState state, List<TaskKey> keys) {
        TaskState task = null;
        for (TaskKey key : keys) {
            task = task == null ? state.task(key) : task;
        }
        TaskKey key = task == null ? keys.getFirst() : task.key();
        List<TransitionLog.Entry> story = state.log().last(key, STORY_MAX);
        if (task == null && keys.size() > 1 && story.isEmpty()) {
            key = keys.getLast();
            story = state.log().last(key, STORY_MAX);
        }
        if (task == null && story.isEmpty()) {
            return null;
        }
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("key", cut(key));
        map.put("status", task == null ? "forgotten" : task.status().wireName());
        map.put("prefix", key.prefix());
        map.put("group", FrameText.cut(key.group(), TEXT_MAX));
        if (task != null) {
            describe(map, task);
        }
        List<Object> rows = new ArrayList<>();
        for (TransitionLog.Entry entry : story) {
            rows.add(List.of(
                    Feed.now() - (System.nanoTime() - entry.nanos()) / 1e9,
                    entry.start().wireName(),
                    entry.finish().wireName(),
                    FrameText.cut(entry.stimulusId(), TEXT_MAX)));
        }
        map.put("story", rows);
        return map;
    }

    private static void describe(Map<String, @Nullable Object> map, TaskState task) {
        map.put("runtime", task.runtime().wireName());
        map.put("type", task.typeName());
        map.put("bytes", task.sizeBytes());
        map.put("retries", task.retries());
        map.put("suspicious", task.suspicious());
        WorkerEntry on = task.processingOn();
        map.put("processingOn", on == null ? null : on.address());
        List<Object> holders = new ArrayList<>();
        for (WorkerEntry worker : task.whoHas()) {
            if (holders.size() < NEIGHBOURS_MAX) {
                holders.add(worker.address());
            }
        }
        map.put("whoHas", holders);
        map.put("holders", task.whoHas().size());
        map.put("clients", task.whoWants().size());
        map.put("dependencies", neighbours(task.dependencies(), NEIGHBOURS_MAX));
        map.put("dependencyCount", task.dependencies().size());
        map.put("dependents", neighbours(task.dependents(), NEIGHBOURS_MAX));
        map.put("dependentCount", task.dependents().size());
        map.put("waitingOn", task.waitingOn().size());
        TaskState blame = task.blame();
        if (blame != null && blame.failure() != null) {
            map.put("blame", cut(blame.key()));
            map.put("failure", text(blame.failure()));
            map.put("erredOn", blame.erredOn());
            if (blame.failure() instanceof Failure.Raised raised) {
                map.put("traceback", FrameText.cut(raised.tracebackText(), 10_000));
            }
        }
    }

    private static String text(Failure failure) {
        return switch (failure) {
            case Failure.Raised raised -> FrameText.cut(raised.exceptionText(), 2_000);
            case Failure.KilledWorkers killed ->
                "workers died with it more than " + killed.allowedFailures() + " times; the last was "
                        + killed.lastWorker();
            case Failure.ActorLost ignored -> "the worker where the actor lived is gone";
            case Failure.InputsTooLarge large ->
                "its inputs take " + large.inputBytes() + " bytes, more than the " + large.memoryLimitBytes() + " that "
                        + large.worker() + " may hold";
            case Failure.NoWorker none -> "there was no running worker for " + none.timeoutSeconds() + " s";
            case Failure.NoValidWorker none -> "no worker could run it for " + none.timeoutSeconds() + " s";
        };
    }

    private static List<List<Object>> neighbours(Collection<TaskState> tasks, int most) {
        List<List<Object>> rows = new ArrayList<>();
        for (TaskState task : tasks) {
            if (rows.size() == most) {
                break;
            }
            rows.add(List.of(cut(task.key()), task.status().wireName(), task.sizeBytes()));
        }
        return rows;
    }

    static @Nullable Map<String, @Nullable Object> worker(SchedulerState state, String address) {
        WorkerEntry worker = state.worker(address);
        if (worker == null) {
            return null;
        }
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("address", address);
        map.put("name", worker.name());
        map.put("status", worker.status().wireName());
        map.put("runtime", worker.runtime().wireName());
        map.put("nanny", worker.nanny());
        map.put("resources", Map.copyOf(worker.resources()));
        map.put("processing", neighbours(worker.processing(), HELD_MAX));
        map.put("processingCount", worker.processing().size());
        map.put("stored", neighbours(worker.hasWhat(), HELD_MAX));
        map.put("storedCount", worker.hasWhat().size());
        return map;
    }

    static List<StatusSource.Moved> moved(SchedulerState state, int most) {
        List<StatusSource.Moved> moved = new ArrayList<>();
        for (MovedBytes.Pair pair : state.moved(most)) {
            moved.add(new StatusSource.Moved(pair.to().address(), pair.from().address(), pair.bytes()));
        }
        return moved;
    }

    /// `kind` is `tasks`, `groups`, or `none` where there are too many of either; nodes are [name, label, tasks in
    /// each state], edges pairs of indices, from what is needed to what needs it.
    static Map<String, @Nullable Object> graph(SchedulerState state) {
        int tasks = state.tasks().size();
        int groups = state.groups().size();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("tasks", tasks);
        map.put("groups", groups);
        if (tasks <= GRAPH_TASKS_MAX) {
            map.put("kind", "tasks");
            tasksGraph(map, state.tasks());
        } else if (groups <= GRAPH_GROUPS_MAX) {
            map.put("kind", "groups");
            groupsGraph(map, state.groups());
        } else {
            map.put("kind", "none");
        }
        return map;
    }

    private static void tasksGraph(Map<String, @Nullable Object> map, Collection<TaskState> tasks) {
        Map<TaskState, Integer> index = new HashMap<>();
        List<Object> nodes = new ArrayList<>();
        for (TaskState task : tasks) {
            index.put(task, nodes.size());
            nodes.add(List.of(
                    cut(task.key()),
                    FrameText.cut(task.prefix(), 60),
                    task.status().wireName()));
        }
        List<Object> edges = new ArrayList<>();
        for (TaskState task : tasks) {
            for (TaskState needed : task.dependencies()) {
                edge(edges, index.get(needed), index.get(task));
            }
        }
        map.put("nodes", nodes);
        map.put("edges", edges);
    }

    private static void groupsGraph(Map<String, @Nullable Object> map, Collection<TaskGroup> groups) {
        Map<String, Integer> index = new HashMap<>();
        List<Object> nodes = new ArrayList<>();
        for (TaskGroup group : groups) {
            index.put(group.name(), nodes.size());
            List<Integer> counts = new ArrayList<>();
            for (TaskStatus status : TaskStatus.values()) {
                counts.add(group.count(status));
            }
            nodes.add(List.of(FrameText.cut(group.name(), TEXT_MAX), FrameText.cut(group.prefix(), 60), counts));
        }
        List<Object> edges = new ArrayList<>();
        for (TaskGroup group : groups) {
            for (String needed : group.dependencies()) {
                if (!needed.equals(group.name())) {
                    edge(edges, index.get(needed), index.get(group.name()));
                }
            }
        }
        map.put("nodes", nodes);
        map.put("edges", edges);
    }

    private static void edge(List<Object> edges, @Nullable Integer from, @Nullable Integer to) {
        if (from != null && to != null && edges.size() < EDGES_MAX) {
            edges.add(List.of(from, to));
        }
    }

    private static String cut(TaskKey key) {
        return FrameText.cut(key.toString(), TEXT_MAX);
    }
}
