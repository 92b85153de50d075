package io.github.daskjvm.scheduler.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.core.scheduler.TaskSpec.TaskOptions;
import io.github.daskjvm.pickle.PickleWriter;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PayloadFrames;
import io.github.daskjvm.protocol.PickleReader;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Graphs that are cut here and what a worker made of the same graphs, once. The tasks' pickles are for
/// `CutGraphsTest`.
class PlainGraphsTest {
    @ParameterizedTest
    @ValueSource(strings = {"submit", "chain", "actor"})
    void whatIsCutIsWhatAWorkerWouldMakeOfIt(String name) throws Exception {
        GraphRequest request = Recordings.request(name);
        var table = new GraphTable(request);
        int pages = 0;
        do {
            table.add(Recordings.bytes(name + ".page-" + pages++));
        } while (table.token() != null);
        List<TaskSpec> unpacked = table.tasks();
        List<TaskSpec> cut = PlainGraphs.cut(request).tasks();

        assertThat(cut).hasSameSizeAs(unpacked);
        for (int i = 0; i < cut.size(); i++) {
            TaskSpec a = cut.get(i);
            TaskSpec b = unpacked.get(i);
            assertThat(a.key()).isEqualTo(b.key());
            assertThat(a.runtime()).isEqualTo(b.runtime());
            assertThat(a.order()).isEqualTo(b.order());
            assertThat(a.dependencies()).containsExactlyInAnyOrderElementsOf(b.dependencies());
            assertThat(options(a)).isEqualTo(options(b));
            assertThat(annotations(a)).isEqualTo(annotations(b));
        }
    }

    private static TaskOptions options(TaskSpec task) {
        TaskOptions options = task.options();
        return new TaskOptions(
                options.priority(),
                options.retries(),
                options.workers(),
                options.allowOtherWorkers(),
                options.resources(),
                options.actor(),
                null,
                options.span());
    }

    private static @Nullable Object annotations(TaskSpec task) throws Exception {
        return task.options().annotations() instanceof Payload payload
                ? PickleReader.read((byte[]) PayloadFrames.header(payload).get("pickled-obj"))
                : null;
    }

    @Test
    void aTaskTravelsAsABufferOfThePickleThatLoadsIt() throws Exception {
        var guarded = (GuardedPickle)
                PlainGraphs.cut(Recordings.request("submit")).tasks().getFirst().runSpec();
        Payload spec = guarded.payload();
        assertThat(spec.kind()).isEqualTo(Payload.Kind.PICKLED);
        assertThat(spec.frames()).hasSize(1);
        Map<?, ?> header = PayloadFrames.header(spec);
        assertThat(header.get("num-sub-frames")).isEqualTo(1L);
        assertThat(header.get("compression")).isEqualTo(java.util.Collections.singletonList(null));
    }

    @Test
    void annotationsThatAreNoPlainValuesAreForAWorker() throws Exception {
        Fields message = Recordings.message("submit");
        var annotations = new PyNode.Dict();
        annotations.put("priority", 2L);
        assertThat(PlainGraphs.cut(annotated(message, annotations))
                        .tasks()
                        .getFirst()
                        .options()
                        .priority())
                .isEqualTo(2);
        annotations.put("mine", new PyNode.Global("module", "function"));
        assertThat(PlainGraphs.cut(annotated(message, annotations))).isNull();
    }

    private static GraphRequest annotated(Fields message, PyNode.Dict annotations) throws Exception {
        Payload payload = Payload.pickled(PickleWriter.write(annotations).pickle());
        return GraphRequest.parse(Recordings.with(message, "annotations", payload));
    }

    @Test
    void aGraphInAnotherFormIsForAWorker() throws Exception {
        Fields message = Recordings.message("submit");
        Fields compressed = Recordings.with(
                message,
                "graph_header",
                Map.of("serializer", "pickle", "writeable", List.of(), "compression", List.of()));
        assertThat(PlainGraphs.cut(GraphRequest.parse(compressed))).isNull();
        Fields damaged = Recordings.with(message, "graph_frames", List.of(new byte[] {1, 2, 3}));
        assertThat(PlainGraphs.cut(GraphRequest.parse(damaged))).isNull();
    }
}
