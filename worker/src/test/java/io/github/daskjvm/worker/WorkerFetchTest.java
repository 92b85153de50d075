package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.KeyReference;
import io.github.daskjvm.worker.task.SerializableBiFunction;
import io.github.daskjvm.worker.task.TaskCall;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What a worker does about peers that fail it in the middle.
class WorkerFetchTest extends WorkerFixture {
    private static final int LARGE = 4_000_000;

    /// Of two copies of `big` the worker asks for the one behind the proxy, as `small` is there, too.
    private void computeOnBoth(Worker on, CutProxy proxy, Worker other) throws IOException {
        SerializableBiFunction<byte[], String, String> use = (bytes, text) -> bytes.length + " " + text;
        var arguments = List.of(new KeyReference(TaskKey.of("big")), new KeyReference(TaskKey.of("small")));
        scheduler.send(
                on.address(),
                scheduler.compute(
                        "used",
                        Map.of("big", List.of(proxy.address(), other.address()), "small", List.of(proxy.address())),
                        new TaskCall(use, arguments).payload()));
    }

    private void place(Worker... workers) throws Exception {
        var bytes = new byte[LARGE];
        new Random(1).nextBytes(bytes);
        for (Worker worker : workers) {
            var data = Map.of("big", JavaCodec.payload(bytes), "small", JavaCodec.payload("there"));
            call(worker, Map.of("op", "update_data", "data", data));
        }
    }

    private void tellWhereSmallIs(Worker to, Worker there) throws Exception {
        scheduler.await("request-refresh-who-has", m -> List.of("small").equals(m.get("keys")));
        scheduler.send(
                to.address(),
                Map.of(
                        "op", "refresh-who-has",
                        "who_has", Map.of("small", List.of(there.address())),
                        "stimulus_id", "s"));
    }

    @Test
    void aValueWhoseWorkerDiesInTheMiddleIsFetchedFromAnother() throws Exception {
        Worker dying = worker();
        Worker other = worker();
        Worker user = worker();
        place(dying, other);
        try (var proxy = new CutProxy(dying.address(), LARGE / 2, false)) {
            computeOnBoth(user, proxy, other);

            tellWhereSmallIs(user, other);
            scheduler.await("task-finished", "used");
            assertThat(fetch(user, "used")).isEqualTo(LARGE + " there");
            assertThat(proxy.callers()).isEqualTo(1);
            assertThat(scheduler.received())
                    .noneMatch(m -> m.op().equals("request-refresh-who-has")
                            && m.map().get("keys") instanceof List<?> keys
                            && keys.contains("big"));
            await(() -> user.snapshot().fetchingFrom() == 0);
            assertThat(user.snapshot().incoming().bytes()).isZero();
        }
    }

    @Test
    void aWorkerThatIsNotHeardOfIsGivenUpWhenTheSchedulerLosesIt() throws Exception {
        Worker silent = worker();
        Worker other = worker();
        Worker user = worker();
        place(silent, other);
        try (var proxy = new CutProxy(silent.address(), LARGE / 2, true)) {
            computeOnBoth(user, proxy, other);
            proxy.reached.await();
            scheduler.send(
                    user.address(), Map.of("op", "remove-worker", "worker", proxy.address(), "stimulus_id", "s"));

            tellWhereSmallIs(user, other);
            scheduler.await("task-finished", "used");
            assertThat(fetch(user, "used")).isEqualTo(LARGE + " there");
        }
    }

    @Test
    void aPausedWorkerServesOneCallerAtATime() throws Exception {
        Worker worker = worker();
        place(worker);
        scheduler.send(worker.address(), Map.of("op", "worker-status-change", "status", "paused", "stimulus_id", "s"));
        scheduler.await("worker-status-change", m -> "paused".equals(m.get("status")));
        try (var first = pool.borrow(worker.address())) {
            first.write(Map.of("op", "get_data", "keys", List.of("small")));
            first.read();
            assertThat(call(worker, Map.of("op", "get_data", "keys", List.of("small"))))
                    .isEqualTo(Map.of("status", "busy"));
            first.write("OK");
        }
    }
}
