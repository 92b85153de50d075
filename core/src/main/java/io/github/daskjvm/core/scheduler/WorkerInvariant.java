package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.WorkerStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What holds of every worker that is present, each under its name.
sealed interface WorkerInvariant {
    List<WorkerInvariant> ALL = List.of(
            new IsInThePoolsSetsThatItSays(),
            new ProcessesWhatSeceded(),
            new StoresTheSumOfWhatItHolds(),
            new TasksKnowWhereTheyAreProcessed(),
            new NeedsExactlyTheInputsItLacks(),
            new NeededBytesAreThoseOfWhatItNeeds(),
            new CountsWhatItProcessesByPrefix(),
            new UsesTheResourcesOfWhatItProcesses(),
            new IsHomeToActorsAlone());

    /// @return how it does not hold, to come after the worker; null if it does
    @Nullable
    String broken(SchedulerState state, WorkerEntry worker);

    record IsInThePoolsSetsThatItSays() implements WorkerInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, WorkerEntry worker) {
            Pool pool = Occupancy.pool(worker);
            boolean running = worker.status == WorkerStatus.RUNNING;
            if (!pool.all.contains(worker)) {
                return "is not in its pool";
            }
            if (pool.running.contains(worker) != running) {
                return "is " + worker.status + ", its pool says otherwise";
            }
            if (!running && pool.open.contains(worker)) {
                return "is open though it does not run";
            }
            boolean agree = worker.idle == pool.idle.contains(worker)
                    && worker.saturated == pool.saturated.contains(worker)
                    && worker.open == pool.open.contains(worker);
            return agree ? null : "is not in the sets that it says it is in";
        }
    }

    record ProcessesWhatSeceded() implements WorkerInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, WorkerEntry worker) {
            return worker.processing.containsAll(worker.longRunning)
                    ? null
                    : "does not process what seceded there: " + worker.longRunning;
        }
    }

    record StoresTheSumOfWhatItHolds() implements WorkerInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, WorkerEntry worker) {
            long stored = 0;
            for (TaskState task : worker.hasWhat) {
                if (!task.whoHas.contains(worker)) {
                    return "holds " + task + ", which does not know";
                }
                stored += task.sizeBytes();
            }
            return stored == worker.storedBytes ? null : "stores " + stored + " bytes, not " + worker.storedBytes;
        }
    }

    record TasksKnowWhereTheyAreProcessed() implements WorkerInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, WorkerEntry worker) {
            for (TaskState task : worker.processing) {
                if (task.processingOn != worker) {
                    return "processes " + task + ", which is on " + task.processingOn;
                }
            }
            return null;
        }
    }

    record NeedsExactlyTheInputsItLacks() implements WorkerInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, WorkerEntry worker) {
            Map<TaskState, Integer> needed = new HashMap<>();
            for (TaskState task : worker.processing) {
                for (TaskState dependency : task.dependencies) {
                    if (!worker.hasWhat.contains(dependency)) {
                        needed.merge(dependency, 1, Integer::sum);
                    }
                }
            }
            return needed.equals(worker.needsWhat) ? null : "needs " + needed + ", not " + worker.needsWhat;
        }
    }

    record NeededBytesAreThoseOfWhatItNeeds() implements WorkerInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, WorkerEntry worker) {
            long bytes = 0;
            for (TaskState needed : worker.needsWhat.keySet()) {
                bytes += needed.sizeBytes();
            }
            return bytes == worker.neededBytes ? null : "needs " + bytes + " bytes, not " + worker.neededBytes;
        }
    }

    record CountsWhatItProcessesByPrefix() implements WorkerInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, WorkerEntry worker) {
            int counted = worker.processingByPrefix.total();
            int expected = worker.processing.size() - worker.longRunning.size();
            return counted == expected ? null : "counts " + counted + " tasks by prefix, not " + expected;
        }
    }

    record UsesTheResourcesOfWhatItProcesses() implements WorkerInvariant {
        private static final double EPSILON = 1e-9;

        @Override
        public @Nullable String broken(SchedulerState state, WorkerEntry worker) {
            if (worker.usedResources.isEmpty()) {
                return null;
            }
            Map<String, Double> left = new HashMap<>(worker.usedResources);
            for (TaskState task : worker.processing) {
                task.options.resources().forEach((name, amount) -> left.merge(name, -amount, Double::sum));
            }
            for (double rest : left.values()) {
                if (Math.abs(rest) > EPSILON) {
                    return "uses " + worker.usedResources + ", " + left + " for nothing";
                }
            }
            return null;
        }
    }

    record IsHomeToActorsAlone() implements WorkerInvariant {
        @Override
        public @Nullable String broken(SchedulerState state, WorkerEntry worker) {
            for (TaskState task : worker.actors) {
                if (!task.options.actor() || state.tasks.get(task.key) != task) {
                    return "is home to " + task;
                }
            }
            return null;
        }
    }
}
