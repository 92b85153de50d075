package io.github.daskjvm.pickle.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.pickle.PickleBuffer;
import io.github.daskjvm.pickle.PickleParser;
import io.github.daskjvm.pickle.PickleWriter;
import io.github.daskjvm.pickle.PyNode;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is cut and what is refused, without Python; what tasks look like there is for `CutGraphsTest`.
class GraphCutterTest {
    private static final PyNode.Global INC = new PyNode.Global("module", "inc");

    private static PyNode.Call object(String module, String name, Object... attributes) {
        var call = new PyNode.Call(PyNode.How.NEW, new PyNode.Global(module, name), new PyNode.Tuple(), null);
        call.add(new PyNode.State(dict(attributes)));
        return call;
    }

    private static PyNode.Dict dict(Object... flat) {
        var dict = new PyNode.Dict();
        dict.flat().addAll(List.of(flat));
        return dict;
    }

    private static PyNode.Tuple tuple(Object... items) {
        return new PyNode.Tuple(items);
    }

    private static Object layer(Object... tasks) {
        return object("dask.highlevelgraph", "MaterializedLayer", "mapping", dict(tasks));
    }

    private static byte[] graph(Object... layers) throws Exception {
        var named = new PyNode.Dict();
        for (Object layer : layers) {
            named.put("layer " + named.size(), layer);
        }
        return PickleWriter.write(object("dask.highlevelgraph", "HighLevelGraph", "layers", named))
                .pickle();
    }

    private static CutGraph cut(Object wanted, byte[] pickle) throws NotCutException {
        return GraphCutter.cut(pickle, List.of(), List.of(wanted));
    }

    @Test
    void whatIsWantedAndWhatItNeedsIsCutInTheOrderOfTheGraph() throws Exception {
        byte[] graph = graph(layer("a", tuple(INC, 1L), "unused", tuple(INC, "a")), layer("b", tuple(INC, "a", "x")));
        assertThat(cut("b", graph).tasks()).extracting(CutTask::key).containsExactly("a", "b");
        assertThat(cut("b", graph).tasks().getLast().dependencies()).containsExactly("a");
        assertThat(cut("nothing", graph).tasks()).isEmpty();
    }

    @Test
    void whatATaskNeedsIsKnownByItsPlaceAmongTheTasksToo() throws Exception {
        byte[] graph = graph(
                layer("sum", tuple(INC, "b", "a"), "unused", 1L, "outside", "outside", "b", tuple(INC, "a"), "a", 1L));
        CutGraph all = cut("sum", graph);
        assertThat(all.tasks()).extracting(CutTask::key).containsExactly("sum", "b", "a");
        assertThat(all.tasks().getFirst().dependencies()).containsExactly("b", "a");
        assertThat(all.tasks().getFirst().places()).containsExactly(1, 2);
        assertThat(all.tasks().get(1).places()).containsExactly(2);
        assertThat(all.tasks().getLast().places()).isEmpty();

        byte[] other = graph(layer("outside", "outside", "a", tuple(INC, "outside", "b"), "b", 1L), layer("b", 2L));
        assertThat(cut("a", other).tasks().getFirst().dependencies()).containsExactly("outside", "b");
        assertThat(cut("a", other).tasks().getFirst().places()).containsExactly(-1, 1);
    }

    @Test
    void aLaterLayerGoesOverAnEarlierOne() throws Exception {
        byte[] graph = graph(layer("a", 1L, "b", "a"), layer("a", "c", "c", 2L));
        assertThat(cut("b", graph).tasks()).extracting(CutTask::key).containsExactly("a", "b", "c");
    }

    @Test
    void aKeyThatStandsForItselfIsOutside() throws Exception {
        assertThat(cut("b", graph(layer("a", "a", "b", tuple(INC, "a")))).tasks())
                .singleElement()
                .satisfies(task -> assertThat(task.dependencies()).containsExactly("a"));
    }

    @Test
    void whatIsNotUnderstoodIsRefusedWithAReason() throws Exception {
        assertThatThrownBy(() -> cut("a", graph(object("module", "Layer")))).hasMessage("a layer of module.Layer");
        assertThatThrownBy(() -> cut("a", graph(layer("a", "b", "b", "a")))).hasMessage("tasks that need themselves");
        assertThatThrownBy(() -> cut("a", graph(layer(1.5, 1L)))).hasMessageStartingWith("a key that is neither");
        assertThatThrownBy(() -> cut("a", graph(layer(1L, 1L, "a", tuple(INC, true)))))
                .hasMessageStartingWith("a number that equals a key");
        assertThatThrownBy(() -> cut("a", PickleWriter.write(dict()).pickle())).hasMessage("no HighLevelGraph");
        assertThatThrownBy(() -> cut("a", new byte[] {1, 2, 3})).isInstanceOf(NotCutException.class);
    }

