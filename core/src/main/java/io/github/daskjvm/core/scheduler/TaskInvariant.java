package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What holds of every task, each under its name.
sealed interface TaskInvariant {
    List<TaskInvariant> ALL = List.of(
            new IsKnownUnderItsKey(),
            new DependenciesKnowTheirDependents(),
            new HoldersKnowWhatTheyHold(),
            new ClientsKnowWhatTheyWant(),
            new HasASpanOnceItCanRun(),
            new IsOnAWorkerExactlyWhileProcessing(),
            new IsHeldExactlyInMemory(),
            new IsAmongUnrunnableExactlyInNoWorker(),
            new IsInTheQueueExactlyWhileQueued(),
            new WaitersAreOnTheirWay(),
            new ReleasedHasNoTies(),
            new WaitsForExactlyWhatIsMissing(),
            new HasItsInputsWhenReady(),
            new IsAWaiterOfItsInputs(),
            new InMemoryNobodyWaitsForIt(),
            new ErredHasSomethingToBlame(),
            new OnItsWayNothingIsToBlame(),
            new IsWantedByTheLiving(),
            new IsAmongTheReplicatedWithSeveralCopies(),
            new AnActorLivesWithOneWorker());

    /// Of a task that is not known any more.
    TaskInvariant FORGOTTEN = new ForgottenHasNoTies();

    /// @return how it does not hold, to come after the task; null if it does
    @Nullable
    String broken(SchedulerState state, TaskState task);

    private static boolean isOnItsWay(TaskState task) {
        return switch (task.status) {
            case WAITING, QUEUED, NO_WORKER, PROCESSING -> true;
            case RELEASED, MEMORY, ERRED, FORGOTTEN -> false;
        };
    }

