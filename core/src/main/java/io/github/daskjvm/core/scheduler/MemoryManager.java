package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Dask's active memory manager: every so often, or when asked, drops copies of results beyond what is needed
/// (`ReduceReplicas`) and makes copies of what only retiring workers hold (`RetireWorker`). There is no move: a
/// copy is made in one run and its original dropped in a later one, if the copy is there by then.
///
/// Workers retire whether or not the manager is started, as in Dask; then it runs for them alone.
final class MemoryManager {
    /// How often it runs for retiring workers where it is not started; as `Scheduler.retire_workers`.
    private static final Duration RETIREMENT_INTERVAL = Duration.ofSeconds(2);
    /// With so many tasks waiting for a result or more, they are counted without a look at where they run.
    private static final int INSPECTED_WAITERS_MAX = 20;

    private final SchedulerState state;
    private final Outbox outbox;
    private final WorkerEvents workerEvents;
    private boolean started;
    private long runs;

    MemoryManager(SchedulerState state, Outbox outbox, WorkerEvents workerEvents) {
        this.state = state;
        this.outbox = outbox;
        this.workerEvents = workerEvents;
    }

    boolean started() {
        return started;
    }

    void started(boolean on) {
        if (on && !started) {
            outbox.timer(Timer.MEMORY_MANAGER, state.config.memory().interval().toNanos());
        } else if (!on && started && isAnyRetiring()) {
            outbox.timer(Timer.RETIREMENT, RETIREMENT_INTERVAL.toNanos());
        }
        started = on;
    }

    void timerFired() {
        if (started) {
            run();
            outbox.timer(Timer.MEMORY_MANAGER, state.config.memory().interval().toNanos());
        }
    }

    void retirementTimerFired() {
        if (!started && isAnyRetiring()) {
            retire();
            outbox.timer(Timer.RETIREMENT, RETIREMENT_INTERVAL.toNanos());
        }
    }

    private boolean isAnyRetiring() {
        for (WorkerEntry worker : state.workers.values()) {
            if (worker.retirement == Retirement.MOVING) {
                return true;
            }
        }
        return false;
    }

    /// All policies once.
    void run() {
        var suggestions = new ReplicaSuggestions(state);
        if (state.config.memory().reduceReplicas()) {
            reduceReplicas(suggestions);
        }
        retireWorkers(suggestions);
        suggestions.enact(outbox, stimulus());
    }

    private String stimulus() {
        return "active_memory_manager-" + ++runs;
    }

    private void retire() {
        var suggestions = new ReplicaSuggestions(state);
        retireWorkers(suggestions);
        suggestions.enact(outbox, stimulus());
    }

    /// As many copies stay as there are workers with tasks that need the result, and tasks without a worker yet.
    private void reduceReplicas(ReplicaSuggestions suggestions) {
        for (TaskState task : List.copyOf(state.occupancy.replicated)) {
            int needed = task.waiters.size();
            if (needed > 1 && needed < INSPECTED_WAITERS_MAX) {
                Set<Object> places = new HashSet<>();
                for (TaskState waiter : task.waiters) {
                    places.add(waiter.processingOn == null ? waiter : waiter.processingOn);
                }
                needed = places.size();
            }
            int surplus = task.whoHas.size() + suggestions.pendingChange(task) - Math.max(1, needed);
            for (int i = 0; i < surplus; i++) {
                suggestions.drop(task, task.whoHas);
            }
        }
    }

    /// Has the workers give away what they hold, and take no more work.
    void retire(Event.RetireWorkers event) {
        for (String address : event.workers()) {
            WorkerEntry worker = state.workers.get(address);
            if (worker == null) {
                continue;
            }
            worker.retirement = Retirement.MOVING;
            workerEvents.status(worker, WorkerStatus.CLOSING_GRACEFULLY);
            outbox.worker(worker, new Command.ChangeWorkerStatus(WorkerStatus.CLOSING_GRACEFULLY, event.stimulusId()));
        }
        if (started) {
            run();
        } else {
            retire();
            outbox.timer(Timer.RETIREMENT, RETIREMENT_INTERVAL.toNanos());
        }
    }

    private void retireWorkers(ReplicaSuggestions suggestions) {
        for (WorkerEntry worker : state.workers.values()) {
            if (worker.retirement == Retirement.MOVING) {
                worker.retirement = retire(worker, suggestions);
            }
        }
    }

    private Retirement retire(WorkerEntry worker, ReplicaSuggestions suggestions) {
        if (!worker.actors.isEmpty()) {
            return Retirement.HOLDS_ACTORS;
        }
        Set<WorkerEntry> self = Set.of(worker);
        int moving = 0;
        int stuck = 0;
        for (TaskState task : worker.hasWhat) {
            if (task.options.actor()) {
                continue; // A reference to an actor that lives elsewhere.
            }
            if (task.whoHas.size() > 1 && (suggestions.drop(task, self) != null || isHeldByRunning(task))) {
                continue;
            }
            moving++;
            if (!suggestions.isToBeFetched(task) && suggestions.replicate(task) == null) {
                stuck++;
            }
        }
        if (stuck > 0) {
            return Retirement.NO_RECIPIENTS;
        }
        return moving > 0 ? Retirement.MOVING : Retirement.DONE;
    }

    private static boolean isHeldByRunning(TaskState task) {
        for (WorkerEntry holder : task.whoHas) {
            if (holder.status == WorkerStatus.RUNNING) {
                return true;
            }
        }
        return false;
    }

    /// How far the worker is; a worker that is gone is done.
    Retirement retirement(@Nullable WorkerEntry worker) {
        if (worker == null) {
            return Retirement.DONE;
        }
        if (worker.retirement != Retirement.MOVING) {
            return worker.retirement;
        }
        for (TaskState task : worker.hasWhat) {
            if (!task.options.actor() && !isHeldByAnother(task, worker)) {
                return Retirement.MOVING;
            }
        }
        return Retirement.DONE;
    }

    /// By a worker that does not retire as well.
    private static boolean isHeldByAnother(TaskState task, WorkerEntry worker) {
        for (WorkerEntry holder : task.whoHas) {
            if (holder != worker && holder.retirement != Retirement.MOVING && holder.retirement != Retirement.DONE) {
                return true;
            }
        }
        return false;
    }
}
