package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What can happen to a scheduler. Workers and clients are named by their wire identity: a worker by the exact
/// address it registered with, a client by its id. Values typed `Object` are opaque: carried, never looked into.
/// An event about a worker, client or task that is unknown is answered, never a failure.
public sealed interface Event {

    // ---- clients ----

    record ClientConnected(String client) implements Event {}

    /// The client closed or vanished; what only it wanted is released.
    record ClientDisconnected(String client) implements Event {}

    /// Tasks to know, and which of them, or of those known already, the client wants.
    ///
    /// @param tasks new tasks, dependencies included; keys known already are left as they are
    /// @param wanted keys for which the client holds futures
    /// @param submittingTask the running task that submitted this graph, whose priority it then inherits
    /// @param fifoTimeoutNanos submissions closer together than this share a generation
    record UpdateGraph(
            String client,
            List<TaskSpec> tasks,
            Collection<TaskKey> wanted,
            @Nullable TaskKey submittingTask,
            long fifoTimeoutNanos,
            Origin origin,
            Submission submission,
            String stimulusId)
            implements Event {
        /// From nowhere in particular.
        public UpdateGraph(
                String client,
                List<TaskSpec> tasks,
                Collection<TaskKey> wanted,
                @Nullable TaskKey submittingTask,
                long fifoTimeoutNanos,
                String stimulusId) {
            this(client, tasks, wanted, submittingTask, fifoTimeoutNanos, Origin.NONE, Submission.UNKNOWN, stimulusId);
        }
    }

    /// As [UpdateGraph], for a graph so large that it becomes tasks in slices, between which other events take their
    /// turn. What the same client sends after it is to come after the [Command.Reached] of a [Marker].
    ///
    /// @param plan of the graph's tasks
    record LargeGraph(UpdateGraph graph, GraphPlan plan) implements Event {
        /// A graph of so many tasks and inputs together is large.
        public static final int WEIGHT_MIN = Slices.SIZE;

        @Override
        public String toString() {
            return "LargeGraph of " + graph;
        }
    }

    /// Asks for [Command.Reached] when everything that came before is applied, what is applied in slices included.
    ///
    /// @param receipt opaque
    record Marker(Object receipt) implements Event {}

    /// How a graph came, for [GraphTracing].
    ///
    /// @param arrivedNanos when the client's message had arrived, by the clock of the events; 0 if unknown
    /// @param unpackedOn the worker that unpacked it; null where none had to
    /// @param unpackNanos how long that took, waiting not counted
    record Submission(long arrivedNanos, @Nullable String unpackedOn, long unpackNanos) {
        public static final Submission UNKNOWN = new Submission(0, null, 0);
    }

    /// What a client says about a graph for people to read. Opaque, with a meaning of `equals`; null for nothing.
    ///
    /// @param code where in the user's program it was submitted
    /// @param metadata of its collections
    /// @param annotations given for all of it
    record Origin(
            @Nullable Object code,
            @Nullable Object metadata,
            @Nullable Object annotations) {
        public static final Origin NONE = new Origin(null, null, null);
    }

    record ClientDesiresKeys(String client, Collection<TaskKey> keys) implements Event {}

    record ClientReleasesKeys(String client, Collection<TaskKey> keys, String stimulusId) implements Event {}

    /// @param force cancel even if other clients want the keys, and what depends on them
    record CancelKeys(String client, Collection<TaskKey> keys, boolean force, String stimulusId) implements Event {}

    /// The client wants to be told again what became of the key.
    record ReportKey(String client, TaskKey key) implements Event {}

    /// Erred tasks to run again, with the erred tasks they failed for.
    record RetryKeys(Collection<TaskKey> keys, String stimulusId) implements Event {}

    /// Data that clients or workers placed on workers, without a way to compute it again.
    ///
    /// @param whoHas the workers that hold each key
    /// @param client wants the keys from now on; null if nobody does yet
    record DataPlaced(
            Map<TaskKey, List<String>> whoHas,
            Map<TaskKey, Long> sizeBytes,
            @Nullable String client,
            Runtime runtime,
            String stimulusId)
            implements Event {}

    /// Every client's keys are cancelled and all tasks forgotten; workers are restarted by their nannies, outside.
    record Restart(String stimulusId) implements Event {}

    // ---- workers ----

    /// @param name unique among workers; compared as text
    /// @param host host part of the address, for restrictions by host
    /// @param memoryLimitBytes 0 for no limit
    record WorkerJoined(
            String worker,
            String name,
            String host,
            Runtime runtime,
            int nthreads,
            long memoryLimitBytes,
            Map<String, Double> resources,
            WorkerStatus status,
            @Nullable String nanny,
            String stimulusId)
            implements Event {}

    /// @param expected it said that it would go, or was asked to: not held against the tasks that ran there
    record WorkerLeft(String worker, boolean expected, String stimulusId) implements Event {}

    record WorkerStatusChanged(String worker, WorkerStatus status, String stimulusId) implements Event {}

