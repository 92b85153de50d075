package io.github.daskjvm.worker;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.worker.spill.DiskFullException;
import io.github.daskjvm.worker.spill.SpillFile;
import io.github.daskjvm.worker.spill.SpillFolder;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Moves a worker's least recently used values to disk. One thread at a time writes, a task's or the monitor's; any
/// may ask.
final class Spilling {
    /// A smaller one takes no less when it is spilled.
    private static final long SPILLED_MIN_BYTES = 512;
    /// Of the limit, a small value takes one part in so many at most.
    private static final int SMALL_PART = 1000;
    /// After the disk was full.
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Limits limits;
    private final Map<TaskKey, StoredValue> values;
    private final MemoryAccounts accounts;
    private final WorkerLog log;
    private final Queue<SpillFile> useless = new ConcurrentLinkedQueue<>();
    private final AtomicInteger unspillable = new AtomicInteger();

    private final ReentrantLock writing = new ReentrantLock();
    /// With `writing` held: by last use, of the last look at all values. What was used since is not the least
    /// recently used, and is passed over.
    private Deque<Candidate> candidates = new ArrayDeque<>();

    /// Likewise: where nothing can be spilled, looking for it must not cost every task.
    private long lookAgainNanos = System.nanoTime();

    private volatile @Nullable String full;
    private volatile long fullAtNanos;

    /// @param limitBytes of everything
    /// @param targetBytes of values in memory; `Long.MAX_VALUE` for none
    record Limits(long limitBytes, long targetBytes, SpillFolder folder) {}

    private record Candidate(TaskKey key, long usedAt) {}

    Spilling(Limits limits, Map<TaskKey, StoredValue> values, MemoryAccounts accounts, WorkerLog log) {
        this.limits = limits;
        this.values = values;
        this.accounts = accounts;
        this.log = log;
    }

    boolean isAboveTarget() {
        return accounts.memoryBytes() > limits.targetBytes;
    }

    boolean wouldExceed(long sizeBytes) {
        return accounts.memoryBytes() + sizeBytes > limits.targetBytes;
    }

    /// As [DataStore#admit]. A value larger than the target goes to disk itself, and drives out no other. A small one
    /// is not refused: what others hold for a moment, as while it is sent, is not the task's fault.
    void admit(TaskKey key, StoredValue value, long sizeBytes) throws IOException {
        String why = sizeBytes > limits.targetBytes
                ? straightToDisk(key, value, sizeBytes)
                : toBytes(limits.targetBytes - sizeBytes);
        boolean isSmall = sizeBytes <= limits.limitBytes / SMALL_PART;
        if (why != null && !isSmall && value.isInMemory() && accounts.memoryBytes() + sizeBytes > limits.limitBytes) {
            throw new IOException("there is no room for the result of " + key + ", about " + sizeBytes
                    + " bytes: " + accounts.memoryBytes() + " of " + limits.limitBytes
                    + " bytes of memory are taken, and " + why);
        }
    }

    private @Nullable String straightToDisk(TaskKey key, StoredValue value, long sizeBytes) {
        value.expected(key, sizeBytes);
        String still = stillFull();
        if (still != null) {
            return still;
        }
        writing.lock();
        try {
            return tried(value) ? (value.isInMemory() ? "it cannot be serialized" : null) : full;
        } finally {
            writing.unlock();
        }
    }

    void toTarget() {
        toBytes(limits.targetBytes);
    }

    /// Spills until so much is in memory.
    ///
    /// @return why there is more, or null
    @Nullable
    String toBytes(long bytes) {
        if (accounts.memoryBytes() <= bytes) {
            return null;
        }
        String still = stillFull();
        if (still != null) {
            return still;
        }
        writing.lock();
        try {
            while (accounts.memoryBytes() > bytes) {
                StoredValue value = next();
                if (value == null) {
                    return "nothing more can be spilled";
                }
                if (!tried(value)) {
                    return full;
                }
            }
            return null;
        } finally {
            writing.unlock();
        }
    }

    private @Nullable String stillFull() {
        deleteUseless();
        return full != null && System.nanoTime() - fullAtNanos < RETRY_NANOS ? full : null;
    }

    /// @return false if the disk is full
    private boolean tried(StoredValue value) {
        try {
            return spill(value);
        } catch (OutOfMemoryError e) {
            log.warn("there was no memory to spill " + value.key() + " with");
            full = "there was no memory to spill with";
            fullAtNanos = System.nanoTime();
            return false;
        } catch (IOException | RuntimeException | StackOverflowError e) {
            value.unspillable = true;
            if (unspillable.getAndIncrement() == 0) {
                log.warn("the value of " + value.key() + " stays in memory, since it cannot be serialized: " + e
                        + "; further ones are counted only");
            }
            return true;
        }
    }

    /// @return false if the disk is full
    /// @throws IOException if the value does not serialize
    private boolean spill(StoredValue value) throws IOException {
        try {
            value.spill(limits.folder);
        } catch (DiskFullException e) {
            if (forgetCopies() == 0) {
                return full(e);
            }
            try {
                value.spill(limits.folder);
            } catch (DiskFullException again) {
                return full(again);
            }
        }
        full = null;
        return true;
    }

    private boolean full(DiskFullException e) {
        if (full == null) {
            log.warn("values stay in memory, since no more can be written to disk: " + e.getMessage());
        }
        full = "the disk takes no more: " + e.getMessage();
        fullAtNanos = System.nanoTime();
        return false;
    }

    /// Files of values that are in memory as well.
    private long forgetCopies() {
        long freed = 0;
        for (StoredValue value : values.values()) {
            freed += value.forgetCopy();
        }
        return freed;
    }

    /// The least recently used of what can leave memory; null if there is none. All values are looked at once for as
    /// many as then wait in line, so a value costs little however many there are.
    private @Nullable StoredValue next() {
        StoredValue value = nextInLine();
        if (value == null && System.nanoTime() - lookAgainNanos >= 0) {
            look();
            value = nextInLine();
        }
        return value;
    }

    private @Nullable StoredValue nextInLine() {
        for (Candidate each = candidates.pollFirst(); each != null; each = candidates.pollFirst()) {
            StoredValue value = values.get(each.key);
            if (value != null && value.usedAt == each.usedAt && value.canLeave()) {
                return value;
            }
        }
        return null;
    }

    private void look() {
        long startNanos = System.nanoTime();
        List<Candidate> found = new ArrayList<>();
        values.forEach((key, value) -> {
            if (value.sizeBytes() >= SPILLED_MIN_BYTES && value.canLeave()) {
                found.add(new Candidate(key, value.usedAt));
            }
        });
        found.sort(Comparator.comparingLong(Candidate::usedAt));
        candidates = new ArrayDeque<>(found);
        long now = System.nanoTime();
        lookAgainNanos = found.isEmpty() ? now + Math.max(RETRY_NANOS / 10, 20 * (now - startNanos)) : now;
    }

    void deleteLater(SpillFile file) {
        useless.add(file);
    }

    /// By a thread that may wait for the disk.
    void deleteUseless() {
        for (SpillFile file = useless.poll(); file != null; file = useless.poll()) {
            file.delete();
            full = null;
        }
    }

    /// Values that were to be spilled and do not serialize.
    int unspillable() {
        return unspillable.get();
    }

    SpillFolder folder() {
        return limits.folder;
    }
}
