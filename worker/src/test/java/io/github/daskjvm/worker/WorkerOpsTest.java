package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.worker.task.SerializableCallable;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WorkerOpsTest extends WorkerFixture {

    @Test
    void answersTheSmallOperations() throws Exception {
        Worker worker = worker();

        assertThat((Map<Object, Object>) call(worker, Map.of("op", "identity")))
                .containsEntry("type", "Worker")
                .containsEntry("id", worker.name())
                .containsEntry("scheduler", scheduler.address())
                .containsEntry("nthreads", 2L);
        assertThat(call(worker, Map.of("op", "echo", "data", "x"))).isEqualTo("x");
        assertThat((Map<Object, Object>) call(worker, Map.of("op", "versions"))).containsKey("host");
        assertThat((List<?>) call(worker, Map.of("op", "get_logs"))).isNotEmpty();
        assertThat((Map<Object, Object>) call(worker, Map.of("op", "profile"))).containsEntry("count", 0L);
        assertThat((Map<Object, Object>) call(worker, Map.of("op", "get_monitor_info")))
                .containsKey("range_query");
        assertThat(call(worker, Map.of("op", "get_story", "keys_or_stimuli", List.of("x"))))
                .isEqualTo(List.of());
        assertThat(call(worker, Map.of("op", "plugin-add", "plugin", new byte[1], "name", "p")))
                .isEqualTo(Map.of("status", "OK"));
        assertThat(call(worker, Map.of("op", "no-such-op"))).isNull();
    }

    @Test
    void whatOthersCallIsCounted() throws Exception {
        Worker worker = worker();
        call(worker, Map.of("op", "identity"));
        call(worker, Map.of("op", "identity"));
        call(worker, Map.of("op", "no-such-op"));

        var measured = worker.snapshot().measured();
        assertThat(measured.operations())
                .extracting(WorkerSnapshot.Operation::op, WorkerSnapshot.Operation::calls)
                .containsExactlyInAnyOrder(tuple("identity", 2L), tuple("other", 1L));
        assertThat(measured.otherOperations()).isEqualTo(1);
    }

    @Test
    void pythonFunctionsAreRefusedWithAReason() throws Exception {
        Worker worker = worker();

        var reply =
                (Map<Object, Object>) call(worker, Map.of("op", "run", "function", new byte[1], "args", new byte[1]));

        assertThat(reply.get("status")).isEqualTo("error");
        assertThat((String) reply.get("exception_text"))
                .contains("has no Python")
                .contains(worker.address());
    }

    @Test
    void theStackOfARunningTaskCanBeSeen() throws Exception {
        Worker worker = worker();
        scheduler.send(worker.address(), scheduler.compute("x", blocking()));
        entered.await();

        var stacks = (Map<Object, Object>) call(worker, Map.of("op", "call_stack"));

        assertThat(stacks.get("x").toString()).contains("WorkerFixture");
        assertThat((Map<Object, Object>) ((Map<Object, Object>) call(worker, Map.of("op", "dump_state"))).get("tasks"))
                .containsEntry("x", Map.of("key", "x", "state", "executing"));
    }

    @Test
    void terminateEndsTheWorker() throws Exception {
        Worker worker = worker();

        call(worker, Map.of("op", "terminate", "reason", "enough"));

        assertThat(worker.awaitClosed()).isEqualTo("enough");
    }

    @Test
    void garbageOnItsPortDoesNotHarmTheWorker() throws Exception {
        Worker worker = worker();
        int port = Integer.parseInt(worker.address().substring(worker.address().lastIndexOf(':') + 1));
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            try (Socket socket = new Socket("127.0.0.1", port)) {
                byte[] garbage = new byte[1 + random.nextInt(200)];
                random.nextBytes(garbage);
                socket.getOutputStream().write(garbage);
            }
        }
        for (Object bad : List.of(1, "text", List.of(), Map.of("op", "get_data"), Map.of("op", 3))) {
            try (Connection connection = pool.borrow(worker.address())) {
                connection.write(bad);
                connection.readTimeout(Duration.ofSeconds(5));
                connection.read();
            } catch (IOException e) {
                assertThat(e).as("seed %d", seed).isNotInstanceOf(java.net.SocketTimeoutException.class);
            }
        }
        SerializableCallable<String> good = () -> "fine";
        scheduler.send(worker.address(), scheduler.compute("good", good));
        scheduler.await("task-finished", "good");
        assertThat(fetch(worker, "good")).isEqualTo("fine");
    }

    @Test
    void ticksAreMeasured() throws Exception {
        Worker worker = worker();

        await(() -> worker.snapshot().ticks() > 3);

        assertThat(worker.snapshot().tickMedianSeconds()).isBetween(0.015, 1.0);
        assertThat(worker.snapshot().tickMaximumSeconds())
                .isGreaterThanOrEqualTo(worker.snapshot().tickMedianSeconds());
        assertThat(gate.await(0, TimeUnit.SECONDS)).isFalse();
    }
}
