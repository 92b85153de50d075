package io.github.daskjvm.pickle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Values that are almost alike, one after the other, have the pickles that each has by itself, byte for byte.
/// `-Dtest.jvm=-Ddaskjvm.seed=N` replays, `-Ddaskjvm.series=N` takes more.
class TemplateTest {
    private static final long SEED = Long.getLong("daskjvm.seed", System.nanoTime() & 0xffff_ffffL);
    private static final int NUMBER = Integer.getInteger("daskjvm.series", 4000);
    private static final int VALUES = 10;
    private static final String[] TEXTS = {"", "a", "key", "another key", "grüße", "x".repeat(300)};

    /// Random values of one shape. What they have in common is decided by one source, what may differ by the other.
    private static final class Maker {
        private final Random others;
        private final double otherwise;
        private final List<Object> shared;
        /// Those of earlier values, too.
        private final List<Object> foreign;

        private final List<Object> own = new ArrayList<>();
        private final Random shape;

        Maker(long shape, Random others, double otherwise, List<Object> shared, List<Object> foreign) {
            this.shape = new Random(shape);
            this.others = others;
            this.otherwise = otherwise;
            this.shared = shared;
            this.foreign = foreign;
        }

        @Nullable
        Object value(int depth) {
            Object made = made(depth);
            if (made != null && !(made instanceof Number) && !(made instanceof Boolean)) {
                own.add(made);
            }
            if (others.nextDouble() >= otherwise) {
                return made;
            }
            return switch (others.nextInt(6)) {
                case 0 -> pick(others, shared);
                case 1 -> pick(others, own);
                case 2 -> pick(others, foreign);
                case 3 -> new PyNode.Tuple();
                case 4 -> new Maker(others.nextLong(), others, 0, shared, foreign).value(2);
                default -> leaf(others);
            };
        }

        private static @Nullable Object pick(Random random, List<Object> values) {
            return values.isEmpty() ? null : values.get(random.nextInt(values.size()));
        }

        private @Nullable Object made(int depth) {
            int kind = shape.nextInt(depth == 0 ? 8 : 16);
            return switch (kind) {
                case 0, 1, 2 -> leaf(shape.nextInt(4) == 0 ? shape : others);
                case 3 ->
                    new String(TEXTS[(shape.nextInt(4) == 0 ? shape : others).nextInt(TEXTS.length)].toCharArray());
                case 4 -> "name-" + others.nextInt(1000);
                case 5 -> pick(shape, shared);
                case 6 -> pick(shape, own);
                case 7 -> new PyNode.Tuple(new Object[shape.nextInt(3)]);
                case 8, 9 -> new PyNode.Tuple(many(depth).toArray());
                case 10 -> {
                    var list = new PyNode.PyList();
                    open(list);
                    list.items().addAll(many(depth));
                    yield list;
                }
                case 11 -> {
                    var dict = new PyNode.Dict();
                    open(dict);
                    for (int i = shape.nextInt(4); i > 0; i--) {
                        dict.put(value(depth - 1), value(depth - 1));
                    }
                    yield dict;
                }
                case 12 -> {
                    var set = new PyNode.PySet();
                    set.items().addAll(many(depth));
                    yield set;
                }
                case 13 -> new PyNode.FrozenSet(many(depth));
                default -> call(depth);
            };
        }

        /// So that it may have itself in it.
        private void open(Object container) {
            if (shape.nextInt(3) == 0) {
                own.add(container);
            }
        }

        private List<@Nullable Object> many(int depth) {
            List<@Nullable Object> values = new ArrayList<>();
            for (int i = shape.nextInt(5); i > 0; i--) {
                values.add(value(depth - 1));
            }
            return values;
        }

        private PyNode.Call call(int depth) {
            PyNode.How how = PyNode.How.values()[shape.nextInt(3)];
            var call = new PyNode.Call(
                    how,
                    pick(shape, shared),
                    new PyNode.Tuple(many(depth).toArray()),
                    how == PyNode.How.NEW_WITH_KEYWORDS ? value(depth - 1) : null);
            open(call);
            for (int i = shape.nextInt(3); i > 0; i--) {
                call.add(
                        switch (shape.nextInt(5)) {
                            case 0 -> new PyNode.Appended(many(depth));
                            case 1 ->
                                new PyNode.Put(
                                        List.of(1L, new PyNode.Tuple(many(depth).toArray())));
                            case 2 -> new PyNode.Added(many(depth));
                            case 3 -> new PyNode.SetBy(pick(shape, shared), value(depth - 1));
                            default -> new PyNode.State(value(depth - 1));
                        });
            }
            return call;
        }

        private static @Nullable Object leaf(Random random) {
            return switch (random.nextInt(10)) {
                case 0 -> null;
                case 1 -> random.nextBoolean();
                case 2 -> random.nextDouble();
                case 3 -> random.nextLong();
                case 4 -> (long) random.nextInt(70_000);
                default -> (long) random.nextInt(300);
            };
        }
    }

    @Test
    void whatIsAlikeIsWrittenAsByItself() throws Exception {
        System.out.println("TemplateTest: seed " + SEED);
        int values = 0;
        int same = 0;
        for (int i = 0; i < NUMBER; i++) {
            var random = new Random(SEED + i);
            double otherwise = random.nextInt(4) == 0 ? 0.1 : random.nextInt(2) * 0.01;
            List<Object> shared = new ArrayList<>(List.of(new PyNode.Global("module", "name"), "shared text"));
            var first = new Maker(random.nextLong(), random, 0, shared, List.of());
            for (int j = 0; j < 8; j++) {
                first.value(3);
            }
            shared.addAll(first.own);
            List<Object> foreign = new ArrayList<>();
            long shape = random.nextLong();
            try (var series = new PickleSeries(List.of())) {
                for (int j = 0; j < VALUES; j++) {
                    var maker =
                            new Maker(random.nextInt(9) == 0 ? shape + 1 : shape, random, otherwise, shared, foreign);
                    Object value = new PyNode.Tuple("value", maker.value(4), maker.value(5), maker.value(3));
                    foreign.addAll(maker.own);
                    byte[] alone;
                    try {
                        alone = PickleWriter.write(value).pickle();
                    } catch (PickleFormatException e) {
                        continue;
                    }
                    assertThat(series.write(value).bytes())
                            .as("series %d, value %d", SEED + i, j)
                            .isEqualTo(alone);
                }
                values += VALUES;
                same += series.same;
            }
        }
        System.out.println(values + " values, " + same + " by others");
        assertThat(same).isGreaterThan(values / 5);
    }
}
