package io.github.daskjvm.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.pickle.graph.CutGraph;
import io.github.daskjvm.pickle.graph.CutTask;
import io.github.daskjvm.pickle.graph.GraphCutter;
import io.github.daskjvm.pickle.graph.NotCutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What graphs are cut into is what Dask's own scheduler makes of them: keys, dependencies, and every task as a worker
/// loads it. `-Dtest.jvm=-Ddaskjvm.seed=N` replays random graphs, `-Ddaskjvm.graphs=N` takes more, and
/// `-Ddaskjvm.graphs.file=FILE` takes those of a file that `cut_graphs.py` or the conformance suite (`graph_dump.py`)
/// wrote; for the latter `-Ddaskjvm.graphs.python=/usr/bin/python3` is the suite's Python, with its PYTHONPATH.
class CutGraphsTest {
    private static final long SEED = Long.getLong("daskjvm.seed", System.nanoTime() & 0xffff_ffffL);
    private static final int NUMBER = Integer.getInteger("daskjvm.graphs", 1000);

    @TempDir
    private static Path folder;

    /// Graphs and tasks that were cut, graphs that were not.
    private record Result(int cut, int tasks, int refused) {}

    @BeforeAll
    static void scripts() throws Exception {
        Python.assumeThere();
        Python.put(folder, "random_pickles.py");
        Python.put(folder, "stock_graphs.py");
    }

    @Test
    void graphsOfStockDaskBecomeTheSameTasks() throws Exception {
        Path graphs = folder.resolve("stock");
        Python.run(folder, "cut_graphs.py", "write", graphs.toString());
        Result result = compare(graphs);
        assertThat(result.cut).isGreaterThan(50);
        assertThat(result.tasks).isGreaterThan(1000);
        assertThat(result.refused).isPositive();
    }

    @Test
    void randomGraphsBecomeTheSameTasks() throws Exception {
        System.out.println("CutGraphsTest: seed " + SEED);
        Path graphs = folder.resolve("random");
        Python.run(folder, "cut_graphs.py", "random", "" + SEED, "" + NUMBER, graphs.toString());
        Result result = compare(graphs);
        assertThat(result.cut).isGreaterThan(result.cut + result.refused >> 2);
    }

    @Test
    void graphsOfAFileBecomeTheSameTasks() throws Exception {
        String file = System.getProperty("daskjvm.graphs.file");
        if (file != null) {
            assertThat(compare(Path.of(file)).cut).isPositive();
        }
    }

    @Test
    void aDifferenceWouldBeSeen() throws Exception {
        Path graphs = folder.resolve("few");
        Python.run(folder, "cut_graphs.py", "random", "1", "200", graphs.toString());
        List<List<byte[]>> records = Records.read(graphs);
        List<List<byte[]>> cut = cut(records);
        for (List<byte[]> tasks : cut) {
            if (tasks.size() > 3) {
                tasks.set(2, tasks.get(3)); // the first is the second
                break;
            }
        }
        Records.write(folder.resolve("few-cut"), cut);
        assertThatThrownBy(() -> Python.run(
                        folder,
                        "cut_graphs.py",
                        "compare",
                        graphs.toString(),
                        folder.resolve("few-cut").toString()))
                .hasMessageContaining("differs");
    }

    private static Result compare(Path graphs) throws Exception {
        Path cut = graphs.resolveSibling(graphs.getFileName() + "-cut");
        Records.write(cut, cut(Records.read(graphs)));
        String python = System.getProperty("daskjvm.graphs.python");
        String output = python == null
                ? Python.run(folder, "cut_graphs.py", "compare", graphs.toString(), cut.toString())
                : Python.runBy(List.of(python), Python.put(folder, "cut_graphs.py"), "compare", graphs + "", cut + "");
        System.out.println(output);
        Matcher numbers =
                Pattern.compile("(\\d+) cut (\\d+) tasks (\\d+) refused").matcher(output);
        assertThat(numbers.find()).as(output).isTrue();
        return new Result(
                Integer.parseInt(numbers.group(1)),
                Integer.parseInt(numbers.group(2)),
                Integer.parseInt(numbers.group(3)));
    }

    private static List<List<byte[]>> cut(List<List<byte[]>> records) throws Exception {
        List<List<byte[]>> results = new ArrayList<>();
        for (List<byte[]> record : records) {
            results.add(cutOne(record));
        }
        return results;
    }

    private static List<byte[]> cutOne(List<byte[]> record) throws Exception {
        var info = (PyNode.Dict) PickleParser.parse(record.getFirst());
        List<Object> writable = ((PyNode.PyList) info.get("writeable")).items();
        List<PickleBuffer> buffers = new ArrayList<>();
        for (int i = 0; i < writable.size(); i++) {
            buffers.add(new PickleBuffer(record.get(2 + i), (Boolean) writable.get(i)));
        }
        List<byte[]> result = new ArrayList<>();
        try {
            List<Object> keys = new ArrayList<>();
            for (Object key : ((PyNode.PyList) info.get("keys")).items()) {
                keys.add(key(key));
            }
            CutGraph graph = GraphCutter.cut(record.get(1), buffers, keys);
            result.add(new byte[0]);
            var index = new PyNode.PyList();
            for (CutTask task : graph.tasks()) {
                index.items().add(new PyNode.Tuple(python(task.key()), python(task.dependencies())));
            }
            result.add(PickleWriter.write(index).pickle());
            graph.tasks().forEach(task -> result.add(task.pickle()));
        } catch (NotCutException e) {
            result.add(e.getMessage().getBytes(StandardCharsets.UTF_8));
            result.add(new byte[0]);
        }
        return result;
    }

    private static Object key(Object value) {
        return value instanceof PyNode.Tuple tuple
                ? tuple.items().stream().map(CutGraphsTest::key).toList()
                : value;
    }

    private static Object python(Object key) {
        return key instanceof List<?> items
                ? new PyNode.Tuple(items.stream().map(CutGraphsTest::python).toArray())
                : key;
    }
}
