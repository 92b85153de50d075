package io.github.daskjvm.lab;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// A scheduler's state to which many workers have come and many tasks, all done and kept.
final class FilledState {
    private static final int GRAPH_TASKS = 10_000;

    private final SchedulerState state = new SchedulerState(SchedulerConfig.DEFAULT);
    private final SplittableRandom random = new SplittableRandom(1);
    private long nowNanos;

    private FilledState() {}

    static SchedulerState of(int workers, int tasks, int prefixes) {
        var filled = new FilledState();
        filled.fill(workers, tasks, prefixes);
        return filled.state;
    }

    private void fill(int workers, int tasks, int prefixes) {
        handle(List.of(new Event.ClientConnected("c")));
        for (int i = 0; i < workers; i++) {
            handle(List.of(new Event.WorkerJoined(
                    "tcp://10.0." + i / 250 + "." + i % 250 + ":1",
                    "w" + i,
                    "10.0." + i / 250 + "." + i % 250,
                    Runtime.PYTHON,
                    4,
                    16L << 30,
                    Map.of(),
                    WorkerStatus.RUNNING,
                    null,
                    "join")));
        }
        for (int done = 0; done < tasks; done += GRAPH_TASKS) {
            List<TaskSpec> graph = new ArrayList<>();
            List<TaskKey> keys = new ArrayList<>();
            for (int i = done; i < Math.min(tasks, done + GRAPH_TASKS); i++) {
                TaskKey key = TaskKey.of(List.of("operation" + i % prefixes + "on-blocks-0123456789abcdef", (long) i));
                keys.add(key);
                graph.add(new TaskSpec(key, "code", Runtime.PYTHON, List.of(), i, TaskSpec.TaskOptions.NONE));
            }
            List<Event> next = List.of(new Event.UpdateGraph("c", graph, keys, null, 0, "graph"));
            while (!next.isEmpty()) {
                next = handle(next);
            }
        }
    }

    /// @return what the workers say to what they are told
    private List<Event> handle(List<Event> events) {
        nowNanos += 10_000_000;
        List<Event> answers = new ArrayList<>();
        for (Command command : state.handle(events, nowNanos)) {
            if (command instanceof Command.ToWorker(String worker, Command.ComputeTask task)) {
                double start = 1.7e9 + nowNanos / 1e9;
                double seconds = Math.exp(random.nextDouble(-7, 5));
                answers.add(new Event.TaskFinished(
                        worker,
                        task.key(),
                        task.runId(),
                        1000,
                        "type",
                        "int",
                        List.of(
                                new Event.StartStop("transfer", start - seconds / 10, start),
                                new Event.StartStop("compute", start, start + seconds)),
                        1,
                        "finished"));
            }
        }
        return answers;
    }
}
