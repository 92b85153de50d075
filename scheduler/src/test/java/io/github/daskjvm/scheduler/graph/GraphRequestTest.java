package io.github.daskjvm.scheduler.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PickleReader;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GraphRequestTest {
    @Test
    void aRealSubmitIsRead() throws Exception {
        GraphRequest request = Recordings.request("submit");

        assertThat(request.form()).isEqualTo(GraphRequest.Form.HIGH_LEVEL_GRAPH);
        assertThat(request.frames()).hasSize(1);
        assertThat(request.keys()).containsExactly(TaskKey.of("d"));
        assertThat(request.internalPriority()).isEqualTo(Map.of(TaskKey.of("d"), 0L));
        assertThat(request.submittingTask()).isNull();
        assertThat(request.fifoTimeoutNanos()).isEqualTo(60_000_000_000L);
        assertThat(request.actors()).isEmpty();
        assertThat(PickleReader.plain((Payload) request.annotations()))
                .hasValueSatisfying(annotations -> assertThat(annotations)
                        .isEqualTo(Map.of(
                                "priority",
                                3L,
                                "workers",
                                List.of("alice", "tcp://127.0.0.1:1"),
                                "retries",
                                4L,
                                "allow_other_workers",
                                true,
                                "resources",
                                Map.of("GPU", 2L))));
    }

    @Test
    void aRealGraphWithTupleKeysIsRead() throws Exception {
        GraphRequest request = Recordings.request("chain");

        assertThat(request.keys()).containsExactly(TaskKey.of(List.of("y", 1)));
        assertThat(request.internalPriority()).isEmpty();
    }

    @Test
    void actorsAreAllWantedKeysOrThoseNamed() throws Exception {
        Fields message = Recordings.message("actor");

        assertThat(GraphRequest.parse(message).actors()).containsExactly(TaskKey.of("a"));
        assertThat(GraphRequest.parse(Recordings.with(message, "actors", List.of("b")))
                        .actors())
                .containsExactly(TaskKey.of("b"));
    }

    @Test
    void anExpressionIsToldByItsField() throws Exception {
        var expression = Payload.serialized(Map.of("serializer", "pickle"), List.of(new byte[3], new byte[4]));
        Fields message = Recordings.with(
                Recordings.without(Recordings.message("submit"), "graph_header", "graph_frames"),
                "expr_ser",
                expression);

        GraphRequest request = GraphRequest.parse(message);

        assertThat(request.form()).isEqualTo(GraphRequest.Form.EXPRESSION);
        assertThat(request.header()).isSameAs(expression.header());
        assertThat(request.frames()).isEqualTo(expression.frames());
        assertThat(request.sizeBytes()).isEqualTo(7);
    }

    @Test
    void aGraphInAnotherFormIsAClearFailureAndItsKeysAreStillRead() throws Exception {
        Fields message = Recordings.with(
                Recordings.without(Recordings.message("submit"), "graph_header", "graph_frames"),
                "tasks",
                Map.of("d", new byte[3]));

        assertThatThrownBy(() -> GraphRequest.parse(message))
                .isInstanceOf(GraphFailure.class)
                .hasMessageStartingWith("graph format not read here");
        assertThat(GraphRequest.wantedKeys(message)).isEqualTo(Set.of(TaskKey.of("d")));
    }

    @Test
    void mistypedFieldsAreNamed() throws Exception {
        Fields message = Recordings.message("submit");
        Map<String, Object> wrong = Map.of(
                "keys",
                7L,
                "graph_header",
                "text",
                "graph_frames",
                List.of("text"),
                "internal_priority",
                Map.of("d", "first"),
                "fifo_timeout",
                "soon",
                "actors",
                List.of(Map.of()),
                "submitting_task",
                Map.of());

        wrong.forEach(
                (field, value) -> assertThatThrownBy(() -> GraphRequest.parse(Recordings.with(message, field, value)))
                        .as(field)
                        .isInstanceOf(BadMessageException.class));
        assertThatThrownBy(() -> GraphRequest.parse(Recordings.with(message, "keys", Arrays.asList("a", null))))
                .hasMessageContaining("keys");
    }

    @ParameterizedTest
    @CsvSource({
        "100 ms, 100000000",
        "60s, 60000000000",
        "0s, 0",
        "1.5 hours, 5400000000000",
        "5, 5000000000",
        "1e-3s, 1000000",
        "min, -1",
        "minute, 60000000000",
        "2 days, 172800000000000",
        "-3s, -1",
        "1.2.3s, -1"
    })
    void spansOfTimeAreReadAsDaskWritesThem(String text, long nanos) throws Exception {
        if (nanos < 0) {
            assertThatThrownBy(() -> TimeText.nanos(text)).isInstanceOf(BadMessageException.class);
        } else {
            assertThat(TimeText.nanos(text)).isEqualTo(nanos);
        }
    }
}
