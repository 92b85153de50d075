package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.WorkerStatus;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/// How much work is ahead of each worker, in seconds: what its tasks are expected to take, by the average of
/// their prefix, and the transfer of the inputs it lacks. From it follows which workers are idle, saturated or
/// open for another root task. Source of the formulas: `distributed.scheduler.SchedulerState`.
final class Occupancy {
    /// For each thread of a worker: how many root tasks it may have at once, if all that it has takes no longer and
    /// leaves no more than this.
    private static final int SHORT_TASKS = 8;
    /// The same for any worker, since in Python one thread at a time reads messages and starts tasks.
    private static final int SHORT_TASKS_OF_WORKER = 512;
    /// The same for a worker of the JVM: its tasks may take a microsecond.
    private static final int SHORT_JVM_TASKS = 128;

    private static final double SHORT_SECONDS = 0.045;
    /// What takes longer, on average, is no short task.
    static final double SHORT_TASK_SECONDS = 0.005;
    private static final double SHORT_BYTES = 8e6;

    /// What no worker of Python's is quicker with, whatever the task: reading it, starting it, telling of it.
    static final double PYTHON_SECONDS = 150e-6;
    /// A worker with work for longer than this may be left alone for so long.
    static final double NEEDY_SECONDS = 0.004;
    /// No worker is left alone for longer, so that clients need not wait for long. To look after 40 ms costs half a
    /// millisecond beside what is then done for each task, as all caches have something else in them.
    static final int LEISURE_MAX_MILLIS = 80;
    /// The same if its tasks are not short: then it has not so much to say that more time would gather.
    private static final int LEISURE_OF_LONG_TASKS_MAX_MILLIS = 20;
    /// What workers of Python's have to say leaves them so late, at most.
    private static final double NEWS_SECONDS = 0.002;

    private final SchedulerConfig config;
    private final double unknownSeconds;
    double bandwidthBytesPerSecond;
    /// Tasks whose result more than one worker holds, in the order in which they got there.
    final Set<TaskState> replicated = new LinkedHashSet<>();

    Occupancy(SchedulerConfig config) {
        this.config = config;
        this.unknownSeconds = seconds(config.unknownTaskDuration());
        this.bandwidthBytesPerSecond = config.bandwidthBytesPerSecond();
    }

    static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    /// What such a task is expected to take.
    double expectedSeconds(TaskPrefix prefix) {
        return prefix.durationSeconds >= 0 ? prefix.durationSeconds : unknownSeconds;
    }

    /// What such a task counts for in a worker's occupancy: while none has finished, twice the longest that one was
    /// seen to run.
    double assumedSeconds(TaskPrefix prefix) {
        return prefix.assumedSeconds(unknownSeconds);
    }

    void addProcessing(WorkerEntry worker, TaskState task) {
        worker.processing.add(task);
        count(worker, task.group.prefix, 1);
        for (TaskState dependency : task.dependencies) {
            if (!dependency.whoHas.contains(worker)) {
                need(worker, dependency, 1);
            }
        }
        refresh(worker);
    }

    void removeProcessing(WorkerEntry worker, TaskState task) {
        if (!worker.processing.remove(task)) {
            return;
        }
        if (!worker.longRunning.remove(task)) {
            count(worker, task.group.prefix, -1);
        }
        for (TaskState dependency : task.dependencies) {
            if (!dependency.whoHas.contains(worker)) {
                need(worker, dependency, -1);
            }
        }
        refresh(worker);
    }

    /// The task left its worker's threads: it no longer stands in anybody's way.
    void secede(WorkerEntry worker, TaskState task) {
        if (worker.processing.contains(task) && worker.longRunning.add(task)) {
            count(worker, task.group.prefix, -1);
            refresh(worker);
        }
    }

