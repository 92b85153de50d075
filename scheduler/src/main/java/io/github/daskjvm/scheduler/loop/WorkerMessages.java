package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Command.AcquireReplicas;
import io.github.daskjvm.core.scheduler.Command.ChangeWorkerStatus;
import io.github.daskjvm.core.scheduler.Command.ComputeTask;
import io.github.daskjvm.core.scheduler.Command.Dependency;
import io.github.daskjvm.core.scheduler.Command.FreeKeys;
import io.github.daskjvm.core.scheduler.Command.RefreshWhoHas;
import io.github.daskjvm.core.scheduler.Command.RemoveReplicas;
import io.github.daskjvm.core.scheduler.Command.RemoveWorker;
import io.github.daskjvm.core.scheduler.Command.ShuffleFail;
import io.github.daskjvm.core.scheduler.Command.StealRequest;
import io.github.daskjvm.core.scheduler.Command.WorkerMessage;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.MsgpackWriter;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/// Writes scheduler-to-worker messages. A Python worker closes itself over one unknown or missing field, so the
/// names are exact; source: `worker_state_machine.py`, the event classes.
final class WorkerMessages {
    // What every `compute-task` repeats, encoded once.
    private static final byte[] COMPUTE_TASK = encoded("op", "compute-task", "stimulus_id");
    private static final byte[] KEY = encoded("key");
    static final byte[] RUN_ID = encoded("run_id");
    private static final byte[] PRIORITY = encoded("priority");
    private static final byte[] WHO_HAS = encoded("who_has");
    private static final byte[] NBYTES = encoded("nbytes");
    static final byte[] RUN_SPEC = encoded("run_spec");
    static final byte[] RESOURCE_RESTRICTIONS = encoded("resource_restrictions");
    private static final byte[] ACTOR = encoded("actor");
    private static final byte[] ANNOTATIONS = encoded("annotations");
    static final byte[] SPAN_ID = encoded("span_id");

    private WorkerMessages() {}

    static byte[] encoded(String... texts) {
        var out = new MsgpackWriter(64);
        for (String text : texts) {
            out.string(text);
        }
        return out.toByteArray();
    }

    static void write(MsgpackWriter out, WorkerMessage message, boolean durations) {
        switch (message) {
            case ComputeTask task -> computeTask(out, task, durations);
            case FreeKeys(Collection<TaskKey> keys, String stimulusId) -> keys(out, "free-keys", keys, stimulusId);
            case RemoveReplicas(Collection<TaskKey> keys, String stimulusId) ->
                keys(out, "remove-replicas", keys, stimulusId);
            case AcquireReplicas(List<Dependency> replicas, String stimulusId) -> {
                head(out, "acquire-replicas", 4, stimulusId);
                locations(out, replicas);
            }
            case RefreshWhoHas(Map<TaskKey, List<String>> whoHas, String stimulusId) -> {
                head(out, "refresh-who-has", 3, stimulusId);
                out.string("who_has");
                out.mapHeader(whoHas.size());
                whoHas.forEach((key, workers) -> {
                    key(out, key);
                    addresses(out, workers);
                });
            }
            case ChangeWorkerStatus change -> {
                head(out, "worker-status-change", 3, change.stimulusId());
                out.string("status");
                out.string(change.status().wireName());
            }
            case StealRequest(TaskKey key, String stimulusId) -> {
                head(out, "steal-request", 3, stimulusId);
                out.raw(KEY);
                key(out, key);
            }
            case RemoveWorker(String worker, String stimulusId) -> {
                head(out, "remove-worker", 3, stimulusId);
                out.string("worker");
                out.string(worker);
            }
            case ShuffleFail(String shuffle, long runId, String text) -> {
                out.mapHeader(4);
                out.string("op");
                out.string("shuffle-fail");
                out.string("shuffle_id");
                out.string(shuffle);
                out.string("run_id");
                out.int64(runId);
                out.string("message");
                out.string(text);
            }
        }
    }

    private static void computeTask(MsgpackWriter out, ComputeTask task, boolean durations) {
        out.mapHeader(durations ? 13 : 12);
        out.raw(COMPUTE_TASK);
        out.string(task.stimulusId());
        out.raw(KEY);
        key(out, task.key());
        out.raw(RUN_ID);
        out.int64(task.runId());
        priority(out, task.priority());
        locations(out, task.dependencies());
        out.raw(RUN_SPEC);
        out.value(task.runSpec());
        out.raw(RESOURCE_RESTRICTIONS);
        out.value(task.resources());
        out.raw(ACTOR);
        out.bool(task.actor());
        out.raw(ANNOTATIONS);
        annotations(out, task);
        out.raw(SPAN_ID);
        if (task.spanId() == null) {
            out.nil();
        } else {
            out.string(task.spanId());
        }
        if (durations) {
            out.string("duration");
            out.float64(task.expectedSeconds());
        }
    }

    static void priority(MsgpackWriter out, Priority priority) {
        out.raw(PRIORITY);
        out.arrayHeader(3);
        number(out, priority.user());
        number(out, priority.generation());
        out.int64(priority.order());
    }

    private static void annotations(MsgpackWriter out, ComputeTask task) {
        Object annotations = task.annotations();
        if (task.span() != null) {
            try {
                annotations = SpanAnnotations.with(task.span(), annotations);
            } catch (BadMessageException e) {
                throw new IllegalStateException("annotations that were made here cannot be read", e);
            }
        }
        if (annotations == null) {
            out.mapHeader(0);
        } else {
            out.value(annotations);
        }
    }

    /// A whole number as an integer, as Python has it when the user gave none.
    private static void number(MsgpackWriter out, double value) {
        if (value == (long) value) {
            out.int64((long) value);
        } else {
            out.float64(value);
        }
    }

    private static void head(MsgpackWriter out, String op, int fields, String stimulusId) {
        out.mapHeader(fields);
        out.string("op");
        out.string(op);
        out.string("stimulus_id");
        out.string(stimulusId);
    }

    private static void keys(MsgpackWriter out, String op, Collection<TaskKey> keys, String stimulusId) {
        head(out, op, 3, stimulusId);
        out.string("keys");
        out.arrayHeader(keys.size());
        for (TaskKey key : keys) {
            key(out, key);
        }
    }

    static void locations(MsgpackWriter out, List<Dependency> dependencies) {
        out.raw(WHO_HAS);
        int count = dependencies.size();
        int[] from = new int[count];
        int[] to = new int[count];
        out.mapHeader(count);
        for (int i = 0; i < count; i++) {
            Dependency dependency = dependencies.get(i);
            from[i] = out.size();
            key(out, dependency.key());
            to[i] = out.size();
            addresses(out, dependency.workers());
        }
        out.raw(NBYTES);
        out.mapHeader(count);
        for (int i = 0; i < count; i++) {
            out.again(from[i], to[i]);
            out.int64(dependencies.get(i).sizeBytes());
        }
    }

    private static void addresses(MsgpackWriter out, List<String> workers) {
        out.arrayHeader(workers.size());
        for (String worker : workers) {
            out.string(worker);
        }
    }

    static void key(MsgpackWriter out, TaskKey key) {
        if (key.value() instanceof String text) {
            out.string(text);
        } else {
            out.value(key.value());
        }
    }
}
