package io.github.daskjvm.core.worker;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerEvent.StartStop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A task as its worker knows it: one to run, or the value of one that others need. Mutable, of the state
/// machine's owner alone.
final class WorkerTask {
    /// Smaller priority first, then the one known longer.
    static final Comparator<WorkerTask> ORDER = (a, b) -> {
        int byPriority = a.priority.compareTo(b.priority);
        return byPriority != 0 ? byPriority : Long.compare(a.sequence, b.sequence);
    };

    final TaskKey key;
    final long sequence;

    WorkerTaskStatus status = WorkerTaskStatus.RELEASED;
    /// Of a cancelled or resumed task: `executing`, `long-running` or `flight`, whichever is still going on.
    @Nullable
    WorkerTaskStatus previous;
    /// Of a resumed task: `waiting` or `fetch`, whichever is wanted when that ends without a value.
    @Nullable
    WorkerTaskStatus next;

    /// Must not change while the task is in a queue.
    Priority priority;
    long runId;

    @Nullable
    Object runSpec;

    Map<String, Double> resources = Map.of();
    long sizeBytes;
    /// Of its value; known only if it was computed here.
    String typeName = "java.lang.Object";
    /// Of the run that is going on; 0 for none.
    long attempt;
    /// The tasks it needs, until it starts.
    Set<WorkerTask> inputs = Set.of();
    /// How many of those have no value here.
    int inputsMissing;
    /// The tasks here that need it and have not started.
    final Set<WorkerTask> waiters = new LinkedHashSet<>(4);
    /// Peers that have it, as far as known; kept only while it is to be fetched.
    final Set<Peer> whoHas = new LinkedHashSet<>(4);

    /// The scheduler asked for a copy.
    boolean replicaWanted;
    /// When the scheduler was last asked where it is.
    @Nullable
    Long askedAtNanos;
    /// Transfers made for it.
    @Nullable
    List<StartStop> transfers;

    WorkerTask(TaskKey key, long sequence, Priority priority) {
        this.key = key;
        this.sequence = sequence;
        this.priority = priority;
    }

    /// Takes the transfers noted, with what else was done for it after them.
    List<StartStop> startStops(List<StartStop> own) {
        List<StartStop> before = transfers;
        if (before == null) {
            return own;
        }
        transfers = null;
        var all = new ArrayList<>(before);
        all.addAll(own);
        return all;
    }

    boolean isAny(WorkerTaskStatus first, WorkerTaskStatus second, WorkerTaskStatus third) {
        return status == first || status == second || status == third;
    }

    @Override
    public String toString() {
        return key + " " + status.wireName();
    }
}
