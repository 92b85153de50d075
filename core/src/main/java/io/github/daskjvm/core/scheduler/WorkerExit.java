package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// A worker that is gone, as long as there is more of its tasks than a slice: first what it was to run, then what it
/// held, as much as a slice at a time. What is left in the end goes as all does of other workers. Meanwhile some tasks
/// are taken to be where they are not any more, as they are until a loss is noticed.
final class WorkerExit implements Slices.Job {
    private final SchedulerState state;
    private final WorkerEvents events;
    private final WorkerEntry worker;
    private final Event.WorkerLeft event;

    WorkerExit(SchedulerState state, WorkerEvents events, WorkerEntry worker, Event.WorkerLeft event) {
        this.state = state;
        this.events = events;
        this.worker = worker;
        this.event = event;
    }

    boolean isOf(WorkerEntry other) {
        return worker == other;
    }

    @Override
    public boolean step() {
        if (worker.processing.size() + worker.hasWhat.size() <= state.slices.size) {
            events.leave(worker, event);
            return true;
        }
        if (!worker.processing.isEmpty()) {
            stopSome();
        } else {
            loseSome();
        }
        return false;
    }

    private void stopSome() {
        List<TaskState> some = some(worker.processing);
        if (!event.expected()) {
            events.suspect(worker, some, event.stimulusId());
        }
        var recommendations = new Recommendations();
        for (TaskState task : some) {
            if (task.processingOn == worker) {
                recommendations.add(task, TaskStatus.RELEASED);
            }
        }
        state.transitions.run(recommendations, event.stimulusId());
    }

    private void loseSome() {
        var recommendations = new Recommendations();
        for (TaskState task : some(worker.hasWhat)) {
            events.lose(worker, task, recommendations);
        }
        state.transitions.run(recommendations, event.stimulusId());
    }

    private List<TaskState> some(Iterable<TaskState> tasks) {
        List<TaskState> some = new ArrayList<>();
        Iterator<TaskState> each = tasks.iterator();
        for (int left = state.slices.size; left > 0 && each.hasNext(); left--) {
            some.add(each.next());
        }
        return some;
    }
}