    void addReplica(WorkerEntry worker, TaskState task) {
        if (task.whoHas.contains(worker)) {
            return;
        }
        task.whoHas = task.whoHas.with(worker);
        if (task.whoHas.size() == 2) {
            replicated.add(task);
        }
        worker.hasWhat.addNew(task);
        worker.storedBytes += task.sizeBytes();
        Integer needed = worker.needsWhat.remove(task);
        if (needed != null) {
            addNeeded(worker, -task.sizeBytes());
        }
    }

    void removeReplica(WorkerEntry worker, TaskState task) {
        if (!task.whoHas.contains(worker)) {
            return;
        }
        task.whoHas = task.whoHas.without(worker);
        if (task.whoHas.size() == 1) {
            replicated.remove(task);
        }
        if (task.options.actor()) {
            worker.actors.remove(task);
        }
        worker.hasWhat.remove(task);
        worker.storedBytes -= task.sizeBytes();
        int needed = neededBy(worker, task);
        if (needed > 0) {
            worker.needsWhat.put(task, needed);
            addNeeded(worker, task.sizeBytes());
        }
    }

    /// How many tasks that the worker is to run need it. Looks at what there is less of.
    private static int neededBy(WorkerEntry worker, TaskState task) {
        int needed = 0;
        if (worker.processing.size() < task.dependents.size()) {
            for (TaskState processing : worker.processing) {
                if (processing.dependencies.contains(task)) {
                    needed++;
                }
            }
        } else {
            for (TaskState dependent : task.dependents) {
                if (dependent.processingOn == worker) {
                    needed++;
                }
            }
        }
        return needed;
    }

    /// The result is larger or smaller than was thought.
    void resize(TaskState task, long sizeBytes) {
        long difference = Math.max(sizeBytes, 0) - task.sizeBytes();
        for (WorkerEntry worker : task.whoHas) {
            worker.storedBytes += difference;
        }
        if (!task.whoHas.isEmpty()) {
            task.group.prefix.storedBytes += difference;
        }
        Set<WorkerEntry> needing = new LinkedHashSet<>();
        for (TaskState waiter : task.waiters) {
            WorkerEntry worker = waiter.processingOn;
            if (worker != null && worker.needsWhat.containsKey(task) && needing.add(worker)) {
                addNeeded(worker, difference);
            }
        }
        task.group.resultBytes += difference;
        task.sizeBytes = sizeBytes;
    }

    private void need(WorkerEntry worker, TaskState dependency, int by) {
        int now = worker.needsWhat.merge(dependency, by, Integer::sum);
        if (now == 0) {
            worker.needsWhat.remove(dependency);
            addNeeded(worker, -dependency.sizeBytes());
        } else if (now == 1 && by == 1) {
            addNeeded(worker, dependency.sizeBytes());
        }
    }

    /// The input is forgotten; nobody waits for its transfer any more.
    void forgetNeed(WorkerEntry worker, TaskState dependency) {
        if (worker.needsWhat.remove(dependency) != null) {
            addNeeded(worker, -dependency.sizeBytes());
        }
    }

    private static void addNeeded(WorkerEntry worker, long bytes) {
        worker.neededBytes += bytes;
        pool(worker).neededBytes += bytes;
    }

    private static void count(WorkerEntry worker, TaskPrefix prefix, int by) {
        worker.processingByPrefix.add(prefix, by);
        pool(worker).processingByPrefix.add(prefix, by);
    }

    static Pool pool(WorkerEntry worker) {
        Pool pool = worker.pool;
        if (pool == null) {
            throw new IllegalStateException("worker " + worker + " is in no pool");
        }
        return pool;
    }

    double total(Pool pool) {
        return seconds(pool.processingByPrefix, pool.neededBytes);
    }

    private double seconds(PrefixCounts counts, long neededBytes) {
        return counts.seconds(unknownSeconds) + Math.max(0, neededBytes) / bandwidthBytesPerSecond;
    }

