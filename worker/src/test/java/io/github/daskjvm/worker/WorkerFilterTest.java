package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PayloadFrames;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.KeyReference;
import io.github.daskjvm.worker.task.SerialFilter;
import io.github.daskjvm.worker.task.SerializableFunction;
import io.github.daskjvm.worker.task.TaskCall;
import java.util.List;
import java.util.Map;
import org.apache.commons.collections.functors.InvokerTransformer;
import org.junit.jupiter.api.Test;

class WorkerFilterTest extends WorkerFixture {
    private static final SerializableFunction<Object, String> USE =
            value -> "used " + value.getClass().getSimpleName();

    @Test
    void aClassThatIsRefusedFailsTheTasksThatNeedItAndNoOthers() throws Exception {
        int made = InvokerTransformer.MADE.get();
        Worker worker = worker();
        Worker peer = worker();
        call(
                peer,
                Map.of(
                        "op",
                        "update_data",
                        "data",
                        Map.of("bad", JavaCodec.payload(new InvokerTransformer()), "good", JavaCodec.payload("good"))));

        Map<String, List<String>> bad = Map.of("bad", List.of(peer.address()));
        Map<String, List<String>> good = Map.of("good", List.of(peer.address()));
        scheduler.send(
                worker.address(),
                scheduler.compute("input", bad, new TaskCall(USE, List.of(reference("bad"))).payload()),
                scheduler.compute("argument", USE, new InvokerTransformer()),
                scheduler.compute("after", good, new TaskCall(USE, List.of(reference("good"))).payload()));

        for (String key : List.of("input", "argument")) {
            Fields failed = scheduler.await("task-erred", key);
            assertThat(failed.string("exception_text"))
                    .contains("org.apache.commons.collections.functors.InvokerTransformer")
                    .contains("known from attacks")
                    .contains("--serial-filter");
        }
        scheduler.await("task-finished", "after");
        assertThat(fetch(worker, "after")).isEqualTo("used String");
        assertThat(InvokerTransformer.MADE).hasValue(made);
    }

    @Test
    void aFilterOfOnesOwnLetsItThrough() throws Exception {
        int made = InvokerTransformer.MADE.get();
        Worker worker = worker(WorkerOptions.builder(scheduler.address())
                .serialFilter(SerialFilter.of("org.apache.commons.collections.functors.InvokerTransformer"))
                .build());

        scheduler.send(worker.address(), scheduler.compute("argument", USE, new InvokerTransformer()));

        scheduler.await("task-finished", "argument");
        assertThat(InvokerTransformer.MADE.get()).isGreaterThan(made);
    }

    @Test
    void whoDoesNotReadThePlainFormIsServedJavas() throws Exception {
        Worker worker = worker();
        call(worker, Map.of("op", "update_data", "data", Map.of("d", JavaCodec.payload(List.of(1, 2)))));
        scheduler.send(worker.address(), scheduler.compute("made", USE, 5));
        scheduler.await("task-finished", "made");
        for (String form : List.of("java", "java-plain")) {
            List<String> read =
                    form.equals("java") ? List.of("pickle", "java") : List.of("pickle", "java-plain", "java");
            try (Connection connection = pool.borrow(worker.address())) {
                connection.write(
                        Map.of("op", "get_data", "keys", List.of("d", "made"), "who", "test", "serializers", read));
                var data = (Map<?, ?>) ((Map<?, ?>) connection.read()).get("data");
                connection.write("OK");
                for (String key : List.of("d", "made")) {
                    var payload = (Payload) data.get(key);
                    assertThat(PayloadFrames.header(payload).get("serializer")).isEqualTo(form);
                    assertThat(JavaCodec.value(payload, LOADER))
                            .isEqualTo(key.equals("d") ? List.of(1, 2) : "used Integer");
                }
            }
        }
    }

    private static KeyReference reference(String key) {
        return new KeyReference(TaskKey.of(key));
    }
}
