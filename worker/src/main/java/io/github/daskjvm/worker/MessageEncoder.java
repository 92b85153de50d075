package io.github.daskjvm.worker;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerEvent.StartStop;
import io.github.daskjvm.core.worker.WorkerMessage;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Pickle;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Writes the worker's messages to the scheduler, by the field names of Dask 2024.12 and 2026.7. Any thread may
/// call.
final class MessageEncoder {
    /// Python clients unpickle a result's type. They have no Java classes, so all are `object` to them.
    private static final byte[] TYPE = Pickle.of(Pickle.global("builtins", "object"));

    private final AtomicLong stimuli = new AtomicLong();
    private final boolean brief;

    /// @param brief the scheduler takes `task-finished` without what it knows of any task of the JVM
    MessageEncoder(boolean brief) {
        this.brief = brief;
    }

    void write(MsgpackWriter out, WorkerMessage message) {
        switch (message) {
            case WorkerMessage.TaskFinished m -> finished(out, m, null);
            case WorkerMessage.TaskErred m -> erred(out, m);
            case WorkerMessage.LongRunning m -> {
                start(out, "long-running", 5);
                key(out, m.key());
                out.string("run_id");
                out.int64(m.runId());
                out.string("compute_duration");
                out.float64(m.computeSeconds());
                stimulus(out, "secede-");
            }
            case WorkerMessage.Reschedule m -> {
                start(out, "reschedule", 3);
                key(out, m.key());
                stimulus(out, "reschedule-");
            }
            case WorkerMessage.ReleaseWorkerData m -> {
                start(out, "release-worker-data", 3);
                key(out, m.key());
                stimulus(out, "release-");
            }
            case WorkerMessage.AddKeys m -> {
                start(out, "add-keys", 3);
                keys(out, m.keys());
                stimulus(out, "add-keys-");
            }
            case WorkerMessage.RequestRefreshWhoHas m -> {
                start(out, "request-refresh-who-has", 3);
                keys(out, m.keys());
                stimulus(out, "refresh-who-has-");
            }
            case WorkerMessage.StealResponse m -> {
                start(out, "steal-response", 4);
                key(out, m.key());
                out.string("state");
                if (m.status() == null) {
                    out.nil();
                } else {
                    out.string(m.status().wireName());
                }
                out.string("stimulus_id");
                out.string(m.stimulusId());
            }
        }
    }

    /// @param small the result itself, as [io.github.daskjvm.worker.task.JavaCodec#smallForm] has it, for clients that
    ///     wait for it; null to have them fetch it
    void finished(MsgpackWriter out, WorkerMessage.TaskFinished m, byte @Nullable [] small) {
        int usual = small == null ? 0 : 1;
        boolean computed = brief
                && m.startStops().size() == 1
                && m.startStops().getFirst().action().equals("compute");
        start(out, "task-finished", usual + (computed ? 8 : 11));
        if (small != null) {
            out.string("result");
            out.bin(small);
        }
        key(out, m.key());
        if (computed) {
            brief(out, m, m.startStops().getFirst());
            return;
        }
        out.string("status");
        out.string("OK");
        out.string("run_id");
        out.int64(m.runId());
        out.string("nbytes");
        out.int64(m.sizeBytes());
        out.string("type");
        out.bin(TYPE);
        out.string("typename");
        out.string(m.typeName());
        out.string("metadata");
        out.mapHeader(0);
        out.string("thread");
        out.int64(m.thread());
        startStops(out, m.startStops());
        stimulus(out, "task-finished-");
    }

    /// Of a task that did nothing but compute.
    private static void brief(MsgpackWriter out, WorkerMessage.TaskFinished m, StartStop compute) {
        out.string("run_id");
        out.int64(m.runId());
        out.string("nbytes");
        out.int64(m.sizeBytes());
        out.string("typename");
        out.string(m.typeName());
        out.string("thread");
        out.int64(m.thread());
        out.string("start");
        out.float64(compute.start());
        out.string("stop");
        out.float64(compute.stop());
    }

    private void erred(MsgpackWriter out, WorkerMessage.TaskErred m) {
        start(out, "task-erred", 11);
        key(out, m.key());
        out.string("status");
        out.string("error");
        out.string("run_id");
        out.int64(m.runId());
        out.string("exception");
        out.bin(m.exception());
        out.string("traceback");
        out.nil();
        out.string("exception_text");
        out.string(m.exceptionText());
        out.string("traceback_text");
        out.string(m.tracebackText());
        out.string("thread");
        out.int64(m.thread());
        startStops(out, m.startStops());
        stimulus(out, "task-erred-");
    }

    private static void start(MsgpackWriter out, String op, int entries) {
        out.mapHeader(entries);
        out.string("op");
        out.string(op);
    }

    private static void key(MsgpackWriter out, TaskKey key) {
        out.string("key");
        out.value(key.value());
    }

    private static void keys(MsgpackWriter out, List<TaskKey> keys) {
        out.string("keys");
        out.arrayHeader(keys.size());
        for (TaskKey key : keys) {
            out.value(key.value());
        }
    }

    private static void startStops(MsgpackWriter out, List<StartStop> startStops) {
        out.string("startstops");
        out.arrayHeader(startStops.size());
        for (StartStop each : startStops) {
            out.mapHeader(each.source() == null ? 3 : 4);
            out.string("action");
            out.string(each.action());
            out.string("start");
            out.float64(each.start());
            out.string("stop");
            out.float64(each.stop());
            if (each.source() != null) {
                out.string("source");
                out.string(each.source());
            }
        }
    }

    private void stimulus(MsgpackWriter out, String prefix) {
        out.string("stimulus_id");
        out.string(stimulusId(prefix));
    }

    String stimulusId(String prefix) {
        return prefix + stimuli.incrementAndGet();
    }
}
