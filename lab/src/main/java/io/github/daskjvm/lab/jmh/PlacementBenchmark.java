package io.github.daskjvm.lab.jmh;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.lab.AnsweredState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// Where a task goes among many workers: single tasks that are submitted, placed, finished and released,
/// while a part of the workers has tasks that last. What the number of workers adds is what placement costs.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PlacementBenchmark {
    private static final int HELD = 64;

    @Param({"10", "1000"})
    public int workers;

    /// Of a hundred workers, how many have as many tasks as threads.
    @Param({"0", "90", "100"})
    public int busy;

    private AnsweredState cluster = new AnsweredState(0);
    private final List<TaskKey> held = new ArrayList<>();
    private long tasks;

    @Setup
    public void prepare() {
        cluster = new AnsweredState(workers);
        held.clear();
        for (int i = 0; i < HELD; i++) {
            held.add(submit("held-" + i, List.of()));
        }
        List<TaskSpec> lasting = new ArrayList<>();
        List<TaskKey> keys = new ArrayList<>();
        // Not root tasks, which would be queued: each is of a group of its own.
        for (int i = 0; i < 4 * workers * busy / 100; i++) {
            TaskKey key = TaskKey.of("lasting" + i + "-0123456789abcdef");
            keys.add(key);
            lasting.add(new TaskSpec(
                    key,
                    "code",
                    Runtime.PYTHON,
                    List.of(held.get(i % HELD)),
                    i,
                    new TaskSpec.TaskOptions(
                            0, 0, List.of(AnsweredState.address(i / 4)), false, Map.of(), false, null, null)));
        }
        // The workers do not answer these.
        List<Event> unanswered = cluster.handle(List.of(new Event.UpdateGraph("c", lasting, keys, null, 0, "lasting")));
        if (unanswered.size() != lasting.size()) {
            throw new IllegalStateException(unanswered.size() + " of " + lasting.size() + " tasks run");
        }
    }

    private TaskKey submit(String name, List<TaskKey> dependencies) {
        TaskKey key = TaskKey.of(name + "-0123456789abcdef");
        var task = new TaskSpec(key, "code", Runtime.PYTHON, dependencies, 0, TaskSpec.TaskOptions.NONE);
        cluster.run(List.of(new Event.UpdateGraph("c", List.of(task), List.of(key), null, 0, "update-graph")));
        return key;
    }

    private TaskKey runAndRelease(List<TaskKey> dependencies) {
        TaskKey key = submit("single-" + tasks++, dependencies);
        cluster.run(List.of(new Event.ClientReleasesKeys("c", List.of(key), "client-releases-keys")));
        return key;
    }

    /// Of all workers.
    @Benchmark
    public TaskKey taskWithoutInputs() {
        return runAndRelease(List.of());
    }

    /// Where its two inputs are, or where it can begin sooner.
    @Benchmark
    public TaskKey taskWithInputs() {
        int first = (int) (tasks % HELD);
        return runAndRelease(List.of(held.get(first), held.get((first + 7) % HELD)));
    }
}
