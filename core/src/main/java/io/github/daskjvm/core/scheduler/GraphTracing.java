package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.List;

/// Told by [SchedulerState#handle], on its caller's thread, what becomes of graphs and of the tasks that it marks by
/// [TaskState#trace]. Whoever implements it has a clock, which the core has not. It only looks: nothing it does may
/// change the state. A task that is not marked costs one look at its mark for each of these.
public interface GraphTracing {
    GraphTracing NONE = new GraphTracing() {
        @Override
        public void begins(String address) {}

        @Override
        public void submitted(Event.UpdateGraph graph, List<TaskState> tasks) {}

        @Override
        public void given(TaskState task, String worker, long readyNanos) {}

        @Override
        public void finished(TaskState task, Event.TaskFinished event) {}

        @Override
        public void erred(TaskState task, Event.TaskErred event) {}

        @Override
        public void left(TaskState task, boolean workerLost) {}

        @Override
        public void changed(TaskState task, TaskStatus from) {}

        @Override
        public void batchEnds() {}

        @Override
        public void ends() {}
    };

    /// The scheduler listens, and has done nothing yet. Called once, before all others.
    ///
    /// @param address where workers and clients connect
    /// @throws RuntimeException and the scheduler does not start
    void begins(String address);

    /// The graph's new tasks are in the state, with their dependencies, priorities and spans; nothing has been
    /// done about them yet. The list may be empty.
    void submitted(Event.UpdateGraph graph, List<TaskState> tasks);

    /// The task goes to a worker, as the attempt [TaskState#runId].
    ///
    /// @param readyNanos since when it could have, by the clock of the events
    void given(TaskState task, String worker, long readyNanos);

    /// The present attempt succeeded.
    void finished(TaskState task, Event.TaskFinished event);

    /// The present attempt failed, whether or not there is to be another one.
    void erred(TaskState task, Event.TaskErred event);

    /// The task is no longer on its worker, whatever the reason. Follows [#finished] and [#erred] too.
    ///
    /// @param workerLost the worker is gone
    void left(TaskState task, boolean workerLost);

    /// The task has another status.
    void changed(TaskState task, TaskStatus from);

    /// All events of one call of [SchedulerState#handle] are applied, and what they led to is done.
    void batchEnds();

    /// The scheduler is about to end. Whatever else is told is part of that, and means nothing.
    void ends();
}
