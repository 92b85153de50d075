package io.github.daskjvm.worker;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The threads that run tasks: platform threads, or virtual ones, made when there is a run and no idle one, kept up to
/// `nthreads`.
/// How many tasks run at a time is the state machine's business; here a thread that seceded is just one more. When
/// a run ends its thread reports it, and is given the next run in return. Any thread may call.
final class TaskThreads {
    private final String name;
    private final int kept;
    private final boolean virtual;
    private final ClassLoader loader;
    /// Reports a run's end, and gives the thread its next run, or null.
    private final Function<TaskRun, @Nullable TaskRun> runAndReport;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wake = lock.newCondition();
    private final Deque<TaskRun> queue = new ArrayDeque<>();
    private final Map<Long, TaskRun> running = new ConcurrentHashMap<>();
    /// Threads without a run: waiting for one, or on the way there.
    private int free;
    private int waiting;
    private int made;
    private boolean closed;

    TaskThreads(
            String name,
            int kept,
            boolean virtual,
            ClassLoader loader,
            Function<TaskRun, @Nullable TaskRun> runAndReport) {
        this.virtual = virtual;
        this.name = name;
        this.kept = kept;
        this.loader = loader;
        this.runAndReport = runAndReport;
    }

    void submit(TaskRun run) {
        running.put(run.attempt(), run);
        lock.lock();
        try {
            if (closed) {
                return;
            }
            queue.addLast(run);
            if (free >= queue.size()) {
                wake.signal();
            } else {
                free++;
                (virtual ? Thread.ofVirtual() : Thread.ofPlatform().daemon())
                        .name("task-" + name + "-" + ++made)
                        .unstarted(this::work)
                        .start();
            }
        } finally {
            lock.unlock();
        }
    }

    /// A thread's run has ended, and it takes this next one, or none.
    void exchanged(TaskRun ended, @Nullable TaskRun next) {
        running.remove(ended.attempt());
        if (next != null) {
            running.put(next.attempt(), next);
            return;
        }
        lock.lock();
        free++;
        lock.unlock();
    }

    void interrupt(long attempt) {
        TaskRun run = running.get(attempt);
        if (run != null) {
            run.interrupt();
        }
    }

    /// Runs queued or going on.
    Collection<TaskRun> running() {
        return running.values();
    }

    private void work() {
        for (TaskRun first = next(); first != null; first = next()) {
            TaskRun run = first;
            while (run != null) {
                // Anew for each, since a task may have set another.
                Thread.currentThread().setContextClassLoader(loader);
                run = runAndReport.apply(run);
            }
        }
    }

    private @Nullable TaskRun next() {
        lock.lock();
        try {
            while (queue.isEmpty()) {
                if (closed || waiting >= kept) {
                    free--;
                    return null;
                }
                waiting++;
                wake.awaitUninterruptibly();
                waiting--;
            }
            free--;
            return queue.removeFirst();
        } finally {
            lock.unlock();
        }
    }

    /// Interrupts what runs, and lets the threads end with it.
    void close() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
            wake.signalAll();
        } finally {
            lock.unlock();
        }
        running.values().forEach(TaskRun::interrupt);
    }
}