    @Test
    void aLayerThatIsNotUnderstoodEndsTheReading() throws Exception {
        byte[] graph = graph(object("distributed.shuffle._merge", "HashJoinP2PLayer"), layer("a", "not read any more"));
        byte[] damaged = java.util.Arrays.copyOf(graph, graph.length - 40);
        assertThatThrownBy(() -> cut("a", damaged))
                .hasMessage("distributed.shuffle._merge.HashJoinP2PLayer is not wanted here");
    }

    @Test
    void whatWouldNotBeUnderstoodAsALayerMayBeInsideOfATask() throws Exception {
        Object blockwise = object("dask.blockwise", "Blockwise");
        assertThat(cut("a", graph(layer("a", tuple(INC, blockwise)))).tasks()).hasSize(1);
        assertThatThrownBy(() -> cut("a", graph(blockwise))).hasMessage("a layer of dask.blockwise.Blockwise");
    }

    @Test
    void aTupleOfItselfTwiceManyTimesOverIsNoKeyAndTakesNoTime() throws Exception {
        Object bomb = tuple("x");
        for (int i = 0; i < 60; i++) {
            bomb = tuple(bomb, bomb);
        }
        Object key = bomb;
        assertThatThrownBy(() -> cut("a", graph(layer(key, 1L)))).hasMessageStartingWith("a key that is neither");
        assertThat(cut("a", graph(layer("x", 1L, "a", tuple(INC, key))))
                        .tasks()
                        .getLast()
                        .dependencies())
                .containsExactly("x");
    }

    @Test
    void whatIsNestedTooDeeplyIsRefused() throws Exception {
        var outer = new PyNode.PyList();
        PyNode.PyList inner = outer;
        for (int i = 0; i < 400; i++) {
            var next = new PyNode.PyList();
            inner.items().add(next);
            inner = next;
        }
        assertThatThrownBy(() -> cut("a", graph(layer("a", tuple(INC, outer)))))
                .hasMessage("a task that is nested too deeply");
        inner.items().add(outer);
        var loop = new PyNode.PyList();
        loop.items().add(loop);
        assertThat(cut("a", graph(layer("a", tuple(INC, loop)))).tasks()).hasSize(1);
    }

    @Test
    void tasksThatShareTooMuchAreNotWritten() throws Exception {
        var shared = new PyNode.ByteArray(new byte[1 << 20]);
        var tasks = new PyNode.Dict();
        for (long i = 0; i < 80; i++) {
            tasks.put(i, tuple(INC, shared));
        }
        byte[] graph = graph(object("dask.highlevelgraph", "MaterializedLayer", "mapping", tasks));
        assertThatThrownBy(() -> GraphCutter.cut(
                        graph,
                        List.of(),
                        java.util.stream.LongStream.range(0, 80).boxed().toList()))
                .hasMessageContaining("share so much");
    }

    @Test
    void whatTasksHaveInCommonIsKeptOnce() throws Exception {
        Object shared = new PyNode.Call(
                PyNode.How.REDUCE, new PyNode.Global("numpy", "frombuffer"), tuple("x".repeat(5000)), null);
        byte[] graph = graph(
                layer("a", tuple(INC, shared, 1L), "b", tuple(INC, shared, 2L), "c", tuple(INC, 3L, shared), "d", 4L));
        List<CutTask> tasks =
                GraphCutter.cut(graph, List.of(), List.of("a", "b", "c", "d")).tasks();

        for (CutTask task : tasks.subList(0, 3)) {
            PickleParser.parse(task.pickle());
            assertThat(task.pickle()).hasSizeGreaterThan(5000);
        }
        assertThat(tasks.get(1).packed().packed()).hasSizeLessThan(100);
        assertThat(tasks.get(2).packed().packed()).hasSizeLessThan(100);
        assertThat(tasks.getLast().packed().packed()).hasSizeLessThan(500);
    }

    @Test
    void buffersAreInTheTasksThatHaveThem() throws Exception {
        byte[] graph = graph(layer("a", tuple(INC, new PyNode.Buffer(0, false)), "b", tuple(INC, 2L)));
        CutGraph cut = GraphCutter.cut(graph, List.of(new PickleBuffer(new byte[5000], true)), List.of("a", "b"));
        assertThat(cut.tasks().getFirst().pickle().length).isGreaterThan(5000);
        assertThat(cut.tasks().getLast().pickle().length).isLessThan(500);
        assertThatThrownBy(() -> cut("a", graph)).hasMessage("buffer 0 of 0");
    }

    @Test
    void aDamagedGraphIsCutOrRefusedAndNothingElse() throws Exception {
        byte[] graph = graph(layer("a", tuple(INC, tuple("b", 1L), dict("k", "v")), "b", "a", tuple("c", 1L), 5L));
        var random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = graph.clone();
            for (int j = random.nextInt(3); j >= 0; j--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                for (CutTask task : cut("b", damaged).tasks()) {
                    PickleParser.parse(task.pickle());
                }
            } catch (NotCutException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }
}
