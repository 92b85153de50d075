package io.github.daskjvm.client;

import io.github.daskjvm.comm.BatchedStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The keys that a client holds futures of, and the order of what it tells the scheduler about them: one lock
/// covers the table and the adding to the stream, so that a key is never released after it was asked for again.
/// Any thread may call.
final class KeyTable {
    /// A message is sent on when it has this many tasks, or bytes, however many are submitted at once.
    private static final int MESSAGE_TASKS_MAX = 10_000;

    private static final long MESSAGE_BYTES_MAX = 32 << 20;
    private static final String CLOSED = "the client is closed";

    /// As whom Dask's clients want what is only to run.
    private static final String FIRE_AND_FORGET = "fire-and-forget";

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();
    private final Condition found = lock.newCondition();
    private boolean sought;
    private final Map<String, KeyState> states = new HashMap<>();
    private final String client;
    private final Generations generations = new Generations();
    private List<String> toRelease = new ArrayList<>();
    private @Nullable BatchedStream stream;
    private String disconnected = "not connected yet";

    /// @param client the client's id
    KeyTable(String client) {
        this.client = client;
    }

    void connected(BatchedStream newStream) {
        lock.lock();
        try {
            stream = newStream;
            sought = false;
            found.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The scheduler forgets what a client wanted that it loses.
    ///
    /// @param seeking it is looked for: what is submitted waits
    void disconnected(String reason, boolean seeking) {
        lock.lock();
        try {
            boolean closed = reason.equals(CLOSED);
            stream = null;
            sought = seeking;
            disconnected = reason;
            toRelease.clear();
            for (KeyState state : states.values()) {
                state.cancelled(
                        closed ? new TaskCancelledException(state.key, reason) : new SchedulerLostException(reason));
            }
            states.clear();
            released.signalAll();
            found.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void cancelAll(String reason) {
        lock.lock();
        try {
            for (KeyState state : states.values()) {
                state.cancelled(reason);
            }
            states.clear();
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    KeyState get(String key) {
        lock.lock();
        try {
            return states.get(key);
        } finally {
            lock.unlock();
        }
    }

    /// A state for a key, counted as one more future of it; the one in the table if the key is known.
    KeyState acquire(String key) {
        lock.lock();
        try {
            KeyState state = states.computeIfAbsent(key, KeyState::new);
            state.references++;
            return state;
        } finally {
            lock.unlock();
        }
    }

    /// As [#acquire(String)], for data to be placed under the key: if the key was let go of before, one that
    /// follows it. The workers may still be about to drop the data of the first.
    KeyState acquireAnew(String base) {
        lock.lock();
        try {
            String key = generations.next(base, states.keySet());
            return acquire(key);
        } finally {
            lock.unlock();
        }
    }

    /// One more future of a key that has one.
    ///
    /// @throws IllegalArgumentException if the last future of it has been closed
    KeyState acquire(KeyState state) {
        lock.lock();
        try {
            checkOpen(state);
            state.references++;
            return state;
        } finally {
            lock.unlock();
        }
    }

    /// One future less; without any, the scheduler will be told.
    void release(KeyState state) {
        lock.lock();
        try {
            if (--state.references == 0 && states.remove(state.key, state) && state.announced) {
                toRelease.add(state.key);
                released.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Removes cancelled keys, so that the same names can be submitted anew, and tells the scheduler.
    void cancel(Collection<KeyState> cancelled, boolean force, String reason) {
        lock.lock();
        try {
            var keys = new ArrayList<String>(cancelled.size());
            for (KeyState state : cancelled) {
                states.remove(state.key, state);
                if (state.announced) {
                    state.cancelled(reason);
                    keys.add(state.key);
                } else {
                    fail(state, new CancellationException(reason));
                }
            }
            if (!keys.isEmpty() && stream != null) {
                sendReleases(stream);
                stream.send(Map.of("op", "cancel-keys", "keys", keys, "force", force));
            }
        } finally {
            lock.unlock();
        }
    }

    /// Sends tasks to the scheduler, except those that were sent before under the same key, and those that need
    /// a key which is not there yet; they follow it.
    ///
    /// @throws IllegalStateException without a connection
    /// @throws IllegalArgumentException if a task needs a key whose last future was closed
    void submit(List<Submission> tasks) {
        lock.lock();
        try {
            BatchedStream open = open();
            sendReleases(open);
            tasks.forEach(KeyTable::checkOpen);
            var ready = new ArrayList<Submission>(tasks.size());
            for (Submission task : tasks) {
                if (task.state().submitted) {
                    continue;
                }
                task.state().submitted = true;
                KeyState missing = unannounced(task);
                if (missing == null) {
                    task.state().announced = true;
                    ready.add(task);
                } else {
                    waitFor(missing, task);
                }
            }
            send(open, ready);
        } finally {
            lock.unlock();
        }
    }

    /// Sends tasks to the scheduler in one message, though it be large: those that nobody wants would be
    /// forgotten before what needs them came.
    ///
    /// @throws IllegalArgumentException if a task needs a key whose last future was closed, or one that is not
    ///     there yet
    void submitTogether(List<Submission> tasks, Collection<KeyState> intermediate) {
        lock.lock();
        try {
            BatchedStream open = open();
            for (Submission task : tasks) {
                for (KeyState dependency : task.dependencies()) {
                    if (!intermediate.contains(dependency)) {
                        checkOpen(dependency);
                    }
                    if (!dependency.announced && !dependency.submitted) {
                        throw new IllegalArgumentException("task " + task.state().key + " needs " + dependency.key
                                + ", whose value this program has yet to bring; submit the graph once it is there");
                    }
                }
                task.state().submitted = true;
                task.state().announced = true;
            }
            sendReleases(open);
            var wanted = new ArrayList<String>();
            for (Submission task : tasks) {
                if (!intermediate.contains(task.state())) {
                    wanted.add(task.state().key);
                }
            }
            open.add(out -> Submission.write(out, tasks, wanted));
            open.flush();
        } finally {
            lock.unlock();
        }
    }

    private static void checkOpen(Submission task) {
        for (KeyState dependency : task.dependencies()) {
            checkOpen(dependency);
        }
    }

    private static void checkOpen(KeyState state) {
        if (state.references == 0) {
            throw new IllegalArgumentException("the future of " + state.key + " is closed");
        }
    }

    private static @Nullable KeyState unannounced(Submission task) {
        for (KeyState dependency : task.dependencies()) {
            if (!dependency.announced) {
                return dependency;
            }
        }
        return null;
    }

    private static void send(BatchedStream open, List<Submission> tasks) {
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < tasks.size(); i++) {
            bytes += tasks.get(i).sizeBytes();
            if (i + 1 == tasks.size() || i + 1 - from >= MESSAGE_TASKS_MAX || bytes >= MESSAGE_BYTES_MAX) {
                List<Submission> part = tasks.subList(from, i + 1);
                open.add(out -> Submission.write(out, part));
                open.flush();
                from = i + 1;
                bytes = 0;
            }
        }
    }

    /// A key that tasks wait for has become known to the scheduler by other means than [#submit], or is submitted
    /// now, by `task`; what waited for it follows.
    void announce(KeyState known, @Nullable Submission task) {
        lock.lock();
        try {
            BatchedStream open = open();
            var ready = new ArrayList<Submission>();
            var toRun = new ArrayList<String>(0);
            if (task != null) {
                ready.add(task);
            }
            var queue = new ArrayDeque<KeyState>(List.of(known));
            for (KeyState state = queue.poll(); state != null; state = queue.poll()) {
                state.announced = true;
                for (Submission next : state.waiting) {
                    KeyState missing = unannounced(next);
                    if (missing != null) {
                        waitFor(missing, next);
                    } else if (!next.state().status().isDone()) {
                        ready.add(next);
                        queue.add(next.state());
                    }
                }
                state.waiting.clear();
                if (state.fireAndForget) {
                    toRun.add(state.key);
                }
                if (state.references == 0) {
                    toRelease.add(state.key);
                    released.signal();
                }
            }
            send(open, ready);
            desire(open, toRun, FIRE_AND_FORGET);
        } finally {
            lock.unlock();
        }
    }

    /// What a key stood for will not come; neither will what waits for it.
    void fail(KeyState failed, Throwable cause) {
        lock.lock();
        try {
            var queue = new ArrayDeque<KeyState>(List.of(failed));
            for (KeyState state = queue.poll(); state != null; state = queue.poll()) {
                if (cause instanceof CancellationException) {
                    state.cancelled(String.valueOf(cause.getMessage()));
                } else {
                    state.failed(cause, null);
                }
                for (Submission next : state.waiting) {
                    queue.add(next.state());
                }
                state.waiting.clear();
            }
        } finally {
            lock.unlock();
        }
    }

    /// A key that will never be announced fails at once what needs it.
    private void waitFor(KeyState missing, Submission task) {
        switch (missing.status()) {
            case ERROR -> {
                Throwable cause = missing.failure();
                fail(task.state(), cause == null ? new CancellationException("an argument failed") : cause);
            }
            case CANCELLED ->
                fail(task.state(), new CancellationException("argument " + missing.key + " was cancelled"));
            case PENDING, LOST, FINISHED -> missing.waiting.add(task);
        }
    }

    /// Asks for keys of other clients.
    void desire(List<KeyState> wanted) {
        lock.lock();
        try {
            BatchedStream open = open();
            sendReleases(open);
            var keys = new ArrayList<String>(wanted.size());
            for (KeyState state : wanted) {
                state.announced = true;
                keys.add(state.key);
            }
            desire(open, keys, client);
        } finally {
            lock.unlock();
        }
    }

    private static void desire(BatchedStream open, List<String> keys, String wanting) {
        if (!keys.isEmpty()) {
            open.send(Map.of("op", "client-desires-keys", "keys", keys, "client", wanting));
        }
    }

    /// Has tasks run though nobody will want them; those that still wait for a value of this program do once it
    /// is there.
    void fireAndForget(Collection<KeyState> tasks) {
        lock.lock();
        try {
            BatchedStream open = open();
            var keys = new ArrayList<String>(tasks.size());
            for (KeyState state : tasks) {
                checkOpen(state);
                state.fireAndForget = true;
                if (state.announced) {
                    keys.add(state.key);
                }
            }
            desire(open, keys, FIRE_AND_FORGET);
        } finally {
            lock.unlock();
        }
    }

    /// Marks a failed key as pending, because the scheduler will be asked to try it again; false if it did not
    /// fail, or failed here and is not known there.
    boolean retrying(KeyState state) {
        lock.lock();
        try {
            return state.announced && state.retrying();
        } finally {
            lock.unlock();
        }
    }

    /// As [#tell], once all that was let go of has been told.
    ///
    /// @throws IllegalStateException without a connection
    void tellAfterReleases(Map<String, ?> message) {
        lock.lock();
        try {
            BatchedStream open = open();
            sendReleases(open);
            open.send(message);
        } finally {
            lock.unlock();
        }
    }

    /// A future has come by a service of the scheduler's, which takes the message for our wanting it.
    void received(KeyState state, Map<String, ?> message) {
        lock.lock();
        try {
            BatchedStream open = open();
            sendReleases(open);
            state.announced = true;
            open.send(message);
        } finally {
            lock.unlock();
        }
    }

    /// Sends any other message, after all that was said before; dropped without a connection.
    void tell(Map<String, ?> message) {
        lock.lock();
        try {
            if (stream != null) {
                stream.send(message);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is something to release, at most for the time given, and for a moment more, in which
    /// more may gather; then sends it.
    void sendReleasesWithin(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (toRelease.isEmpty() && released.awaitNanos(nanos) <= 0) {
                return;
            }
        } finally {
            lock.unlock();
        }
        Thread.sleep(5);
        lock.lock();
        try {
            if (stream != null) {
                sendReleases(stream);
            }
        } finally {
            lock.unlock();
        }
    }

    private void sendReleases(BatchedStream open) {
        if (!toRelease.isEmpty()) {
            open.send(Map.of("op", "client-releases-keys", "keys", toRelease, "client", client));
            toRelease = new ArrayList<>();
        }
    }

    /// The stream; while the scheduler is looked for, the one that will be found.
    private BatchedStream open() {
        while (stream == null && sought) {
            try {
                found.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SchedulerLostException("interrupted while the scheduler was looked for: " + disconnected);
            }
        }
        if (stream == null) {
            throw disconnected.equals(CLOSED)
                    ? new IllegalStateException(disconnected)
                    : new SchedulerLostException(disconnected);
        }
        return stream;
    }
}
