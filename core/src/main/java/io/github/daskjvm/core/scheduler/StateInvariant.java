package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What holds of the scheduler as a whole, each under its name.
sealed interface StateInvariant {
    /// Those that cost little whatever there are of tasks.
    List<StateInvariant> CHEAP = List.of(new PoolsAddUpTheirWorkers(), new NothingIsQueuedWhileAWorkerIsOpen());

    List<StateInvariant> ALL = List.of(
            new PoolsAddUpTheirWorkers(),
            new NothingIsQueuedWhileAWorkerIsOpen(),
            new ClientsWantKnownTasks(),
            new TasksAreCountedRight(),
            new PrefixesAddUpWhatIsStored(),
            new GroupsAreThoseOfKnownTasks(),
            new GroupsAreInTheirSpansAndComputations(),
            new ShufflesHaveTheirBarrierAndTheirWorkers(),
            new ReplicatedTasksAreKnown(),
            new StealsAreOfTheirVictimsAndAddUp());

    /// @return how it does not hold; null if it does
    @Nullable
    String broken(SchedulerState state);

    record PoolsAddUpTheirWorkers() implements StateInvariant {
        @Override
        public @Nullable String broken(SchedulerState state) {
            for (Pool pool : state.pools.values()) {
                int threads = 0;
                int counted = 0;
                long neededBytes = 0;
                for (WorkerEntry worker : pool.all) {
                    threads += worker.nthreads;
                    counted += worker.processingByPrefix.total();
                    neededBytes += worker.neededBytes;
                    if (state.workers.get(worker.address) != worker) {
                        return "has " + worker + " in a pool, which is gone";
                    }
                }
                if (threads != pool.totalThreads) {
                    return "has a pool of " + threads + " threads, not " + pool.totalThreads;
                }
                if (counted != pool.processingByPrefix.total()) {
                    return "has a pool of " + counted + " tasks, not " + pool.processingByPrefix.total();
                }
                if (neededBytes != pool.neededBytes) {
                    return "has a pool that needs " + neededBytes + " bytes, not " + pool.neededBytes;
                }
                if (!pool.running.containsAll(pool.idle) || !pool.running.containsAll(pool.saturated)) {
                    return "has idle or saturated workers that do not run";
                }
            }
            return null;
        }
    }

    record NothingIsQueuedWhileAWorkerIsOpen() implements StateInvariant {
        @Override
        public @Nullable String broken(SchedulerState state) {
            for (Pool pool : state.pools.values()) {
                if (!pool.queued.isEmpty() && !pool.open.isEmpty() && !state.looseEnds.contains(pool.queued.first())) {
                    return "queues " + pool.queued.size() + " tasks while " + pool.open + " are open";
                }
            }
            return null;
        }
    }

    record ClientsWantKnownTasks() implements StateInvariant {
        @Override
        public @Nullable String broken(SchedulerState state) {
            for (ClientEntry client : state.clients.values()) {
                for (TaskState task : client.wants) {
                    if (!task.whoWants.contains(client)) {
                        return "has the client " + client.id + " want " + task + ", which does not know";
                    }
                    if (state.tasks.get(task.key) != task) {
                        return "has the client " + client.id + " want " + task + ", which is gone";
                    }
                }
            }
            return null;
        }
    }

    record PrefixesAddUpWhatIsStored() implements StateInvariant {
        @Override
        public @Nullable String broken(SchedulerState state) {
            Map<TaskPrefix, Long> stored = new HashMap<>();
            for (TaskState task : state.tasks) {
                if (task.status == TaskStatus.MEMORY) {
                    stored.merge(task.group.prefix, task.sizeBytes(), Long::sum);
                }
            }
            for (TaskPrefix prefix : state.prefixes.values()) {
                long bytes = stored.getOrDefault(prefix, 0L);
                if (bytes != prefix.storedBytes) {
                    return "stores " + bytes + " bytes of " + prefix.name + ", not " + prefix.storedBytes;
                }
            }
            return null;
        }
    }

    record GroupsAreThoseOfKnownTasks() implements StateInvariant {
        @Override
        public @Nullable String broken(SchedulerState state) {
            Set<TaskGroup> needed = new HashSet<>();
            for (TaskState task : state.tasks) {
                if (state.groups.get(task.group.name) != task.group) {
                    return "does not know the group of " + task;
                }
                needed.add(task.group);
            }
            return needed.size() == state.groups.size()
                    ? null
                    : "has " + state.groups.size() + " groups for tasks of " + needed.size();
        }
    }

    record GroupsAreInTheirSpansAndComputations() implements StateInvariant {
        @Override
        public @Nullable String broken(SchedulerState state) {
            int ofSpans = 0;
            for (Span span : state.spans.all()) {
                Span parent = span.parent;
                if (parent != null && !parent.children.contains(span)) {
                    return "has the span " + span.id() + ", which the one around it does not know";
                }
                for (TaskGroup group : span.groups.present()) {
                    ofSpans++;
                    if (group.span != span || state.groups.get(group.name) != group) {
                        return "has the group " + group.name + " in the span " + span.id() + ", where it is not";
                    }
                }
            }
            int withSpan = 0;
            for (TaskGroup group : state.groups.values()) {
                withSpan += group.span == null ? 0 : 1;
                if (group.computation != null
                        && !group.computation.groups.present().contains(group)) {
                    return "has the group " + group.name + ", which its computation does not know";
                }
            }
            return ofSpans == withSpan
                    ? null
                    : "has " + withSpan + " groups with a span, of which spans know " + ofSpans;
        }
    }

    record TasksAreCountedRight() implements StateInvariant {
        @Override
        public @Nullable String broken(SchedulerState state) {
            long[] counted = new long[TaskStatus.values().length];
            for (TaskState task : state.tasks) {
                counted[task.status.ordinal()]++;
            }
            for (TaskStatus status : TaskStatus.values()) {
                long said = state.counters.current[status.ordinal()];
                if (status != TaskStatus.FORGOTTEN && counted[status.ordinal()] != said) {
                    return "has " + counted[status.ordinal()] + " tasks " + status + ", not " + said;
                }
            }
            return null;
        }
    }

    record ShufflesHaveTheirBarrierAndTheirWorkers() implements StateInvariant {
        @Override
        public @Nullable String broken(SchedulerState state) {
            for (ShuffleRun run : state.shuffles.active()) {
                if (state.tasks.get(Shuffles.barrierKey(run.id)) != run.barrier
                        || run.barrier.status == TaskStatus.ERRED) {
                    return "has the active shuffle " + run + " of " + run.barrier + ", which is gone or has failed";
                }
                if (!state.workers.keySet().containsAll(run.participants)) {
                    return "has the active shuffle " + run + " of " + run.participants + ", not all of which are here";
                }
                if (!run.participants.containsAll(run.workerFor.values())) {
                    return "has the active shuffle " + run + ", where not all who hold outputs take part";
                }
            }
            return null;
        }
    }

    record ReplicatedTasksAreKnown() implements StateInvariant {
        @Override
        public @Nullable String broken(SchedulerState state) {
            for (TaskState task : state.occupancy.replicated) {
                if (state.tasks.get(task.key) != task) {
                    return "has copies of " + task + ", which is gone";
                }
            }
            return null;
        }
    }

    record StealsAreOfTheirVictimsAndAddUp() implements StateInvariant {
        @Override
        public @Nullable String broken(SchedulerState state) {
            return StealingInvariants.broken(state);
        }
    }
}
