package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Fails what no worker could run for longer than `no-workers-timeout`: a task for which no running worker qualifies,
/// from when it was found so; a queued one, which any worker could run, from when the last worker was gone.
/// Source: Dask's `Scheduler._check_no_workers`.
final class NoWorkers {
    private final SchedulerState state;
    private final Outbox outbox;
    private final long timeoutNanos;
    private boolean timerSet;

    NoWorkers(SchedulerState state, Outbox outbox) {
        this.state = state;
        this.outbox = outbox;
        this.timeoutNanos = state.config.noWorkersTimeout().toNanos();
    }

    /// At the end of a batch.
    void look() {
        if (timeoutNanos == 0) {
            return;
        }
        long soonest = Long.MAX_VALUE;
        for (Pool pool : state.pools.values()) {
            boolean lacking = pool.running.isEmpty() && !(pool.queued.isEmpty() && pool.unrunnable.isEmpty());
            if (!lacking) {
                pool.noWorkersSinceNanos = null;
            } else if (pool.noWorkersSinceNanos == null) {
                pool.noWorkersSinceNanos = state.nowNanos;
            }
            if (timerSet) {
                continue;
            }
            if (pool.noWorkersSinceNanos != null && !pool.queued.isEmpty()) {
                soonest = Math.min(soonest, leftNanos(pool.noWorkersSinceNanos));
            }
            if (!pool.unrunnable.isEmpty()) {
                soonest = Math.min(
                        soonest, leftNanos(pool.unrunnable.values().iterator().next()));
            }
        }
        if (soonest != Long.MAX_VALUE) {
            timerSet = true;
            outbox.timer(Timer.UNRUNNABLE_TIMEOUT, Math.max(0, soonest));
        }
    }

    private long leftNanos(long sinceNanos) {
        return timeoutNanos - (state.nowNanos - sinceNanos);
    }

    void timerFired() {
        timerSet = false;
        int most = state.slices.size; // For the rest the timer is set again.
        List<Object> failed = new ArrayList<>();
        for (Pool pool : state.pools.values()) {
            Long since = pool.noWorkersSinceNanos;
            for (Map.Entry<TaskState, Long> entry : overdue(pool, most - failed.size())) {
                TaskState task = entry.getKey();
                fail(
                        task,
                        since != null && since <= entry.getValue()
                                ? new Failure.NoWorker(seconds())
                                : new Failure.NoValidWorker(
                                        task.uncommon.workerRestrictions == null
                                                ? List.of()
                                                : task.uncommon.workerRestrictions,
                                        task.options.resources(),
                                        seconds()),
                        failed);
            }
            if (since != null && leftNanos(since) <= 0) {
                for (int left = most - failed.size(); left > 0 && !pool.queued.isEmpty(); left--) {
                    fail(pool.queued.first(), new Failure.NoWorker(seconds()), failed);
                }
            }
        }
        if (!failed.isEmpty()) {
            Map<String, Object> message = new LinkedHashMap<>();
            message.put("action", "no-workers-timeout-exceeded");
            message.put("keys", failed);
            outbox.log("scheduler", message);
        }
    }

    /// Copies of the entries, the longest first.
    private List<Map.Entry<TaskState, Long>> overdue(Pool pool, int most) {
        List<Map.Entry<TaskState, Long>> overdue = new ArrayList<>();
        for (Map.Entry<TaskState, Long> entry : pool.unrunnable.entrySet()) {
            if (overdue.size() >= most || leftNanos(entry.getValue()) > 0) {
                break; // Those that follow came later.
            }
            overdue.add(Map.entry(entry.getKey(), entry.getValue()));
        }
        return overdue;
    }

    private double seconds() {
        return timeoutNanos / 1e9;
    }

    /// What failed with another one before it is passed over, and so is one of which something else becomes.
    private void fail(TaskState task, Failure failure, Collection<Object> failed) {
        if (state.looseEnds.settle(task)) {
            return;
        }
        if (task.status == TaskStatus.NO_WORKER || task.status == TaskStatus.QUEUED) {
            task.blame(task, failure);
            failed.add(task.key.value());
            state.transitions.transition(task, TaskStatus.ERRED, "check-no-workers-timeout");
        }
    }
}
