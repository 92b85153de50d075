package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.WorkerStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One round of balancing a pool: which workers could take tasks, which have too many, and which tasks are worth
/// their transfer. Cheap tasks go first, of the busiest victims first, and of a victim's those it was given last.
///
/// A task moves if it would then be done sooner, by at least half of what it costs. Here we go further than Dask: a
/// wait is occupancy by threads, and none at a worker with a free thread, where Dask compares total occupancies and so
/// leaves the free threads of a large worker unused; what stands at a paused worker may go too; and victims are all
/// that have more than they can run, not the saturated alone. A round looks at so many victims, tasks and thieves at
/// most, whatever the size of the cluster.
final class StealingRound {
    private static final int VICTIMS_MAX = 20;
    private static final int TASKS_OF_A_VICTIM_MAX = 1_000;
    /// Thieves looked at for a task without restrictions, and as many of the holders of its inputs.
    private static final int THIEVES_SEARCHED_MAX = 20;
    /// Looks at a thief for a task in all.
    private static final int LOOKS_MAX = 50_000;
    private static final double VICTIM_SECONDS_MIN = 0.2;

    private final SchedulerState state;
    private final Stealing stealing;
    private final Pool pool;
    private final double averageSeconds;
    private final List<WorkerEntry> thieves = new ArrayList<>();
    private final List<Command.Steal> steals = new ArrayList<>();
    private int looks;
    private int turn;

    StealingRound(SchedulerState state, Stealing stealing, Pool pool) {
        this.state = state;
        this.stealing = stealing;
        this.pool = pool;
        this.averageSeconds = state.occupancy.average(pool);
    }

    /// @return what was asked for, cheapest first
    List<Command.Steal> run() {
        for (WorkerEntry worker : pool.idle) {
            if (isUnoccupied(worker)) {
                thieves.add(worker);
            }
        }
        if (thieves.isEmpty()) {
            return steals;
        }
        List<List<TaskState>> byLevel = new ArrayList<>(StealingLevels.COUNT);
        for (int level = 0; level < StealingLevels.COUNT; level++) {
            byLevel.add(new ArrayList<>());
        }
        for (WorkerEntry victim : victims()) {
            sort(victim, byLevel);
        }
        for (int level = 0; level < StealingLevels.COUNT; level++) {
            for (TaskState task : byLevel.get(level)) {
                if (thieves.isEmpty() || looks > LOOKS_MAX) {
                    return steals;
                }
                steal(task, level);
            }
        }
        return steals;
    }

    private boolean isUnoccupied(WorkerEntry worker) {
        return Stealing.processing(worker) < worker.nthreads
                || Stealing.occupancySeconds(worker) < worker.nthreads * averageSeconds / 2;
    }

    /// Workers that have more than they run, those with most to do first.
    private List<WorkerEntry> victims() {
        List<WorkerEntry> victims = new ArrayList<>();
        for (WorkerEntry worker : pool.all) {
            if (!worker.idle && hasTooMuch(worker)) {
                victims.add(worker);
            }
        }
        victims.sort(Comparator.comparingDouble(Stealing::occupancySeconds).reversed());
        return victims.size() > VICTIMS_MAX ? victims.subList(0, VICTIMS_MAX) : victims;
    }

    private static boolean hasTooMuch(WorkerEntry worker) {
        int runs = worker.status == WorkerStatus.RUNNING ? worker.nthreads : 0;
        return Stealing.processing(worker) > runs && Stealing.occupancySeconds(worker) > VICTIM_SECONDS_MIN;
    }

    private void sort(WorkerEntry victim, List<List<TaskState>> byLevel) {
        int looked = 0;
        for (TaskState task : victim.processing.newestFirst()) {
            if (looked++ == TASKS_OF_A_VICTIM_MAX) {
                return;
            }
            int level = level(task, victim);
            if (level != StealingLevels.NEVER) {
                byLevel.get(level).add(task);
            }
        }
    }

