package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.Failure;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.Shuffles;
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
    private final List<Event.TaskErred> raisedByShuffles = new ArrayList<>();

    void note(Command.WorkerMessage message) {
        if (message instanceof Command.ComputeTask task) {
            given.put(task.key(), task.runId());
        }
    }

    /// Whether this is the last attempt that was given out.
    boolean isPresent(TaskKey key, long runId) {
        return given.getOrDefault(key, -1L) == runId;
    }

    /// Before the batch is applied.
    void expect(SchedulerState scheduler, List<Event> batch) {
        stale.clear();
        raisedByShuffles.clear();
        for (Event event : batch) {
            if (event instanceof Event.TaskErred erred && erred.exceptionText().contains(ShuffleWork.RAISED)) {
                raisedByShuffles.add(erred);
            }
            if (event instanceof Event.TaskFinished finished
                    && !isPresent(finished.key(), finished.runId())
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
        checkShuffles(scheduler);
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

    /// A task of a shuffle that finds its run over is an old attempt: there is another one by then. Unless one
    /// of those that all need has failed, for then the shuffle does not begin anew, or the old attempt is yet to be
    /// released, in slices.
    private void checkShuffles(SchedulerState scheduler) {
        if (scheduler.isInSlices()) {
            return;
        }
        for (Event.TaskErred erred : raisedByShuffles) {
            TaskState task = scheduler.task(erred.key());
            if (task != null
                    && task.status() == TaskStatus.ERRED
                    && task.blame() == task
                    && task.failure() instanceof Failure.Raised raised
                    && raised.exceptionText().contains(ShuffleWork.RAISED)
                    && !hasFailedOtherwise(scheduler, task)) {
                throw new Finding("ShufflesDoNotFailByThemselves", task + ": " + erred.exceptionText());
            }
        }
    }

    private static boolean hasFailedOtherwise(SchedulerState scheduler, TaskState task) {
        ShuffleTask what = ShuffleTask.of(task.key());
        for (String shuffle : what == null ? List.<String>of() : what.shuffles()) {
            TaskState barrier = scheduler.task(Shuffles.barrierKey(shuffle));
            if (barrier == null || isErred(barrier, task)) {
                return true;
            }
            for (TaskState each : barrier.dependencies()) {
                if (isErred(each, task)) {
                    return true;
                }
            }
        }
        return false;
    }

    /// For another reason than the task.
    private static boolean isErred(TaskState each, TaskState than) {
        return each.status() == TaskStatus.ERRED && each.blame() != than;
    }
}
