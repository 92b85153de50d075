package io.github.daskjvm.lab.jmh;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.peers.SchedulerReads;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/// Events on their way to the event loop from other threads, until it has applied them: heartbeats, as the threads of
/// workers' calls post them. Four threads post, the loop has one of its own.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Threads(4)
public class InboxBenchmark {
    private static final int EVENTS = 1000;
    private static final String WORKER = "tcp://10.0.0.1:1";

    /// Posted one after the other before their thread waits for the loop.
    @Param({"1", "100"})
    public int together;

    private EventLoop loop = idle();
    private Event heartbeat = new Event.MemoryManagerTriggered();

    private static EventLoop idle() {
        return new EventLoop(
                SchedulerConfig.DEFAULT,
                new EventLoop.Output() {
                    @Override
                    public void carryOut(Command command) {}

                    @Override
                    public void flush() {}
                },
                failure -> {
                    throw new IllegalStateException(failure);
                });
    }

    @Setup
    public void prepare() throws IOException {
        Map<Object, Object> message = new LinkedHashMap<>(Recorded.message("heartbeat"));
        message.put("address", WORKER);
        heartbeat = SchedulerReads.heartbeat(message);
        loop = idle();
        loop.start();
        loop.post(new Event.WorkerJoined(
                WORKER, "w", "10.0.0.1", Runtime.PYTHON, 4, 1L << 34, Map.of(), WorkerStatus.RUNNING, null, "join"));
    }

    @TearDown
    public void end() {
        loop.close();
    }

    /// One event, with the waiting for the loop shared by those that went together.
    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public void heartbeats() {
        for (int i = 1; i <= EVENTS; i++) {
            loop.post(heartbeat);
            if (i % together == 0) {
                loop.await();
            }
        }
    }
}