    private int level(TaskState task, WorkerEntry victim) {
        if (task.unstealable
                || task.group.prefix.fast
                || task.options.actor()
                || victim.longRunning.contains(task)
                || stealing.inFlight.containsKey(task)) {
            return StealingLevels.NEVER;
        }
        long bytes = 0;
        for (TaskState dependency : task.dependencies) {
            bytes += dependency.sizeBytes();
        }
        return StealingLevels.of(
                !task.dependencies.isEmpty(),
                bytes,
                state.occupancy.assumedSeconds(task.group.prefix),
                state.occupancy.bandwidthBytesPerSecond);
    }

    private void steal(TaskState task, int level) {
        WorkerEntry victim = task.processingOn;
        if (victim == null || !hasTooMuch(victim)) {
            return;
        }
        WorkerEntry thief = thief(task);
        if (thief == null) {
            return;
        }
        double compute = state.occupancy.assumedSeconds(task.group.prefix);
        double own = compute + state.occupancy.transferSeconds(task, victim);
        double there = compute + state.occupancy.transferSeconds(task, thief);
        double victimSeconds = Stealing.occupancySeconds(victim);
        double thiefSeconds = Stealing.occupancySeconds(thief);
        double wait = Stealing.processing(thief) < thief.nthreads ? 0 : thiefSeconds / thief.nthreads;
        boolean stands = victim.status != WorkerStatus.RUNNING;
        if (!stands && wait + there > Math.max(0, victimSeconds - own) / victim.nthreads + own / 2) {
            return;
        }
        stealing.request(task, victim, thief, own, there);
        stealing.levels.count(level, own);
        steals.add(new Command.Steal(level, task.key, own, victim.address, victimSeconds, thief.address, thiefSeconds));
        if (!isUnoccupied(thief)) {
            int at = thieves.indexOf(thief);
            Collections.swap(thieves, at, thieves.size() - 1);
            thieves.removeLast();
        }
    }

    /// The thief where the task would start soonest, as far as it may run there.
    private @Nullable WorkerEntry thief(TaskState task) {
        if (task.uncommon.workerRestrictions != null
                || !task.options.resources().isEmpty()) {
            WorkerEntry allowed = restricted(task, true);
            return allowed == null && task.uncommon.looseRestrictions ? restricted(task, false) : allowed;
        }
        WorkerEntry best = null;
        int searched = Math.min(thieves.size(), THIEVES_SEARCHED_MAX);
        for (int i = 0; i < searched; i++) {
            best = sooner(task, best, thieves.get((turn + i) % thieves.size()));
        }
        turn++;
        if (searched < thieves.size()) {
            best = holder(task, best);
        }
        return best;
    }

    private @Nullable WorkerEntry restricted(TaskState task, boolean strict) {
        WorkerEntry best = null;
        for (WorkerEntry thief : thieves) {
            looks++;
            if (Restrictions.hasResources(task, thief) && (!strict || Restrictions.allows(task, thief))) {
                best = sooner(task, best, thief);
            }
        }
        return best;
    }

    private @Nullable WorkerEntry holder(TaskState task, @Nullable WorkerEntry found) {
        WorkerEntry best = found;
        int searched = 0;
        for (TaskState dependency : task.dependencies) {
            for (WorkerEntry worker : dependency.whoHas) {
                if (searched++ == THIEVES_SEARCHED_MAX) {
                    return best;
                }
                if (worker.idle && worker.pool == pool && isUnoccupied(worker)) {
                    best = sooner(task, best, worker);
                }
            }
        }
        return best;
    }

    private WorkerEntry sooner(TaskState task, @Nullable WorkerEntry best, WorkerEntry other) {
        looks++;
        if (best == null) {
            return other;
        }
        double difference = start(task, other) - start(task, best);
        return difference < 0 || (difference == 0 && other.storedBytes < best.storedBytes) ? other : best;
    }

    private double start(TaskState task, WorkerEntry worker) {
        return Stealing.occupancySeconds(worker) / worker.nthreads + state.occupancy.transferSeconds(task, worker);
    }
}
