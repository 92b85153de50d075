package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.SerializableCallable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// Workers of one scripted scheduler, closed after each test.
abstract class WorkerFixture {
    static final Duration TIMEOUT = Duration.ofSeconds(20);
    static final ClassLoader LOADER = WorkerFixture.class.getClassLoader();
    static volatile CountDownLatch entered = new CountDownLatch(1);
    static volatile CountDownLatch gate = new CountDownLatch(1);
    static volatile boolean interrupted;

    private final List<AutoCloseable> open = new ArrayList<>();
    final RpcPool pool = new RpcPool(null, TIMEOUT);
    ScriptedScheduler scheduler;

    @BeforeEach
    void startScheduler() throws IOException {
        scheduler = new ScriptedScheduler();
        open.add(scheduler);
        open.add(pool);
        entered = new CountDownLatch(1);
        gate = new CountDownLatch(1);
        interrupted = false;
    }

    @AfterEach
    void closeAll() throws Exception {
        gate.countDown();
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    Worker worker() throws Exception {
        return worker(WorkerOptions.builder(scheduler.address()).nthreads(2).build());
    }

    Worker worker(WorkerOptions options) throws Exception {
        Worker worker = Worker.start(options);
        open.add(worker);
        scheduler.await("worker-status-change", m -> "running".equals(m.get("status")));
        return worker;
    }

    static void await(BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start).isLessThan(TIMEOUT.toNanos());
            Thread.sleep(1);
        }
    }

    @Nullable
    Object fetch(Worker worker, String key) throws IOException {
        try (Connection connection = pool.borrow(worker.address())) {
            connection.write(Map.of(
                    "op", "get_data", "keys", List.of(key), "who", "test", "serializers", JavaCodec.SERIALIZERS_READ));
            var reply = (Map<?, ?>) connection.read();
            connection.write("OK");
            assertThat(reply.get("status")).isEqualTo("OK");
            var payload = (Payload) ((Map<?, ?>) reply.get("data")).get(key);
            return payload == null ? null : JavaCodec.value(payload, LOADER);
        }
    }

    @Nullable
    Object call(Worker worker, Map<String, ?> request) throws Exception {
        return pool.call(worker.address(), request, TIMEOUT);
    }

    static SerializableCallable<String> blocking() {
        return () -> {
            entered.countDown();
            try {
                gate.await();
                return "done";
            } catch (InterruptedException e) {
                interrupted = true;
                throw e;
            }
        };
    }
}
