package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// That tasks are given to workers that may run them, with all that they need.
final class GivenWork {
    private final SchedulerState scheduler;

    private final Attempts attempts;

    GivenWork(SchedulerState scheduler, Attempts attempts) {
        this.scheduler = scheduler;
        this.attempts = attempts;
    }

    /// After the batch.
    void check(List<Event> batch, List<Command> commands) {
        boolean stable = batch.stream().noneMatch(GivenWork::changesWhereTasksMayRun);
        for (Command command : commands) {
            if (command instanceof Command.ToWorker(String address, Command.ComputeTask given)) {
                TaskState task = scheduler.task(given.key());
                WorkerEntry worker = scheduler.worker(address);
                // Otherwise it is on its way back already.
                boolean present = attempts.isPresent(given.key(), given.runId());
                if (present && task != null && worker != null && task.processingOn() == worker) {
                    check(task, worker, given, stable);
                }
            }
        }
    }

    /// Tasks may move as thieves' first, and what is allowed change later in the batch.
    private static boolean changesWhereTasksMayRun(Event event) {
        return switch (event) {
            case Event.SetRestrictions restrictions -> true;
            case Event.SetResources resources -> true;
            case Event.ShuffleOutputRestricted restricted -> true;
            case Event.WorkerStatusChanged changed -> true;
            case Event.RetireWorkers retire -> true;
            case Event.WorkerLeft left -> true;
            case Event.ShuffleInconsistent inconsistent -> true;
            default -> false;
        };
    }

    private static void check(TaskState task, WorkerEntry worker, Command.ComputeTask given, boolean stable) {
        require(task.runtime() == worker.runtime(), "TasksGoToWorkersOfTheirRuntime", task, worker);
        if (stable) {
            require(worker.status() == WorkerStatus.RUNNING, "TasksGoToWorkersThatRun", task, worker);
            require(task.mayRunOn(worker), "TasksGoWhereTheyMayRun", task, worker);
        }
        Set<TaskKey> inputs = new HashSet<>();
        for (Command.Dependency input : given.dependencies()) {
            inputs.add(input.key());
            require(!input.workers().isEmpty(), "TasksAreGivenWithTheirInputs", task, input);
        }
        for (TaskState input : task.dependencies()) {
            require(inputs.contains(input.key()), "TasksAreGivenWithTheirInputs", task, input);
        }
    }

    private static void require(boolean holds, String rule, TaskState task, Object other) {
        if (!holds) {
            throw new Finding(rule, task + ", " + other);
        }
    }
}