    /// Recomputes a worker's occupancy and sorts it into its pool's sets.
    void refresh(WorkerEntry worker) {
        Pool pool = pool(worker);
        worker.occupancySeconds = seconds(worker.processingByPrefix, worker.neededBytes);
        int processing = worker.processing.size();
        if (worker.status != WorkerStatus.RUNNING) {
            pool.sort(worker, false, false, false);
            pool.crowd(worker, processing > 0 && worker.status != WorkerStatus.CLOSED);
            pool.leaveAlone(worker, -1);
            return;
        }
        pool.leaveAlone(worker, leisureMillis(worker));
        if (processing == 0 && !pool.queued.isEmpty()) {
            pool.ranDry++;
        }
        int threads = worker.nthreads;
        double average = average(pool);
        boolean idle = processing < threads || worker.occupancySeconds < threads * average / 2;
        boolean saturated = false;
        if (!idle && processing > threads) {
            double pending = worker.occupancySeconds * (processing - threads) / ((double) processing * threads);
            saturated = pending > 0.4 && pending > 1.9 * average;
        }
        pool.sort(worker, idle, saturated, isOpen(worker));
        pool.crowd(worker, !idle && processing > threads);
    }

    /// How long all of its threads have something to do at least, of what is known, less what its news takes to come
    /// here, but for the shortest time worth it. One of the JVM may soon be done with any number of tasks.
    private static int leisureMillis(WorkerEntry worker) {
        int busy = worker.processing.size() - worker.longRunning.size();
        int spare = busy - worker.nthreads;
        if (spare <= 0 || worker.runtime == Runtime.JVM) {
            return 0;
        }
        double each = worker.processingByPrefix.seconds(0) / busy;
        double untilIdle = spare * (each / worker.nthreads + PYTHON_SECONDS);
        if (untilIdle < NEEDY_SECONDS) {
            return 0;
        }
        int most = each < SHORT_TASK_SECONDS ? LEISURE_MAX_MILLIS : LEISURE_OF_LONG_TASKS_MAX_MILLIS;
        return (int) (1e3 * Math.clamp(untilIdle - NEWS_SECONDS, NEEDY_SECONDS, most / 1e3));
    }

    /// Seconds of work ahead of a thread of the pool.
    double average(Pool pool) {
        return pool.totalThreads == 0 ? 0 : total(pool) / pool.totalThreads;
    }

    /// To bring to the worker the task's inputs that it lacks.
    double transferSeconds(TaskState task, WorkerEntry worker) {
        long missing = 0;
        for (TaskState dependency : task.dependencies) {
            if (!dependency.whoHas.contains(worker)) {
                missing += dependency.sizeBytes();
            }
        }
        return missing / bandwidthBytesPerSecond;
    }

    /// Whether the worker may be given another root task; always if queuing is off. Beyond Dask's rule, one whose
    /// tasks are short and small gets several for each thread, and more only when half of them are done: otherwise
    /// it spends more time waiting for the next one than computing, and every task costs a message each way.
    private boolean isOpen(WorkerEntry worker) {
        if (Double.isInfinite(config.workerSaturation())) {
            return true;
        }
        int busy = worker.processing.size() - worker.longRunning.size();
        if (busy < Math.max(Math.ceil(config.workerSaturation() * worker.nthreads), 1)) {
            return true;
        }
        int most = worker.runtime == Runtime.JVM
                ? SHORT_JVM_TASKS * worker.nthreads
                : Math.max(SHORT_TASKS_OF_WORKER, SHORT_TASKS * worker.nthreads);
        return (worker.open ? busy < most : busy <= most / 2) && isSoonDone(worker, busy);
    }

    private static boolean isSoonDone(WorkerEntry worker, int busy) {
        return worker.occupancySeconds < SHORT_SECONDS * worker.nthreads
                && worker.occupancySeconds < SHORT_TASK_SECONDS * busy
                && worker.processingByPrefix.resultBytes() < SHORT_BYTES * worker.nthreads;
    }
}
