package io.github.daskjvm.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import java.util.ArrayList;
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
            var set = new DenseSet<Object>();
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
