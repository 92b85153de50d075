package io.github.daskjvm.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Against the plain way: looking at all of them, and first of several the one that came or had its turn first.
class OpenWorkersTest {
    private final SplittableRandom random = new SplittableRandom(7);
    private final TaskGroup group = new TaskGroup("g", new TaskPrefix("g", new Histogram()));

    private static WorkerEntry worker(int number, int threads) {
        return new WorkerEntry(
                new Event.WorkerJoined(
                        "tcp://10.0.0.1:" + number,
                        "w" + number,
                        "10.0.0.1",
                        Runtime.PYTHON,
                        threads,
                        0,
                        Map.of(),
                        WorkerStatus.RUNNING,
                        null,
                        "join"),
                number,
                1e8);
    }

    private void change(WorkerEntry worker, int step) {
        if (!worker.processing.isEmpty() && random.nextBoolean()) {
            worker.processing.remove(worker.processing.iterator().next());
        } else {
            worker.processing.add(new TaskState(TaskKey.of("t" + step), group, Runtime.PYTHON, step));
        }
    }

    @Test
    void theNextHasTheFewestTasksForItsThreadsAndHadItsTurnLongestAgo() {
        var open = new OpenWorkers();
        List<WorkerEntry> workers = new ArrayList<>();
        Map<WorkerEntry, Integer> since = new HashMap<>();
        for (int i = 0; i < 40; i++) {
            workers.add(worker(i, 1 + i % 3));
        }
        for (int step = 0; step < 20_000; step++) {
            WorkerEntry worker = workers.get(random.nextInt(workers.size()));
            if (random.nextInt(4) == 0) {
                if (open.contains(worker)) {
                    open.remove(worker);
                    since.remove(worker);
                }
            } else {
                change(worker, step);
                open.put(worker);
                since.putIfAbsent(worker, 2 * step);
            }
            assertThat(open.isEmpty()).isEqualTo(since.isEmpty());
            if (!since.isEmpty()) {
                WorkerEntry first = since.keySet().stream()
                        .min(Comparator.<WorkerEntry>comparingDouble(w -> (double) w.processing.size() / w.nthreads)
                                .thenComparing(since::get))
                        .orElseThrow();
                assertThat(open.next()).isSameAs(first);
                since.put(first, 2 * step + 1);
            }
        }
    }
}
