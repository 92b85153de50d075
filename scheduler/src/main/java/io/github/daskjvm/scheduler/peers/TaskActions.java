package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event.StartStop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// What workers did for tasks of late, action by action, for whoever watches: the ring behind a live task stream.
///
/// Kept only while somebody watches; until then a finished task costs one look at a counter. Actions go into chunks
/// that are replaced as a whole and never overwritten, so readers need no lock, and no writer waits for one. Any
/// thread may call.
public final class TaskActions {
    /// Actions kept: the last ones, to within a chunk.
    public static final int LENGTH = 1 << 17;

    private static final int CHUNK = 1 << 10;
    private static final int CHUNKS = LENGTH / CHUNK;

    /// Something a worker's thread did for a task.
    ///
    /// @param thread as the worker numbers its threads; 0 if it did not say
    /// @param action `compute`, `transfer`, `deserialize`, `disk-read`, `disk-write`, or another word
    /// @param start seconds since 1970, as `stop`
    /// @param erred the task failed
    public record Action(
            String worker, long thread, TaskKey key, String action, double start, double stop, boolean erred) {}

    private static final class Chunk {
        final long first;
        final @Nullable Action[] actions = new Action[CHUNK];
        /// Grows only, after the action is in its place.
        volatile int size;

        Chunk(long first) {
            this.first = first;
        }
    }

    private final AtomicInteger watchers = new AtomicInteger();
    private final AtomicReferenceArray<@Nullable Chunk> chunks = new AtomicReferenceArray<>(CHUNKS);
    private volatile long total;

    /// From now on actions are kept. Each call is to be matched by one of [#unwatch].
    public void watch() {
        watchers.incrementAndGet();
    }

    /// When nobody watches any more, what was kept is dropped.
    public synchronized void unwatch() {
        if (watchers.decrementAndGet() == 0) {
            for (int i = 0; i < CHUNKS; i++) {
                chunks.set(i, null);
            }
            // The next action begins a chunk.
            total = (total + CHUNK - 1) / CHUNK * CHUNK;
        }
    }

    public boolean isWatched() {
        return watchers.get() > 0;
    }

    void add(String worker, long thread, TaskKey key, List<StartStop> startStops, boolean erred) {
        for (StartStop done : startStops) {
            add(new Action(worker, thread, key, done.action(), done.start(), done.stop(), erred));
        }
    }

    /// Keeps one action, if somebody watches.
    public synchronized void add(Action action) {
        if (!isWatched()) {
            return;
        }
        long index = total;
        int slot = (int) (index / CHUNK % CHUNKS);
        int at = (int) (index % CHUNK);
        Chunk chunk = chunks.get(slot);
        if (at == 0 || chunk == null) {
            chunk = new Chunk(index - at);
            chunks.set(slot, chunk);
        }
        chunk.actions[at] = action;
        chunk.size = at + 1;
        total = index + 1;
    }

    /// The index of the next action.
    public long total() {
        return total;
    }

    /// Actions from one index to before another, as far as they are still kept, oldest first.
    public List<Action> between(long from, long end) {
        long first = Math.max(0, Math.max(from, total - LENGTH + CHUNK));
        List<Action> found = new ArrayList<>((int) Math.clamp(end - first, 0, LENGTH));
        for (long i = first; i < Math.min(end, total); i++) {
            Chunk chunk = chunks.get((int) (i / CHUNK % CHUNKS));
            int at = (int) (i % CHUNK);
            if (chunk != null && chunk.first == i - at && at < chunk.size) {
                Action action = chunk.actions[at];
                if (action != null) {
                    found.add(action);
                }
            }
        }
        return found;
    }
}
