package io.github.daskjvm.lab.jmh;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.lab.AnsweredState;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// The life of a task in the core, by its public events: submitted, placed, finished, released, forgotten; a figure is
/// for one task. A graph has a thousand tasks, ten workers run them.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TransitionBenchmark {
    private static final int TASKS = 1000;

    @Param({"10"})
    public int workers;

    private AnsweredState cluster = new AnsweredState(0);
    private long graphs;

    @Setup
    public void prepare() {
        cluster = new AnsweredState(workers);
    }

    private static TaskSpec task(TaskKey key, List<TaskKey> dependencies, int order) {
        return new TaskSpec(key, "code", Runtime.PYTHON, dependencies, order, TaskSpec.TaskOptions.NONE);
    }

    private int run(List<TaskSpec> graph, List<TaskKey> wanted) {
        cluster.run(List.of(new Event.UpdateGraph("c", graph, wanted, null, 0, "update-graph")));
        cluster.run(List.of(new Event.ClientReleasesKeys("c", wanted, "client-releases-keys")));
        int left = cluster.state().tasks().size();
        if (left > 0) {
            throw new IllegalStateException(left + " tasks were not forgotten");
        }
        return left;
    }

    /// Tasks that need nothing, all of them wanted by the client.
    @Benchmark
    @OperationsPerInvocation(TASKS)
    public int map() {
        long graph = graphs++;
        List<TaskSpec> tasks = new ArrayList<>(TASKS);
        List<TaskKey> wanted = new ArrayList<>(TASKS);
        for (int i = 0; i < TASKS; i++) {
            TaskKey key = TaskKey.of("noop-0123456789abcdef-" + graph + "-" + i);
            wanted.add(key);
            tasks.add(task(key, List.of(), i));
        }
        return run(tasks, wanted);
    }

    /// Sums of two, down to one that the client wants: inputs are released as the sums are made.
    @Benchmark
    @OperationsPerInvocation(TASKS - 1)
    public int tree() {
        long graph = graphs++;
        List<TaskSpec> tasks = new ArrayList<>(TASKS);
        List<TaskKey> unused = new ArrayList<>(TASKS);
        for (int i = 0; i < TASKS - 1; i++) {
            TaskKey key = TaskKey.of(List.of("add-0123456789abcdef-" + graph, (long) i));
            List<TaskKey> dependencies = i < TASKS / 2 ? List.of() : List.copyOf(unused.subList(0, 2));
            unused.subList(0, dependencies.size()).clear();
            unused.add(key);
            tasks.add(task(key, dependencies, i));
        }
        return run(tasks, unused);
    }
}
