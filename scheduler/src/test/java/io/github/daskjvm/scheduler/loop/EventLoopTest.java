package io.github.daskjvm.scheduler.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.scheduler.TaskSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopTest {
    private final List<Command> commands = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private final EventLoop.Output output = new EventLoop.Output() {
        @Override
        public void carryOut(Command command) {
            commands.add(command);
        }

        @Override
        public void flush() {}
    };
    private EventLoop loop = new EventLoop(SchedulerConfig.DEFAULT, output, failure::complete);

    @AfterEach
    void close() {
        loop.close();
    }

    private static Event graph(String client, String key) {
        var spec = new TaskSpec(TaskKey.of(key), "run", Runtime.PYTHON, List.of(), 0, TaskSpec.TaskOptions.NONE);
        return new Event.UpdateGraph(client, List.of(spec), List.of(spec.key()), null, 0, "s");
    }

    private static void until(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    @Test
    void aQuerySeesWhatItsThreadPostedBefore() {
        loop.start();
        for (int i = 0; i < 100; i++) {
            String client = "c" + i;
            loop.post(new Event.ClientConnected(client));
            assertThat(loop.<Boolean>query(state -> state.client(client) != null))
                    .isTrue();
        }
        assertThat(loop.figures().events()).isGreaterThanOrEqualTo(99);
    }

    @Test
    void whatCanWaitIsAppliedThoughNothingElseComes() throws Exception {
        loop.start();
        for (int i = 0; i < 5; i++) {
            int clients = i + 1;
            loop.postSoon(new Event.ClientConnected("c" + i));
            until(() -> loop.snapshot().clients() == clients);
        }
        loop.postSoon(new Event.ClientConnected("d"));
        assertThat(loop.<Boolean>query(state -> state.client("d") != null)).isTrue();
    }

    @Test
    void manyThreadsPostAndNothingIsLost() throws Exception {
        loop.start();
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 8; t++) {
            int thread = t;
            threads.add(Thread.ofVirtual().start(() -> {
                for (int i = 0; i < 500; i++) {
                    loop.post(List.of(new Event.ClientConnected("c" + thread + "-" + i)));
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(loop.<Integer>query(state -> state.clients().size())).isEqualTo(4000);
        until(() -> loop.snapshot().clients() == 4000);
    }

    @Test
    void aQueryThatThrowsFailsAlone() {
        loop.start();
        assertThatThrownBy(() -> loop.query(state -> {
                    throw new IllegalArgumentException("bad question");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bad question");
        assertThat(loop.<Integer>query(state -> state.clients().size())).isZero();
    }

    @Test
    void aTimerComesBackAsAnEvent() throws Exception {
        var config = SchedulerConfig.DEFAULT;
        var impatient = new SchedulerConfig(
                config.allowedFailures(),
                config.workerSaturation(),
                config.unknownTaskDuration(),
                config.defaultTaskDurations(),
                Duration.ofMillis(30),
                config.bandwidthBytesPerSecond(),
                true);
        loop = new EventLoop(impatient, output, failure::complete);
        loop.start();
        loop.post(new Event.ClientConnected("c"));
        loop.post(graph("c", "x"));
        until(() -> commands.stream()
                .anyMatch(command -> command instanceof Command.ToClient(var client, var message)
                        && message instanceof Command.NoWorker));
    }

    @Test
    void aBrokenInvariantIsToldAndEndsTheLoop() throws Exception {
        var broken = new EventLoop.Output() {
            @Override
            public void carryOut(Command command) {
                throw new IllegalStateException("broken");
            }

            @Override
            public void flush() {}
        };
        loop = new EventLoop(SchedulerConfig.DEFAULT, broken, failure::complete);
        loop.start();
        loop.post(new Event.ClientConnected("c"));
        loop.post(new Event.ReportKey("c", TaskKey.of("nobody knows")));
        loop.post(graph("c", "x"));
        loop.post(new Event.Restart("s"));
        assertThat(failure.get(10, TimeUnit.SECONDS)).hasMessage("broken");
        assertThatThrownBy(() -> loop.query(state -> 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingAppliesWhatWasPostedAndFailsLaterQueries() {
        loop.start();
        loop.post(new Event.ClientConnected("c"));
        loop.close();
        assertThatThrownBy(() -> loop.query(state -> 1)).isInstanceOf(IllegalStateException.class);
    }
}
