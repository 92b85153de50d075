package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.TaskContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What is known of one key; shared by all futures of it. Any thread may use it: the connection's reader brings
/// news, callers wait. It never holds the result itself.
final class KeyState {
    final String key;

    /// Open futures of the key. Guarded by the lock of [KeyTable].
    int references;
    /// Whether a task was submitted under the key. Guarded by the lock of [KeyTable].
    boolean submitted;
    /// Whether the scheduler has been told of the key. Guarded by the lock of [KeyTable].
    boolean announced;
    /// Submissions that wait for this key to be announced. Guarded by the lock of [KeyTable].
    final List<Submission> waiting = new ArrayList<>(0);
    /// Whether it is to run though nobody wants it, once it is announced. Guarded by the lock of [KeyTable].
    boolean fireAndForget;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private FutureStatus status = FutureStatus.PENDING;
    private volatile byte @Nullable [] result;
    private @Nullable Throwable failure;
    private @Nullable String worker;
    private @Nullable String culprit;
    private List<Runnable> listeners = List.of();

    KeyState(String key) {
        this.key = key;
    }

    FutureStatus status() {
        lock.lock();
        try {
            return status;
        } finally {
            lock.unlock();
        }
    }

    void finished() {
        become(FutureStatus.FINISHED, null, null);
    }

    /// Its result came with the news.
    ///
    /// @param form as [io.github.daskjvm.worker.task.JavaCodec#smallForm] has it
    void finished(byte[] form) {
        result = form;
        become(FutureStatus.FINISHED, null, null);
    }

    /// The form of a result that came with the news of it; null if it must be fetched.
    byte @Nullable [] result() {
        return result;
    }

    /// Pending again, because the result is lost or the task is to be tried again.
    void again(FutureStatus unfinished) {
        result = null;
        become(unfinished, null, null);
    }

    /// @param where the worker's address, if known
    void failed(Throwable cause, @Nullable String where) {
        become(FutureStatus.ERROR, cause, where);
    }

    /// @param task the key of the task that threw, if known: this one, or one that it needs
    void failed(Throwable cause, @Nullable String where, @Nullable String task) {
        lock.lock();
        try {
            culprit = task;
            failed(cause, where);
        } finally {
            lock.unlock();
        }
    }

    /// @return false if it was done before
    boolean cancelled(String reason) {
        return cancelled(new TaskCancelledException(key, reason));
    }

    /// @return false if it was done before
    boolean cancelled(CancellationException reason) {
        lock.lock();
        try {
            if (status == FutureStatus.ERROR || status == FutureStatus.CANCELLED) {
                return false;
            }
            boolean was = status.isDone();
            become(FutureStatus.CANCELLED, reason, null);
            return !was;
        } finally {
            lock.unlock();
        }
    }

    private void become(FutureStatus next, @Nullable Throwable cause, @Nullable String where) {
        List<Runnable> told = List.of();
        lock.lock();
        try {
            if (status == FutureStatus.CANCELLED) {
                return;
            }
            status = next;
            failure = cause;
            worker = where;
            if (next.isDone()) {
                changed.signalAll();
                told = listeners;
                listeners = List.of();
            }
        } finally {
            lock.unlock();
        }
        told.forEach(Runnable::run);
    }

    /// Runs it once the key is done, at once if it is: in the thread that brings the news, which may hold locks
    /// and must not wait.
    void onDone(Runnable listener) {
        lock.lock();
        try {
            if (!status.isDone()) {
                if (listeners.isEmpty()) {
                    listeners = new ArrayList<>(2);
                }
                listeners.add(listener);
                return;
            }
        } finally {
            lock.unlock();
        }
        listener.run();
    }

    /// Takes a listener of [#onDone] back.
    void forget(Runnable listener) {
        lock.lock();
        try {
            if (!listeners.isEmpty()) {
                listeners.remove(listener);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits until the key is done, in whichever way; false if it isn't by then.
    boolean awaitDone(Deadline deadline) throws InterruptedException {
        if (TaskContext.currentOrNull() != null && !status().isDone()) {
            try (var place = TaskContext.leavePlace()) {
                return awaitDoneHere(deadline);
            }
        }
        return awaitDoneHere(deadline);
    }

    private boolean awaitDoneHere(Deadline deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!status.isDone()) {
                if (!deadline.await(changed)) {
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until the result is on a worker.
    ///
    /// @throws TaskFailedException if the task failed
    /// @throws CancellationException if it was cancelled
    /// @throws TimeoutException after the deadline
    void await(Deadline deadline) throws InterruptedException, TimeoutException, TaskFailedException {
        if (TaskContext.currentOrNull() != null && !status().isDone()) {
            // Before the lock is taken: the worker's is taken meanwhile.
            try (var place = TaskContext.leavePlace()) {
                awaitHere(deadline);
            }
        } else {
            awaitHere(deadline);
        }
    }

    private void awaitHere(Deadline deadline) throws InterruptedException, TimeoutException, TaskFailedException {
        lock.lockInterruptibly();
        try {
            while (!status.isDone()) {
                if (!deadline.await(changed)) {
                    throw new TimeoutException("task " + key + " is " + status.wireName() + " after " + deadline);
                }
            }
            raise();
        } finally {
            lock.unlock();
        }
    }

    private void raise() throws TaskFailedException {
        if (status == FutureStatus.CANCELLED) {
            String reason = String.valueOf(failure == null ? null : failure.getMessage());
            throw failure instanceof SchedulerLostException
                    ? new SchedulerLostException(key, reason)
                    : new TaskCancelledException(key, reason);
        }
        if (status == FutureStatus.ERROR && failure != null) {
            throw TaskFailedException.of(key, culprit, worker, failure);
        }
    }

    /// Pending again, if it failed, to be tried once more; false otherwise.
    boolean retrying() {
        lock.lock();
        try {
            if (status != FutureStatus.ERROR) {
                return false;
            }
            become(FutureStatus.PENDING, null, null);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// What the task threw; null unless it failed.
    @Nullable
    Throwable failure() {
        lock.lock();
        try {
            return status == FutureStatus.ERROR ? failure : null;
        } finally {
            lock.unlock();
        }
    }
}
