package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A worker as the scheduler knows it; mutable, touched by the loop's thread alone.
public final class WorkerEntry implements OrderedSet.Item<WorkerEntry> {
    final String address;
    final String name;
    final String host;
    final Runtime runtime;
    final int nthreads;
    final long memoryLimitBytes;
    final @Nullable String nanny;
    /// Order of joining.
    final long sequence;

    WorkerStatus status;
    final Map<String, Double> resources = new LinkedHashMap<>();
    final Map<String, Double> usedResources = new HashMap<>();
    final DenseSet<TaskState> hasWhat = new DenseSet<>(true);
    /// In the order in which they were given to it.
    final TaskRing processing = new TaskRing();
    final Set<TaskState> longRunning = new LinkedHashSet<>();
    long storedBytes;
    /// Inputs of what it processes that it does not hold, with how many tasks need each.
    final Map<TaskState, Integer> needsWhat = new HashMap<>();

    /// Bytes of `needsWhat`.
    long neededBytes;
    /// Tasks it processes and that have not seceded, by prefix.
    final PrefixCounts processingByPrefix = new PrefixCounts();

    /// Seconds of work ahead: expected durations and transfers of what it processes. Kept by [Occupancy].
    double occupancySeconds;

    @Nullable
    Pool pool;

    /// In the pool's sets of the same names; [Pool#sort] keeps them.
    boolean idle;

    boolean saturated;
    boolean open;
    /// Its place in [IdleWorkers] and in [OpenWorkers]; -1 for none.
    int idleAt = -1;

    int openAt = -1;
    /// Which one it was to come to the open ones.
    long openSince;
    boolean crowded;
    /// How long it may be left alone, -1 while it does not run; kept by [Pool#leaveAlone].
    int leisureMillis = -1;

    /// Steals under way with this worker as victim or thief, and by what they would change what it processes and its
    /// occupancy; kept by [Stealing].
    int inFlight;

    int inFlightTasks;
    double inFlightSeconds;

    double bandwidthBytesPerSecond;
    /// Seconds that tasks have been running for which it processes, as its last heartbeat told.
    Map<TaskKey, Double> running = Map.of();
    final WorkerMemory memory = new WorkerMemory();
    /// Actors that live here, or are being made here; copies of such tasks elsewhere are references.
    final Set<TaskState> actors = new LinkedHashSet<>();

    /// Its place among the sources of [MovedBytes]; -1 if it has none. And what came from each of these.
    int movedSource = -1;

    long[] movedFrom = {};

    Retirement retirement = Retirement.NONE;
    private final OrderedSet<WorkerEntry> alone = OrderedSet.of(this);

    @Override
    public OrderedSet<WorkerEntry> alone() {
        return alone;
    }

    /// What its last heartbeat told of the task; 0 if nothing.
    double runningSeconds(TaskKey key) {
        return running.isEmpty() ? 0 : running.getOrDefault(key, 0.0);
    }

    WorkerEntry(Event.WorkerJoined joined, long sequence, double bandwidthBytesPerSecond) {
        this.address = joined.worker();
        this.name = joined.name();
        this.host = joined.host();
        this.runtime = joined.runtime();
        this.nthreads = joined.nthreads();
        this.memoryLimitBytes = joined.memoryLimitBytes();
        this.nanny = joined.nanny();
        this.status = joined.status();
        this.resources.putAll(joined.resources());
        this.sequence = sequence;
        this.bandwidthBytesPerSecond = bandwidthBytesPerSecond;
    }

    public String address() {
        return address;
    }

    public String name() {
        return name;
    }

    public String host() {
        return host;
    }

    public Runtime runtime() {
        return runtime;
    }

    public int nthreads() {
        return nthreads;
    }

    public long memoryLimitBytes() {
        return memoryLimitBytes;
    }

    public @Nullable String nanny() {
        return nanny;
    }

    public WorkerStatus status() {
        return status;
    }

    public Map<String, Double> resources() {
        return Collections.unmodifiableMap(resources);
    }

    /// Tasks whose results it holds.
    public Collection<TaskState> hasWhat() {
        return Collections.unmodifiableCollection(hasWhat);
    }

    /// Whether it runs a task that has seceded, which may be waiting for others.
    public boolean hasLongRunning() {
        return !longRunning.isEmpty();
    }

    /// Tasks it was given and has not finished.
    public Collection<TaskState> processing() {
        return Collections.unmodifiableCollection(processing);
    }

    public long storedBytes() {
        return storedBytes;
    }

    /// By the latest heartbeat and the results that it is known to hold, in bytes.
    public long memoryBytes(MemoryMeasure measure) {
        return memory.of(measure, storedBytes);
    }

    public double occupancySeconds() {
        return Math.max(0, occupancySeconds);
    }

    @Override
    public String toString() {
        return address;
    }
}
