package io.github.daskjvm.lab.jmh;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Command.ComputeTask;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.FrameWriter;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.ScannedBatch;
import io.github.daskjvm.scheduler.loop.SchedulerWrites;
import io.github.daskjvm.scheduler.peers.SchedulerReads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Bytes of a stream to what the core takes, and what the core says to bytes. The messages are those of a stock worker
/// that ran a map, and of the scheduler that sent it tasks; a batch has them as often as the parameter says,
/// each with a key of its own.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CodecBenchmark {
    private static final String WORKER = "tcp://127.0.0.1:40331";

    /// Messages of a batch.
    @Param({"1", "32"})
    public int messages;

    private final Decoding decoding = new Decoding();
    private final ScannedBatch scan = new ScannedBatch(new MsgpackReader());
    private final MsgpackWriter writer = new MsgpackWriter(4096);
    private final List<ComputeTask> tasks = new ArrayList<>();
    private byte[] finished = {};

    @Setup
    public void prepare() throws IOException {
        List<Object> batch = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            Map<Object, Object> message = new LinkedHashMap<>(Recorded.message("finished"));
            message.put("key", message.get("key") + "-" + i);
            batch.add(message);
            tasks.add(task(Recorded.message("compute"), i));
        }
        var framed = new ByteArrayOutputStream();
        new FrameWriter(framed).write(batch);
        finished = framed.toByteArray();
    }

    private static ComputeTask task(Map<?, ?> message, int number) {
        return new ComputeTask(
                TaskKey.of(message.get("key") + "-" + number),
                (Long) Objects.requireNonNull(message.get("run_id")),
                new Priority(0, 1, number),
                List.of(),
                Objects.requireNonNull(message.get("run_spec")),
                Map.of(),
                false,
                Map.of(),
                (String) message.get("span_id"),
                null,
                0.5,
                "compute-task-1795799080.1777477");
    }

    /// A batch of finished tasks, from bytes to events.
    @Benchmark
    public List<Event> readFinished() throws IOException {
        return decoding.read(finished, (bytes, from, to) -> SchedulerReads.batch(WORKER, scan, bytes, from, to));
    }

    /// A batch of tasks for a worker, from commands to bytes.
    @Benchmark
    public int writeTasks() throws IOException {
        writer.reset();
        int count = writer.openArray();
        for (ComputeTask task : tasks) {
            SchedulerWrites.write(task, writer);
        }
        writer.patchArrayHeader(count, tasks.size());
        var out = new Counted();
        new FrameWriter(out).write(writer);
        return out.bytes;
    }

    /// Takes what a socket would.
    private static final class Counted extends OutputStream {
        private int bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] data, int from, int length) {
            bytes += length;
        }
    }
}
