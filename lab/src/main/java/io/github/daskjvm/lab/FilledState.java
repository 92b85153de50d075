package io.github.daskjvm.lab;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskSpec;
import java.util.ArrayList;
import java.util.List;

/// A scheduler's state to which many workers have come and many tasks, all done and kept.
final class FilledState {
    private static final int GRAPH_TASKS = 10_000;

    private FilledState() {}

    static SchedulerState of(int workers, int tasks, int prefixes) {
        var filled = new AnsweredState(workers);
        for (int done = 0; done < tasks; done += GRAPH_TASKS) {
            List<TaskSpec> graph = new ArrayList<>();
            List<TaskKey> keys = new ArrayList<>();
            for (int i = done; i < Math.min(tasks, done + GRAPH_TASKS); i++) {
                TaskKey key = TaskKey.of(List.of("operation" + i % prefixes + "on-blocks-0123456789abcdef", (long) i));
                keys.add(key);
                graph.add(new TaskSpec(key, "code", Runtime.PYTHON, List.of(), i, TaskSpec.TaskOptions.NONE));
            }
            filled.run(List.of(new Event.UpdateGraph("c", graph, keys, null, 0, "graph")));
        }
        return filled.state();
    }
}
