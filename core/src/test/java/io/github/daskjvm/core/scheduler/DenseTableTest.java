package io.github.daskjvm.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DenseTableTest {
    private final TaskGroup group =
            new TaskGroup("g", new TaskPrefix("g", new io.github.daskjvm.core.model.Histogram()));

    private record Poor(int number) {
        @Override
        public int hashCode() {
            return number % 7;
        }
    }

    @Test
    void isASetInOrderOfInsertionWhateverIsDoneWithIt() {
        var random = random();
        for (int round = 0; round < 300; round++) {
            var set = new DenseSet<Object>(random.nextBoolean());
            var model = new LinkedHashSet<Object>();
            int different = 1 + random.nextInt(400);
            boolean poorly = random.nextBoolean();
            int removals = random.nextInt(10);
            for (int step = 0; step < 2_000; step++) {
                int number = random.nextInt(different);
                Object item = poorly ? new Poor(number) : Integer.valueOf(number);
                if (random.nextInt(10) < removals) {
                    assertThat(set.remove(item)).isEqualTo(model.remove(item));
                } else {
                    assertThat(set.add(item)).isEqualTo(model.add(item));
                }
                assertThat(set.contains(item)).isEqualTo(model.contains(item));
                assertThat(set.likely(item, item::equals)).isEqualTo(set.get(item));
                assertThat(set.likely(item, other -> false)).isNull();
                assertThat(set.size()).isEqualTo(model.size());
                if (random.nextInt(500) == 0) {
                    set.clear();
                    model.clear();
                }
                if (random.nextInt(50) == 0) {
                    assertThat(new ArrayList<>(set)).isEqualTo(new ArrayList<>(model));
                    List<Object> backwards = new ArrayList<>();
                    set.newestFirst().forEach(backwards::add);
                    assertThat(backwards.reversed()).isEqualTo(new ArrayList<>(model));
                }
            }
        }
    }

    @Test
    void aLargeOneIsTheSameWhileItMovesBitByBit() {
        var random = random();
        var set = new DenseSet<Integer>(random.nextBoolean());
        var model = new LinkedHashSet<Integer>();
        int next = 0;
        for (int phase = 0; phase < 8; phase++) {
            boolean grows = phase % 2 == 0;
            int until = grows ? 20_000 + random.nextInt(40_000) : random.nextInt(5_000);
            if (grows && random.nextBoolean()) {
                set.reserve(until);
            }
            List<Integer> known = new ArrayList<>(model);
            if (random.nextBoolean()) {
                Collections.shuffle(known, random);
            }
            for (int step = 0; grows ? model.size() < until : model.size() > until && step < known.size(); step++) {
                if (random.nextInt(10) < (grows ? 9 : 1)) {
                    same(set.add(next), model.add(next));
                    next++;
                }
                if (step < known.size() && (!grows || random.nextBoolean())) {
                    same(set.remove(known.get(step)), model.remove(known.get(step)));
                }
                Integer any = random.nextInt(next + 1);
                same(set.contains(any), model.contains(any));
                same(any.equals(set.get(any)), model.contains(any));
                same(any.equals(set.likely(any, any::equals)), model.contains(any));
                same(set.size(), model.size());
                if (random.nextInt(3_000) == 0) {
                    isInTheOrderOf(model, set);
                }
            }
            isInTheOrderOf(model, set);
        }
        set.clear();
        assertThat(set).isEmpty();
    }

    /// Quicker than an assertion each time.
    private static void same(Object actual, Object expected) {
        if (!actual.equals(expected)) {
            assertThat(actual).isEqualTo(expected);
        }
    }

    private static void isInTheOrderOf(LinkedHashSet<Integer> model, DenseSet<Integer> set) {
        List<Integer> expected = new ArrayList<>(model);
        assertThat(new ArrayList<>(set).equals(expected)).isTrue();
        List<Integer> backwards = new ArrayList<>();
        set.newestFirst().forEach(backwards::add);
        assertThat(backwards.reversed().equals(expected)).isTrue();
    }

    @Test
    void findsTasksByKeysOfAnyKind() {
        var random = random();
        var table = new TaskTable();
        var model = new LinkedHashMap<TaskKey, TaskState>();
        for (int step = 0; step < 100_000; step++) {
            int number = random.nextInt(20_000);
            TaskKey key =
                    number % 2 == 0 ? TaskKey.of("task-" + number) : TaskKey.of(List.of("task", (long) number, 0L));
            TaskState known = model.get(key);
            assertThat(table.get(key)).isSameAs(known);
            if (known == null) {
                var task = new TaskState(key, group, Runtime.PYTHON, step);
                model.put(key, task);
                assertThat(table.add(task)).isTrue();
            } else if (random.nextInt(3) > 0) {
                model.remove(key);
                assertThat(table.remove(known)).isTrue();
            } else {
                assertThat(table.add(new TaskState(key, group, Runtime.PYTHON, step)))
                        .isFalse();
            }
        }
        assertThat(new ArrayList<>(table)).isEqualTo(new ArrayList<>(model.values()));
    }

    @Test
    void whatGrowsWhileItIsWalkedSaysSo() {
        var set = new DenseSet<Integer>();
        set.addAll(List.of(1, 2, 3));

        assertThatThrownBy(() -> set.forEach(i -> set.add(i + 10))).isInstanceOf(ConcurrentModificationException.class);
    }

    private static Random random() {
        long seed = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        return new Random(seed);
    }
}
