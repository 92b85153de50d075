package io.github.daskjvm.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TaskQueueTest {
    private static final long[] ORDERS = {-1L << 40, -3, 0, 1, 2, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL, 1L << 33};

    private final Random random = random();
    private final TaskGroup group = new TaskGroup("g", new TaskPrefix("g", new Histogram()));

    static Random random() {
        long seed = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        return new Random(seed);
    }

    /// With the priorities that were asked for.
    private record Asked(TaskState task, Priority priority) {}

    private List<Asked> tasks(int count) {
        List<Asked> tasks = new ArrayList<>();
        Priority last = null;
        for (int i = 0; i < count; i++) {
            var task = new TaskState(TaskKey.of("t" + i), group, Runtime.PYTHON, i);
            var priority = new Priority(
                    random.nextInt(10) == 0 ? -5 : 0, random.nextInt(2), ORDERS[random.nextInt(ORDERS.length)]);
            last = task.prioritise(last, priority.user(), priority.generation(), priority.order());
            tasks.add(new Asked(task, priority));
        }
        return tasks;
    }

    @Test
    void aPriorityIsWhatWasAskedForAndOrdersTasks() {
        List<Asked> tasks = tasks(200);
        var byPriority = Comparator.comparing(Asked::priority).thenComparing(a -> a.task().sequence);
        for (Asked a : tasks) {
            assertThat(a.task().priority()).isEqualTo(a.priority());
            for (Asked b : tasks) {
                assertThat(Integer.signum(a.task().compareTo(b.task())))
                        .isEqualTo(Integer.signum(byPriority.compare(a, b)));
            }
        }
    }

    @Test
    void isInOrderWhateverIsTakenOut() {
        for (int round = 0; round < 100; round++) {
            List<Asked> tasks = tasks(1 + random.nextInt(200));
            var queue = new TaskQueue(random.nextBoolean() ? 0 : Integer.MAX_VALUE - random.nextInt(200));
            var model = new TreeSet<TaskState>();
            int removals = random.nextInt(6);
            boolean inOrder = random.nextBoolean();
            List<Asked> sorted =
                    tasks.stream().sorted(Comparator.comparing(Asked::task)).toList();
            for (int step = 0; step < 500; step++) {
                int any = random.nextInt(tasks.size());
                TaskState task = (inOrder ? sorted.get((step + any / 20) % sorted.size()) : tasks.get(any)).task();
                if (random.nextInt(20) == 0) {
                    assertThat(queue.poll()).isSameAs(model.pollFirst());
                } else if (random.nextInt(6) < removals) {
                    task = random.nextBoolean() && !model.isEmpty() ? model.first() : task;
                    assertThat(queue.remove(task)).isEqualTo(model.remove(task));
                } else {
                    assertThat(queue.add(task)).isEqualTo(model.add(task));
                }
                assertThat(queue.contains(task)).isEqualTo(model.contains(task));
                assertThat(queue.size()).isEqualTo(model.size());
                if (!model.isEmpty()) {
                    assertThat(queue.first()).isSameAs(model.first());
                }
            }
            assertThat(new ArrayList<>(queue)).isEqualTo(new ArrayList<>(model));
        }
    }

    @Test
    void hasNoFirstWhereThereIsNone() {
        assertThatThrownBy(() -> new TaskQueue().first()).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void aTaskIsInOneQueueAlone() {
        TaskState task = tasks(1).getFirst().task();
        new TaskQueue().add(task);

        assertThatThrownBy(() -> new TaskQueue().add(task)).isInstanceOf(IllegalStateException.class);
    }
}