    /// @param executing seconds that each running task has been running
    /// @param bandwidthBytesPerSecond what the worker measured; NaN if nothing
    /// @param spilledMemoryBytes what was spilled, by its size in memory before
    /// @param spilledDiskBytes the same, by its size on disk
    /// @param spanMetrics what it measured for spans since the last time
    record WorkerHeartbeat(
            String worker,
            Map<TaskKey, Double> executing,
            double bandwidthBytesPerSecond,
            long processMemoryBytes,
            long spilledMemoryBytes,
            long spilledDiskBytes,
            List<SpanMetric> spanMetrics)
            implements Event {
        /// Nothing measured for spans.
        public WorkerHeartbeat(
                String worker,
                Map<TaskKey, Double> executing,
                double bandwidthBytesPerSecond,
                long processMemoryBytes,
                long spilledMemoryBytes,
                long spilledDiskBytes) {
            this(
                    worker,
                    executing,
                    bandwidthBytesPerSecond,
                    processMemoryBytes,
                    spilledMemoryBytes,
                    spilledDiskBytes,
                    List.of());
        }
    }

    /// A fine performance metric.
    ///
    /// @param span the span's id
    /// @param name context, prefix, activity and unit, or something else of text and numbers
    /// @param value to be added to what was before
    record SpanMetric(String span, List<@Nullable Object> name, Number value) {}

    /// These are to take no more work, and give away what only they hold; [SchedulerState#retirement] says how far
    /// they are.
    record RetireWorkers(Collection<String> workers, String stimulusId) implements Event {}

    record SetResources(String worker, Map<String, Double> resources, String stimulusId) implements Event {}

    // ---- progress, as told by workers ----

    /// @param runId the number of the attempt, from its `ComputeTask`
    /// @param type opaque pickled class of the result, forwarded to clients
    /// @param startStops what the worker did for the task and when
    record TaskFinished(
            String worker,
            TaskKey key,
            long runId,
            long sizeBytes,
            @Nullable Object type,
            @Nullable String typeName,
            List<StartStop> startStops,
            long thread,
            String stimulusId)
            implements Event {}

    /// @param exception opaque, forwarded to clients, as is `traceback`
    record TaskErred(
            String worker,
            TaskKey key,
            long runId,
            @Nullable Object exception,
            @Nullable Object traceback,
            String exceptionText,
            String tracebackText,
            List<StartStop> startStops,
            String stimulusId)
            implements Event {}

    /// The task seceded from its worker's threads.
    ///
    /// @param computeSeconds how long it ran until then; NaN if unknown
    record TaskLongRunning(String worker, TaskKey key, double computeSeconds, String stimulusId) implements Event {}

    /// The worker's answer to a [Command.StealRequest].
    ///
    /// @param state in which it had the task, by Dask's names; null if it did not know it. It has given the task up
    ///     if that is `ready`, `constrained` or `waiting`
    /// @param stimulusId of the request
    record StealAnswered(
            String worker, TaskKey key, @Nullable String state, String stimulusId) implements Event {}

    record TaskRescheduled(String worker, TaskKey key, String stimulusId) implements Event {}

    /// The worker holds copies it fetched or was given.
    record ReplicasAdded(String worker, Collection<TaskKey> keys, String stimulusId) implements Event {}

    record ReplicasDropped(String worker, Collection<TaskKey> keys, String stimulusId) implements Event {}

    /// The worker could not fetch these from where it was told, and asks where they are.
    record WhoHasRequested(String worker, Collection<TaskKey> keys, String stimulusId) implements Event {}

    /// Sets or clears (null) a worker restriction of a known task.
    record SetRestrictions(Map<TaskKey, @Nullable List<String>> workers) implements Event {}

    // ---- peer-to-peer shuffles ----

    /// A run of a shuffle was made for the task `key`, which `worker` runs. Counts only if no run is active, the task
    /// is still running, all workers are present, and other shuffles with the same output tasks agree; see
    /// [Shuffles].
    ///
    /// @param runId larger than those of all runs before
    /// @param workerFor address of the worker that is to hold each output partition
    /// @param runSpec opaque, forwarded to workers
    record ShuffleStarted(
            String shuffle, long runId, TaskKey key, String worker, Map<Object, String> workerFor, Object runSpec)
            implements Event {}

    /// The worker asked for the active run and takes part in it from now on.
    record ShuffleJoined(String shuffle, String worker) implements Event {}

    /// The output task can only run on this worker, which holds its partition.
    record ShuffleOutputRestricted(String shuffle, long runId, TaskKey key, String worker) implements Event {}

    /// Inputs were sent in different runs: the shuffle starts over.
    record ShuffleInconsistent(String shuffle, long runId, String stimulusId) implements Event {}
    /// Has the active memory manager run by itself, or no longer.
    record MemoryManagerSwitched(boolean on) implements Event {}

    /// The active memory manager is to run once, started or not.
    record MemoryManagerTriggered() implements Event {}

    /// A timer that a [Command.SetTimer] asked for has run out.
    record TimerFired(Timer timer) implements Event {}

    /// An interval of a worker's work for a task, in seconds of the worker's clock since 1970.
    ///
    /// @param action `compute`, `transfer`, `disk-read`, `disk-write` or `deserialize`
    /// @param source the peer that a `transfer` came from; null for other actions, or if unknown
    record StartStop(
            String action,
            double start,
            double stop,
            @Nullable String source) {
        /// Of no peer.
        public StartStop(String action, double start, double stop) {
            this(action, start, stop, null);
        }
    }
}
