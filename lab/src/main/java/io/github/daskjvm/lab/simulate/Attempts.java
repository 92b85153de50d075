package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// That only the present attempt of a task counts: what a worker says of an earlier one does not make a result.
final class Attempts {
    /// The last attempt of each task.
    private final Map<TaskKey, Long> given = new HashMap<>();
    private final List<Event.TaskFinished> stale = new ArrayList<>();

    void note(Command.WorkerMessage message) {
        if (message instanceof Command.ComputeTask task) {
            given.put(task.key(), task.runId());
        }
    }

    /// Before the batch is applied.
    void expect(SchedulerState scheduler, List<Event> batch) {
        stale.clear();
        for (Event event : batch) {
            if (event instanceof Event.TaskFinished finished
                    && given.getOrDefault(finished.key(), -1L) != finished.runId()
                    && isProcessedBy(scheduler, finished)
                    && batch.stream().noneMatch(other -> mayBringIt(other, finished))) {
                stale.add(finished);
            }
        }
    }

    private static boolean isProcessedBy(SchedulerState scheduler, Event.TaskFinished finished) {
        TaskState task = scheduler.task(finished.key());
        WorkerEntry worker = task == null ? null : task.processingOn();
        return worker != null && worker.address().equals(finished.worker());
    }

    private static boolean mayBringIt(Event other, Event.TaskFinished finished) {
        return switch (other) {
            case Event.TaskFinished again -> again != finished && again.key().equals(finished.key());
            case Event.ReplicasAdded added -> added.keys().contains(finished.key());
            case Event.DataPlaced placed -> placed.whoHas().containsKey(finished.key());
            default -> false;
        };
    }

    /// After it.
    void check(SchedulerState scheduler) {
        for (Event.TaskFinished finished : stale) {
            TaskState task = scheduler.task(finished.key());
            WorkerEntry worker = scheduler.worker(finished.worker());
            if (task != null && worker != null && task.whoHas().contains(worker)) {
                throw new Finding(
                        "OnlyThePresentAttemptCounts",
                        task + " by attempt " + finished.runId() + ", not " + given.get(finished.key()));
            }
        }
    }
}
