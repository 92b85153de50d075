package io.github.daskjvm.scheduler.shuffle;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.ShuffleRun;
import io.github.daskjvm.core.scheduler.Shuffles;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.protocol.AsPayload;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PayloadFrames;
import io.github.daskjvm.scheduler.graph.PythonCalls;
import io.github.daskjvm.scheduler.loop.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes the runs of shuffles. What a shuffle is stands in a pickle, the specification inside its barrier
/// task, which is not opened here: the worker whose task needs the run is asked for the output partitions and
/// where it would put each. Any thread may call.
///
/// One run is made at a time, since shuffles with the same output tasks must agree where the partitions are.
final class RunMaker {
    private static final Logger log = LoggerFactory.getLogger(RunMaker.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    /// Runs made in vain, because what they were made from had changed meanwhile.
    private static final int ATTEMPTS_MAX = 20;

    private final EventLoop loop;
    private final PythonCalls python;
    private final ReentrantLock lock = new ReentrantLock();
    private long lastRunId;
    private long shift;

    RunMaker(EventLoop loop, PythonCalls python) {
        this.loop = loop;
        this.python = python;
    }

    /// What a run is made from.
    ///
    /// @param chosen partitions, each with its worker, of shuffles that share outputs with this one
    private record Basis(
            Object barrier,
            List<String> workers,
            List<List<Object>> chosen,
            @Nullable String spanId) {}

    /// The active run, made if there is none.
    ///
    /// @param key the running task that needs it
    /// @throws RpcFailure what the worker's own code raised
    Object runSpec(String shuffle, TaskKey key, String worker)
            throws IOException, RpcFailure, InconsistentShuffleException {
        lock.lock();
        try {
            for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
                loop.post(new Event.ShuffleJoined(shuffle, worker));
                Object active = active(shuffle);
                if (active != null) {
                    return active;
                }
                make(shuffle, key, worker);
            }
        } finally {
            lock.unlock();
        }
        throw new InconsistentShuffleException("Workers came and went " + ATTEMPTS_MAX + " times while shuffle "
                + shuffle + " was to begin on " + worker);
    }

    private @Nullable Object active(String shuffle) {
        return loop.query(state -> {
            ShuffleRun run = state.shuffles().active(shuffle);
            return run == null ? null : run.runSpec();
        });
    }

    private void make(String shuffle, TaskKey key, String worker)
            throws IOException, RpcFailure, InconsistentShuffleException {
        Object found = loop.query(state -> basis(state, shuffle, key, worker));
        if (!(found instanceof Basis basis)) {
            throw new InconsistentShuffleException(String.valueOf(found));
        }
        long runId = ++lastRunId;
        List<String> workers = new ArrayList<>(basis.workers);
        // So that several small shuffles don't all begin with the same worker.
        Collections.rotate(workers, -(int) (shift++ % workers.size()));
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("barrier", pickle(basis.barrier));
        request.put("workers", workers);
        request.put("chosen", basis.chosen);
        request.put("run_id", runId);
        request.put("span_id", basis.spanId);
        byte[] answer = python.call(worker, "create_shuffle_run", TIMEOUT, request);
        loop.post(started(answer, shuffle, runId, key, worker));
        if (active(shuffle) != null) {
            log.info("Shuffle {} initialized by task {} executed on worker {}", shuffle, key, worker);
        }
    }

    /// A [Basis], or a text that says why there is none.
    private static Object basis(SchedulerState state, String shuffle, TaskKey key, String worker) {
        TaskKey barrierKey = Shuffles.barrierKey(shuffle);
        TaskState barrier = state.task(barrierKey);
        if (barrier == null || barrier.runSpec() == null) {
            return "Barrier task with key '" + barrierKey + "' does not exist. This may be caused by task fusion during"
                    + " graph generation. Please let us know that you ran into this by leaving a comment at"
                    + " distributed#7816.";
        }
        TaskState asking = state.task(key);
        if (asking == null || asking.status() != TaskStatus.PROCESSING) {
            return "Expected " + key + " to be processing, is "
                    + (asking == null ? "unknown" : asking.status().wireName()) + ".";
        }
        if (state.worker(worker) == null) {
            return "Scheduler is unaware of this worker '" + worker + "'";
        }
        List<String> workers = state.shuffles().candidates(barrier);
        if (workers.isEmpty()) {
            return "No worker may run " + barrierKey + ", and so none may hold outputs of the shuffle";
        }
        List<List<Object>> chosen = new ArrayList<>();
        for (ShuffleRun sharing : state.shuffles().sharingOutputs(barrier)) {
            sharing.workerFor().forEach((partition, holder) -> chosen.add(List.of(partition, holder)));
        }
        return new Basis(barrier.runSpec(), workers, chosen, asking.spanId());
    }

    private static byte[] pickle(Object barrier) throws BadMessageException {
        Object form = barrier instanceof AsPayload packed ? packed.payload() : barrier;
        if (form instanceof Payload payload
                && payload.kind() == Payload.Kind.PICKLED
                && PayloadFrames.header(payload).get("pickled-obj") instanceof byte[] pickle) {
            return pickle;
        }
        throw new BadMessageException("the barrier task of a shuffle must be a pickle");
    }

    private static Event.ShuffleStarted started(byte[] answer, String shuffle, long runId, TaskKey key, String worker)
            throws BadMessageException {
        if (!(new MsgpackReader().whole(answer) instanceof Map<?, ?> map)
                || !(map.get("run_spec") instanceof byte[] runSpec)
                || !(map.get("partitions") instanceof List<?> partitions)
                || !(map.get("holders") instanceof List<?> holders)
                || !(map.get("workers") instanceof List<?> workers)
                || partitions.size() != holders.size()) {
            throw new BadMessageException("worker " + worker + " answered create_shuffle_run with something else");
        }
        Map<Object, String> workerFor = LinkedHashMap.newLinkedHashMap(partitions.size());
        for (int i = 0; i < partitions.size(); i++) {
            Object partition = partitions.get(i);
            if (partition == null
                    || !(holders.get(i) instanceof Long number)
                    || number < 0
                    || number >= workers.size()
                    || !(workers.get(number.intValue()) instanceof String holder)) {
                throw new BadMessageException("worker " + worker + " puts a partition on no worker");
            }
            workerFor.put(partition, holder);
        }
        return new Event.ShuffleStarted(shuffle, runId, key, worker, workerFor, Payload.pickled(runSpec));
    }
}
