package io.github.daskjvm.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TaskRingTest {
    private final Random random = TaskQueueTest.random();
    private final TaskGroup group = new TaskGroup("g", new TaskPrefix("g", new Histogram()));

    private TaskState task(int i) {
        return new TaskState(TaskKey.of("t" + i), group, Runtime.PYTHON, i);
    }

    @Test
    void keepsTheOrderInWhichTasksCameWhateverIsTakenOut() {
        for (int round = 0; round < 200; round++) {
            var ring = new TaskRing(random.nextBoolean() ? 0 : Integer.MAX_VALUE - random.nextInt(200));
            List<TaskState> model = new ArrayList<>();
            int next = 0;
            int most = 1 + random.nextInt(200);
            for (int step = 0; step < 600; step++) {
                if (random.nextInt(most) >= model.size()) {
                    TaskState task = task(next++);
                    assertThat(ring.add(task)).isTrue();
                    assertThat(ring.add(task)).isFalse();
                    model.add(task);
                } else {
                    int at = random.nextInt(3) == 0 ? 0 : random.nextInt(model.size());
                    TaskState task = model.remove(at);
                    assertThat(ring.remove(task)).isTrue();
                    assertThat(ring.remove(task)).isFalse();
                    assertThat(ring.contains(task)).isFalse();
                }
                assertThat(ring.size()).isEqualTo(model.size());
                assertThat(ring.first()).isSameAs(model.isEmpty() ? null : model.getFirst());
                assertThat(ring.last()).isSameAs(model.isEmpty() ? null : model.getLast());
                if (random.nextInt(20) == 0) {
                    assertThat(new ArrayList<>(ring)).isEqualTo(model);
                    assertThat(ring.newestFirst()).containsExactlyElementsOf(model.reversed());
                    assertThat(ring.containsAll(model)).isTrue();
                }
            }
        }
    }

    @Test
    void aTaskThatIsElsewhereIsNotAdded() {
        TaskState task = task(0);
        var ring = new TaskRing();
        ring.add(task);

        var other = new TaskRing();
        assertThat(other.contains(task)).isFalse();
        assertThat(other.remove(task)).isFalse();
        assertThatThrownBy(() -> other.add(task)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new TaskQueue().add(task)).isInstanceOf(IllegalStateException.class);

        ring.remove(task);
        assertThat(other.add(task)).isTrue();
    }

    @Test
    void aWalkEndsWhereTasksComeAndGo() {
        var ring = new TaskRing();
        ring.add(task(0));
        ring.add(task(1));
        Iterator<TaskState> walk = ring.iterator();
        walk.next();
        ring.add(task(2));

        assertThatThrownBy(walk::next).isInstanceOf(ConcurrentModificationException.class);
        assertThatThrownBy(() -> new TaskRing().iterator().next()).isInstanceOf(NoSuchElementException.class);
    }
}
