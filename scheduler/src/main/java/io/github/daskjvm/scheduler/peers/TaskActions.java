package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event.StartStop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What workers did for tasks of late, action by action: the record behind the task stream.
///
/// Kept always, or only while somebody watches; where it is not kept, a finished task costs one look at a counter.
/// Actions are written column by column, so nothing is allocated for one of them. Any thread may call; readers and
/// writers do not wait for each other.
public final class TaskActions {
    /// Actions kept at most. Each takes 37 bytes, and its key stays in memory.
    public static final int LENGTH = 1 << 17;

    private static final int WORD_MAX = 40;

    /// Something a worker's thread did for a task.
    ///
    /// @param thread as the worker numbers its threads; 0 if it did not say
    /// @param action `compute`, `transfer`, `deserialize`, `disk-read`, `disk-write`, or another word
    /// @param start seconds since 1970, as `stop`
    /// @param erred the task failed
    public record Action(
            String worker, long thread, TaskKey key, String action, double start, double stop, boolean erred) {}

    private static final class Columns extends ChunkRing.Chunk {
        final @Nullable String[] workers = new String[ChunkRing.CHUNK];
        final long[] threads = new long[ChunkRing.CHUNK];
        final @Nullable TaskKey[] keys = new TaskKey[ChunkRing.CHUNK];
        final @Nullable String[] words = new String[ChunkRing.CHUNK];
        final double[] starts = new double[ChunkRing.CHUNK];
        final double[] stops = new double[ChunkRing.CHUNK];
        final boolean[] erred = new boolean[ChunkRing.CHUNK];

        Columns(long first) {
            super(first);
        }

        @Nullable
        Action action(int at) {
            String worker = workers[at];
            TaskKey key = keys[at];
            String word = words[at];
            return worker == null || key == null || word == null
                    ? null
                    : new Action(worker, threads[at], key, word, starts[at], stops[at], erred[at]);
        }
    }

    private final boolean always;
    private final AtomicInteger watchers = new AtomicInteger();
    private final ChunkRing<Columns> ring;
    private volatile double keptSince = Wire.now();

    /// Kept only while somebody watches.
    public TaskActions() {
        this(false, LENGTH);
    }

    private TaskActions(boolean always, int length) {
        this.always = always;
        ring = new ChunkRing<>(Math.clamp(length, 1, LENGTH), Columns::new);
    }

    /// Kept always.
    ///
    /// @param length actions to keep, [#LENGTH] at most
    public static TaskActions always(int length) {
        return new TaskActions(true, length);
    }

    /// From now on actions are kept. Each call is to be matched by one of [#unwatch].
    public synchronized void watch() {
        if (watchers.getAndIncrement() == 0 && !always) {
            keptSince = Wire.now();
        }
    }

    /// When nobody watches any more, what was kept is dropped, unless it is kept always.
    public synchronized void unwatch() {
        if (watchers.decrementAndGet() == 0 && !always) {
            ring.drop();
        }
    }

    public boolean isWatched() {
        return watchers.get() > 0;
    }

    boolean isKept() {
        return always || isWatched();
    }

    /// Whether what is done while nobody watches is kept, too.
    public boolean isKeptAlways() {
        return always;
    }

    /// From when on nothing is missing, in seconds since 1970: what ended before has made room for others, or was done
    /// while nothing was kept.
    public double since() {
        long oldest = ring.oldest();
        List<Action> first = oldest == 0 ? List.of() : between(oldest, oldest + 1);
        return first.isEmpty()
                ? keptSince
                : Math.max(keptSince, first.getFirst().stop());
    }

    synchronized void add(String worker, long thread, TaskKey key, List<StartStop> startStops, boolean erred) {
        for (int i = 0; i < startStops.size(); i++) {
            StartStop done = startStops.get(i);
            add(worker, thread, key, done.action(), done.start(), done.stop(), erred);
        }
    }

    /// Keeps one action, if any are kept.
    public synchronized void add(Action done) {
        if (isKept()) {
            add(done.worker(), done.thread(), done.key(), done.action(), done.start(), done.stop(), done.erred());
        }
    }

    private void add(String worker, long thread, TaskKey key, String word, double start, double stop, boolean erred) {
        Columns columns = ring.open();
        int at = ChunkRing.place(ring.total());
        columns.workers[at] = worker;
        columns.threads[at] = thread;
        columns.keys[at] = key;
        columns.words[at] = word.length() <= WORD_MAX ? word : word.substring(0, WORD_MAX);
        columns.starts[at] = start;
        columns.stops[at] = stop;
        columns.erred[at] = erred;
        ring.added(columns);
    }

    /// The index of the next action.
    public long total() {
        return ring.total();
    }

    /// Actions from one index to before another, as far as they are still kept, oldest first.
    public List<Action> between(long from, long end) {
        long first = Math.max(from, ring.oldest());
        long last = Math.min(end, ring.total());
        List<Action> found = new ArrayList<>((int) Math.clamp(last - first, 0, LENGTH));
        for (long i = first; i < last; i++) {
            Columns columns = ring.holding(i);
            Action action = columns == null ? null : columns.action(ChunkRing.place(i));
            if (action != null) {
                found.add(action);
            }
        }
        return found;
    }
}
