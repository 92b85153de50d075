package io.github.daskjvm.lab.jmh;

import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.lab.AnsweredState;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.scheduler.peers.SchedulerReads;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// The heartbeat of a stock worker.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class HeartbeatBenchmark {
    private final Decoding decoding = new Decoding();
    private final MsgpackReader decoder = new MsgpackReader();
    private final AnsweredState cluster = new AnsweredState(10);
    private byte[] message = {};
    private List<Event> event = List.of();
    private long nowNanos = TimeUnit.HOURS.toNanos(1);

    @Setup
    public void prepare() throws IOException {
        message = Recorded.bytes("heartbeat");
        Map<Object, Object> request = new LinkedHashMap<>(Recorded.message("heartbeat"));
        request.put("address", AnsweredState.address(3));
        event = List.of(SchedulerReads.heartbeat(request));
    }

    /// From bytes to the event.
    @Benchmark
    public Event read() throws IOException {
        return decoding.read(message, (bytes, from, to) -> SchedulerReads.heartbeat(decoder.message(bytes, from, to)));
    }

    /// The event, applied by the loop's thread.
    @Benchmark
    public List<Command> apply() {
        nowNanos += 5_000_000;
        return cluster.state().handle(event, nowNanos);
    }
}