    record HasASpanOnceItCanRun() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            return task.runSpec != null && task.group.span == null ? "can run and has no span" : null;
        }
    }

    record IsKnownUnderItsKey() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            return state.tasks.get(task.key) == task ? null : "is not what is known under its key";
        }
    }

    record DependenciesKnowTheirDependents() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            for (TaskState dependency : task.dependencies) {
                if (!dependency.dependents.contains(task)) {
                    return "is no dependent of its dependency " + dependency;
                }
            }
            for (TaskState dependent : task.dependents) {
                if (!dependent.dependencies.contains(task)) {
                    return "is no dependency of its dependent " + dependent;
                }
            }
            return null;
        }
    }

    record HoldersKnowWhatTheyHold() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            for (WorkerEntry worker : task.whoHas) {
                if (!worker.hasWhat.contains(task)) {
                    return "is held by " + worker + ", which does not know";
                }
                if (state.workers.get(worker.address) != worker) {
                    return "is held by " + worker + ", which is gone";
                }
            }
            return null;
        }
    }

    record ClientsKnowWhatTheyWant() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            for (ClientEntry client : task.whoWants) {
                if (!client.wants.contains(task)) {
                    return "is wanted by " + client.id + ", which does not know";
                }
            }
            return null;
        }
    }

    record IsOnAWorkerExactlyWhileProcessing() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            WorkerEntry worker = task.processingOn;
            if ((worker != null) != (task.status == TaskStatus.PROCESSING)) {
                return "is on worker " + worker;
            }
            if (worker != null && state.workers.get(worker.address) != worker) {
                return "is on " + worker + ", which is gone";
            }
            return worker == null || worker.processing.contains(task) ? null : "is on " + worker + ", unknown to it";
        }
    }

    record IsHeldExactlyInMemory() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            return !task.whoHas.isEmpty() == (task.status == TaskStatus.MEMORY) ? null : "is held by " + task.whoHas;
        }
    }

    record IsAmongUnrunnableExactlyInNoWorker() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            boolean unrunnable = state.pool(task.runtime).unrunnable.containsKey(task);
            return unrunnable == (task.status == TaskStatus.NO_WORKER) ? null : "is unrunnable: " + unrunnable;
        }
    }

    record IsInTheQueueExactlyWhileQueued() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            boolean queued = state.pool(task.runtime).queued.contains(task);
            return queued == (task.status == TaskStatus.QUEUED) ? null : "is in the queue: " + queued;
        }
    }

    record WaitersAreOnTheirWay() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            for (TaskState waiter : task.waiters) {
                if (!isOnItsWay(waiter)) {
                    return "has the waiter " + waiter;
                }
                if (!waiter.dependencies.contains(task)) {
                    return "has the waiter " + waiter + ", which does not need it";
                }
            }
            return null;
        }
    }

    record ReleasedHasNoTies() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            if (task.status != TaskStatus.RELEASED || state.looseEnds.contains(task)) {
                return null;
            }
            if (!task.waiters.isEmpty()) {
                return "has waiters " + task.waiters;
            }
            return task.waitingOn.isEmpty() ? null : "waits for " + task.waitingOn;
        }
    }

    record WaitsForExactlyWhatIsMissing() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            if (task.status != TaskStatus.WAITING || state.looseEnds.contains(task)) {
                return null;
            }
            if (task.waitingOn.isEmpty() && !state.ready.contains(task)) {
                return "waits for nothing";
            }
            for (TaskState dependency : task.dependencies) {
                if (dependency.whoHas.isEmpty() != task.waitingOn.contains(dependency)) {
                    return "waits for " + task.waitingOn + ", and " + dependency + " is held by " + dependency.whoHas;
                }
            }
            return null;
        }
    }

    record HasItsInputsWhenReady() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            if (task.status == TaskStatus.WAITING || !isOnItsWay(task) || state.looseEnds.contains(task)) {
                return null;
            }
            if (!task.waitingOn.isEmpty()) {
                return "waits for " + task.waitingOn;
            }
            for (TaskState dependency : task.dependencies) {
                if (dependency.whoHas.isEmpty()) {
                    return "lacks its input " + dependency;
                }
            }
            return null;
        }
    }

    record IsAWaiterOfItsInputs() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            if (isOnItsWay(task)) {
                for (TaskState dependency : task.dependencies) {
                    if (!dependency.waiters.contains(task)) {
                        return "is no waiter of " + dependency;
                    }
                }
            }
            return null;
        }
    }

    record ForgottenHasNoTies() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            if (state.tasks.get(task.key) == task) {
                return "is among the tasks";
            }
            if (!task.dependencies.isEmpty() || !task.dependents.isEmpty()) {
                return "depends on " + task.dependencies + ", and " + task.dependents + " on it";
            }
            if (!task.waiters.isEmpty() || !task.waitingOn.isEmpty()) {
                return "waits for " + task.waitingOn + ", and " + task.waiters + " for it";
            }
            return task.whoWants.isEmpty() && task.whoHas.isEmpty() ? null : "is wanted or held";
        }
    }

    record InMemoryNobodyWaitsForIt() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            if (task.status == TaskStatus.MEMORY) {
                for (TaskState dependent : task.dependents) {
                    if (dependent.waitingOn.contains(task)) {
                        return "is waited for by " + dependent;
                    }
                }
            }
            return null;
        }
    }

    record ErredHasSomethingToBlame() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            boolean blames = task.uncommon.blame != null && task.uncommon.failure != null;
            return task.status != TaskStatus.ERRED || blames ? null : "has nothing to blame";
        }
    }

    record OnItsWayNothingIsToBlame() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            TaskState blame = task.uncommon.blame;
            return isOnItsWay(task) && blame != null ? "blames " + blame : null;
        }
    }

    record IsWantedByTheLiving() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            for (ClientEntry client : task.whoWants) {
                if (state.clients.get(client.id) != client && !state.leaving.contains(client)) {
                    return "is wanted by " + client.id + ", which is gone";
                }
            }
            return null;
        }
    }

    record IsAmongTheReplicatedWithSeveralCopies() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            boolean replicated = state.occupancy.replicated.contains(task);
            return replicated == (task.whoHas.size() > 1) ? null : "is among the replicated tasks: " + replicated;
        }
    }

    record AnActorLivesWithOneWorker() implements TaskInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, TaskState task) {
            if (!task.options.actor()) {
                return null;
            }
            int homes = 0;
            for (WorkerEntry worker : state.workers.values()) {
                if (worker.actors.contains(task)) {
                    homes++;
                    if (!worker.hasWhat.contains(task) && task.processingOn != worker) {
                        return "lives with " + worker + ", which does not have it";
                    }
                }
            }
            boolean lives = task.status == TaskStatus.MEMORY || task.status == TaskStatus.PROCESSING;
            return homes == (lives ? 1 : 0) ? null : "lives with " + homes + " workers";
        }
    }
}
