package io.github.daskjvm.pickle.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleWriter;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.pickle.Spans;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Graphs of tasks that are almost alike, as those of arrays are, become the same tasks whether those that are like
/// earlier ones are passed over or not; so do damaged ones. `-Dtest.jvm=-Ddaskjvm.seed=N` replays,
/// `-Ddaskjvm.series=N` takes more.
class SpansTest {
    private static final long SEED = Long.getLong("daskjvm.seed", System.nanoTime() & 0xffff_ffffL);
    private static final int NUMBER = Integer.getInteger("daskjvm.series", 400);
    private static final int DAMAGED = 40;
    private static final PyNode.Global ALIAS = new PyNode.Global("dask._task_spec", "Alias");

    private record Made(byte[] pickle, List<Object> keys) {}

    private static final class Maker {
        private final Random random;
        private final double otherwise;
        private final Object function = new PyNode.Call(
                PyNode.How.REDUCE,
                new PyNode.Global("functools", "partial"),
                new PyNode.Tuple(new PyNode.Global("builtins", "sum")),
                null);
        private final List<Object> earlier = new ArrayList<>();
        private final List<Object> keys = new ArrayList<>();

        Maker(Random random, double otherwise) {
            this.random = random;
            this.otherwise = otherwise;
        }

        Made graph() throws PickleFormatException {
            var layers = new PyNode.Dict();
            for (int i = 1 + random.nextInt(2); i > 0; i--) {
                var attributes = new PyNode.Dict();
                attributes.put("annotations", null);
                attributes.put("mapping", mapping());
                layers.put(
                        "layer-" + i,
                        object(new PyNode.Global("dask.highlevelgraph", "MaterializedLayer"), attributes));
            }
            var attributes = new PyNode.Dict();
            attributes.put("layers", layers);
            Object graph = object(new PyNode.Global("dask.highlevelgraph", "HighLevelGraph"), attributes);
            return new Made(PickleWriter.write(graph).pickle(), keys);
        }

        private PyNode.Dict mapping() {
            var mapping = new PyNode.Dict();
            String name = "name-" + random.nextInt(100);
            String needed = "needed-" + random.nextInt(100);
            int inputs = random.nextInt(5);
            for (int i = 0; i < 40; i++) {
                String own = other() ? new String(name.toCharArray()) : name;
                var key = new PyNode.Tuple(own, number(i), number(i % 7));
                keys.add(TupleKey.plain(new TupleKey(
                        List.of(own, key.items().get(1), key.items().get(2)))));
                mapping.put(key, other() ? object(ALIAS, slots(key, List.of(key))) : task(key, needed, inputs, i));
                earlier.add(key);
            }
            return mapping;
        }

        private Object task(PyNode.Tuple key, String needed, int inputs, int i) {
            List<Object> dependencies = new ArrayList<>();
            List<Object> arguments = new ArrayList<>();
            for (int j = other() ? inputs + 1 : inputs; j > 0; j--) {
                Object target = other() && !earlier.isEmpty()
                        ? earlier.get(random.nextInt(earlier.size()))
                        : new PyNode.Tuple(needed, number(i), number(j));
                var slots = slots(target, List.of(target));
                slots.put("target", target);
                arguments.add(object(ALIAS, new PyNode.Tuple(null, slots)));
                dependencies.add(target);
            }
            arguments.add(other() ? extra() : number(3));
            Collections.shuffle(dependencies, random);
            if (other()) {
                dependencies.add(new PyNode.Tuple(needed, 7L));
            }
            var slots = slots(other() ? null : key, dependencies);
            slots.put("func", function);
            slots.put("args", new PyNode.Tuple(arguments.toArray()));
            slots.put("like", new PyNode.FrozenSet(dependencies));
            return object(Nodes.TASK, new PyNode.Tuple(null, slots));
        }

        private Object extra() {
            return switch (random.nextInt(6)) {
                case 0 -> earlier.isEmpty() ? 1L : earlier.get(random.nextInt(earlier.size()));
                case 1 -> function;
                case 2 -> 0.5;
                case 3 -> "text";
                case 4 -> new PyNode.Tuple(new PyNode.PyList(), new byte[3], random.nextLong());
                default -> new PyNode.FrozenSet(List.of(1L, new PyNode.Tuple(2L)));
            };
        }

        private static PyNode.Dict slots(@Nullable Object key, List<Object> dependencies) {
            var slots = new PyNode.Dict();
            slots.put("key", key);
            slots.put("_dependencies", new PyNode.FrozenSet(dependencies));
            return slots;
        }

        private static Object object(PyNode.Global type, Object state) {
            var object = new PyNode.Call(PyNode.How.NEW, type, new PyNode.Tuple(), null);
            object.add(new PyNode.State(state));
            return object;
        }

        private long number(int small) {
            return other() ? random.nextInt(100_000) - 10 : small;
        }

        private boolean other() {
            return random.nextDouble() < otherwise;
        }
    }

    @Test
    void passedOverOrNotGraphsBecomeTheSameTasks() throws Exception {
        System.out.println("SpansTest: seed " + SEED);
        int passedOver = 0;
        int cut = 0;
        for (int i = 0; i < NUMBER; i++) {
            var random = new Random(SEED + i);
            Made made = new Maker(random, i % 2 == 0 ? 0.002 : 0.03).graph();
            List<Object> whole = compare(made.pickle, made.keys, i);
            cut += whole.isEmpty() ? 0 : 1;
            var spans = new Spans();
            try {
                GraphCutter.cut(made.pickle, List.of(), made.keys, spans);
            } catch (NotCutException e) {
                // Like the other way, as was seen.
            }
            passedOver += spans.found();
            for (int j = 0; j < DAMAGED; j++) {
                byte[] damaged = made.pickle.clone();
                for (int n = 1 + random.nextInt(2); n > 0; n--) {
                    int at = random.nextInt(damaged.length);
                    damaged[at] = random.nextBoolean()
                            ? (byte) (damaged[at] + random.nextInt(5) - 2)
                            : damaged[random.nextInt(damaged.length)];
                }
                compare(damaged, made.keys, i);
            }
        }
        assertThat(cut).isGreaterThan(NUMBER / 4);
        assertThat(passedOver).isGreaterThan(10 * NUMBER);
    }

    private static List<Object> compare(byte[] pickle, List<Object> keys, int i) {
        List<Object> parsed = outcome(() -> GraphCutter.cut(pickle, List.of(), keys, null));
        List<Object> passedOver = outcome(() -> GraphCutter.cut(pickle, List.of(), keys));
        assertThat(passedOver).as("tasks of graph %d of seed %d", i, SEED).hasSameSizeAs(parsed);
        for (int j = 0; j < parsed.size(); j++) {
            assertThat(passedOver.get(j))
                    .as("a task of graph %d of seed %d", i, SEED)
                    .isEqualTo(parsed.get(j));
        }
        return parsed;
    }

    private interface Cut {
        CutGraph cut() throws NotCutException, PickleFormatException;
    }

    /// Empty if it is not cut.
    private static List<Object> outcome(Cut way) {
        List<Object> tasks = new ArrayList<>();
        try {
            for (CutTask task : way.cut().tasks()) {
                tasks.add(List.of(task.key(), task.dependencies(), Arrays.toString(task.pickle())));
            }
        } catch (NotCutException | PickleFormatException | IllegalArgumentException e) {
            tasks.clear();
        }
        return tasks;
    }
}
