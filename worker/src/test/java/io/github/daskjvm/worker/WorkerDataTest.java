package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.KeyReference;
import io.github.daskjvm.worker.task.SerializableCallable;
import io.github.daskjvm.worker.task.SerializableFunction;
import io.github.daskjvm.worker.task.TaskCall;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerDataTest extends WorkerFixture {

    @Test
    void twoWorkersExchangeData() throws Exception {
        Worker a = worker();
        Worker b = worker();
        SerializableCallable<List<String>> make = () -> List.of("made", "there");
        SerializableFunction<List<String>, String> use = list -> String.join(" ", list) + ", used here";

        scheduler.send(a.address(), scheduler.compute("made", make));
        scheduler.await("task-finished", "made");
        scheduler.send(
                b.address(),
                scheduler.compute(
                        "used",
                        Map.of("made", List.of(a.address())),
                        new TaskCall(use, List.of(new KeyReference(TaskKey.of("made")))).payload()));

        scheduler.await("add-keys", m -> List.of("made").equals(m.get("keys")));
        Fields done = scheduler.await("task-finished", "used");
        assertThat(done.list("startstops").stream().map(each -> (String) ((Map<?, ?>) each).get("action")))
                .startsWith("transfer")
                .endsWith("compute");
        assertThat(fetch(b, "used")).isEqualTo("made there, used here");
        assertThat(fetch(b, "made")).isEqualTo(List.of("made", "there"));
        assertThat(b.snapshot().incoming().countTotal()).isEqualTo(1);
        assertThat(b.snapshot().bandwidthMedianBytesPerSecond()).isPositive();
        await(() -> a.snapshot().outgoing().count() == 0);
        assertThat(a.snapshot().outgoing().countTotal()).isPositive();
    }

    @Test
    void aPeerThatIsGoneMakesTheWorkerAskWhereTheDataIs() throws Exception {
        Worker a = worker();
        Worker b = worker();
        SerializableFunction<String, String> use = s -> s + "!";
        scheduler.send(
                a.address(),
                scheduler.compute(
                        "used",
                        Map.of("d", List.of("tcp://127.0.0.1:1", b.address())),
                        new TaskCall(use, List.of(new KeyReference(TaskKey.of("d")))).payload()));

        scheduler.await("request-refresh-who-has", m -> List.of("d").equals(m.get("keys")));
        call(b, Map.of("op", "update_data", "data", Map.of("d", JavaCodec.payload("late"))));
        scheduler.send(
                a.address(),
                Map.of(
                        "op", "refresh-who-has",
                        "who_has", Map.of("d", List.of(b.address())),
                        "stimulus_id", "s"));

        scheduler.await("task-finished", "used");
        assertThat(fetch(a, "used")).isEqualTo("late!");
    }

    @Test
    void dataCanBePlacedListedFreedAndGathered() throws Exception {
        Worker a = worker();
        Worker b = worker();

        var reply = (Map<Object, Object>) call(
                a, Map.of("op", "update_data", "data", Map.of("d", JavaCodec.payload("value")), "stimulus_id", "s"));
        assertThat(reply.get("status")).isEqualTo("OK");
        assertThat((Long) ((Map<?, ?>) reply.get("nbytes")).get("d")).isPositive();
        assertThat(call(a, Map.of("op", "keys"))).isEqualTo(List.of("d"));
        assertThat(call(b, Map.of("op", "gather", "who_has", Map.of("d", List.of(a.address())))))
                .isEqualTo(Map.of("status", "OK"));
        assertThat(fetch(b, "d")).isEqualTo("value");
        assertThat(call(b, Map.of("op", "gather", "who_has", Map.of("e", List.of(a.address())))))
                .isEqualTo(Map.of("status", "partial-fail", "keys", Map.of("e", List.of(a.address()))));

        call(a, Map.of("op", "free_keys", "keys", List.of("d"), "stimulus_id", "s"));

        assertThat(call(a, Map.of("op", "keys"))).isEqualTo(List.of());
        scheduler.await("release-worker-data", "d");
    }

    @Test
    void aCallerBeyondTheLimitOfTransfersIsToldToComeAgain() throws Exception {
        Worker worker = worker(WorkerOptions.builder(scheduler.address())
                .incomingConnections(1)
                .build());
        call(worker, Map.of("op", "update_data", "data", Map.of("d", JavaCodec.payload("value"))));
        // One of the same host may come beside each that is allowed.
        try (Connection first = pool.borrow(worker.address());
                Connection second = pool.borrow(worker.address())) {
            for (Connection each : List.of(first, second)) {
                each.write(Map.of("op", "get_data", "keys", List.of("d")));
                each.read();
            }
            assertThat(call(worker, Map.of("op", "get_data", "keys", List.of("d"))))
                    .isEqualTo(Map.of("status", "busy"));
            assertThat(worker.snapshot().incomingConnections()).isEqualTo(2);
            first.write("OK");
            second.write("OK");
            await(() -> worker.snapshot().incomingConnections() == 0);
            first.write(Map.of("op", "ping"));
            assertThat(first.read()).isEqualTo(new byte[] {'p', 'o', 'n', 'g'});
        }
        assertThat(fetch(worker, "d")).isEqualTo("value");
    }
}
