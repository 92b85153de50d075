package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.ShuffleRun;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A worker's part in a run of a shuffle. Source: Dask's `ShuffleRun` on workers.
final class ShufflePart {
    final String shuffle;
    final long runId;
    final Map<Object, String> workerFor;
    /// Inputs of which it has the pieces that are for it.
    final Set<TaskKey> received = new LinkedHashSet<>();
    /// Inputs whose pieces it has still to send, each with who has not got them yet.
    final Map<TaskKey, Set<String>> toSend = new LinkedHashMap<>();
    /// Everything has been sent, says the barrier.
    boolean done;
    /// The scheduler has ended the run.
    boolean failed;

    private ShufflePart(ShuffleRun run) {
        this.shuffle = run.id();
        this.runId = run.runId();
        this.workerFor = new LinkedHashMap<>(run.workerFor());
    }

    void send(TaskKey input) {
        toSend.put(input, new LinkedHashSet<>(workerFor.values()));
    }

    /// Sends what it has to, as far as the others can be reached.
    ///
    /// @return whether all was sent; null if somebody refused it, as it is of an old run
    @Nullable
    Boolean flush(World world) {
        for (Map.Entry<TaskKey, Set<String>> entry : toSend.entrySet()) {
            for (String holder : List.copyOf(entry.getValue())) {
                SimWorker peer = world.registered(holder);
                if (peer != null) {
                    ShufflePart theirs = peer.shuffles.of(shuffle, runId);
                    if (theirs == null) {
                        return null;
                    }
                    theirs.received.add(entry.getKey());
                    entry.getValue().remove(holder);
                }
            }
        }
        toSend.values().removeIf(Set::isEmpty);
        return toSend.isEmpty();
    }

    /// All parts of a worker. Source: `_ShuffleRunManager`.
    static final class Parts {
        private final World world;
        private final SimWorker worker;
        private final Map<String, ShufflePart> active = new LinkedHashMap<>();
        /// The last run of each shuffle that ended.
        private final Map<String, Long> stale = new LinkedHashMap<>();

        Parts(World world, SimWorker worker) {
            this.world = world;
            this.worker = worker;
        }

        boolean isEmpty() {
            return active.isEmpty();
        }

        void fail(String shuffle, long runId) {
            stale.merge(shuffle, runId, Math::max);
            ShufflePart part = active.get(shuffle);
            if (part != null && part.runId == runId) {
                part.failed = true;
                active.remove(shuffle);
            }
        }

        @Nullable
        ShufflePart active(String shuffle) {
            return active.get(shuffle);
        }

        /// Its part in that run, asked of the scheduler if need be; null if the run is not the active one any
        /// more.
        @Nullable
        ShufflePart of(String shuffle, long runId) {
            ShufflePart part = active.get(shuffle);
            if (part == null || part.runId < runId) {
                ShuffleRun run = world.shuffles.join(shuffle, worker);
                part = run == null ? null : take(run);
            }
            return part == null || part.runId != runId || part.failed ? null : part;
        }

        /// The part in what the scheduler says is the active run; null if it was told already that this is
        /// over.
        @Nullable
        ShufflePart take(ShuffleRun run) {
            ShufflePart part = active.get(run.id());
            if (part != null && part.runId >= run.runId()) {
                return part;
            }
            if (part != null) {
                fail(run.id(), part.runId);
            }
            if (stale.getOrDefault(run.id(), -1L) >= run.runId()) {
                return null;
            }
            part = new ShufflePart(run);
            active.put(run.id(), part);
            return part;
        }
    }
}
