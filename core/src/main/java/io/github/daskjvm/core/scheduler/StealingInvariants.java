package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.WorkerStatus;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What holds of work stealing between any two batches.
final class StealingInvariants {
    private static final double ROUNDING_SECONDS = 1e-6;

    private StealingInvariants() {}

    /// @return what does not hold, to come after "the scheduler"; null if all does
    static @Nullable String broken(SchedulerState state) {
        Set<String> stimuli = new HashSet<>();
        for (var entry : state.stealing.inFlight.entrySet()) {
            TaskState task = entry.getKey();
            Stealing.InFlight steal = entry.getValue();
            WorkerEntry victim = steal.victim();
            if (task.processingOn != victim || state.workers.get(victim.address) != victim) {
                return "steals " + task + " from " + victim + ", which does not process it or is gone";
            }
            if (victim == steal.thief() || victim.pool != steal.thief().pool) {
                return "steals " + task + " from " + victim + " for " + steal.thief();
            }
            if (!stimuli.add(steal.stimulusId())) {
                return "has two steals " + steal.stimulusId();
            }
        }
        for (WorkerEntry worker : state.workers.values()) {
            String broken = inFlight(state, worker);
            if (broken != null) {
                return broken;
            }
        }
        return crowded(state);
    }

    private static @Nullable String inFlight(SchedulerState state, WorkerEntry worker) {
        int steals = 0;
        int tasks = 0;
        double seconds = 0;
        for (Stealing.InFlight steal : state.stealing.inFlight.values()) {
            if (steal.victim() == worker) {
                steals++;
                tasks--;
                seconds -= steal.victimSeconds();
            } else if (steal.thief() == worker) {
                steals++;
                tasks++;
                seconds += steal.thiefSeconds();
            }
        }
        boolean holds = steals == worker.inFlight
                && tasks == worker.inFlightTasks
                && Math.abs(seconds - worker.inFlightSeconds) < ROUNDING_SECONDS;
        return holds
                ? null
                : "has in flight at " + worker + " " + steals + " steals, " + tasks + " tasks, " + seconds + " s, not "
                        + worker.inFlight + ", " + worker.inFlightTasks + ", " + worker.inFlightSeconds;
    }

    private static @Nullable String crowded(SchedulerState state) {
        for (Pool pool : state.pools.values()) {
            int counted = 0;
            for (WorkerEntry worker : pool.all) {
                boolean crowded = worker.status == WorkerStatus.RUNNING
                        ? !worker.idle && worker.processing.size() > worker.nthreads
                        : !worker.processing.isEmpty() && worker.status != WorkerStatus.CLOSED;
                if (worker.crowded != crowded) {
                    return "has " + worker + " not crowded, or crowded, by mistake";
                }
                counted += crowded ? 1 : 0;
            }
            if (counted != pool.crowded) {
                return "has a pool of " + counted + " crowded workers, not " + pool.crowded;
            }
        }
        return null;
    }
}
