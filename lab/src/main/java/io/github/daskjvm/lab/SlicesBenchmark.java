package io.github.daskjvm.lab;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.GraphPlan;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.core.scheduler.Timer;
import io.github.daskjvm.lab.Publication.Column;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import picocli.CommandLine.Option;

/// The longest step of the scheduler's state while something happens to very many tasks: what the event loop is busy
/// with at a time. The state alone, without sockets: what workers say is made up.
@picocli.CommandLine.Command(
        name = "slices",
        description = "The longest step of the scheduler's state while something happens to a million tasks.",
        mixinStandardHelpOptions = true)
public final class SlicesBenchmark implements Callable<Integer> {
    private static final List<Column> COLUMNS = List.of(
            new Column("what", "what", "%s"),
            new Column("tasks", "tasks", "%,d"),
            new Column("steps", "steps", "%,d"),
            new Column("seconds", "seconds", "%,.2f"),
            new Column("cpu_seconds", "CPU", "%,.2f"),
            new Column("longest_cpu_ms", "longest step, ms of CPU", "%,.1f"),
            new Column("longest_ms", "of time", "%,.1f"));
    /// Graphs have about so many sums of a hundred tasks each.
    private static final int FAN_IN = 100;

    private static final int BATCH_EVENTS = 1_000;
    private static final Duration TIMEOUT = Duration.ofHours(1);
    private static final SchedulerConfig CONFIG =
            new SchedulerConfig(3, 1.1, Duration.ofMillis(500), Map.of(), TIMEOUT, 1e8, false);

    @Option(names = "--tasks", description = "of each graph, about (default ${DEFAULT-VALUE})")
    private int tasks = 1_000_000;

    @Option(names = "--warm-up", description = "tasks of the graphs before those measured (default ${DEFAULT-VALUE})")
    private int warmUp = 50_000;

    @Option(names = "--only", description = "what to measure, by a part of its name")
    private String only = "";

    @Option(names = "--publish", description = "put the table into docs/benchmarks.md")
    private boolean publish;

    private final PrintStream out = System.out;
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    /// What is done to a state.
    private interface Case {
        void run(State state, Event.UpdateGraph graph);
    }

    /// A state, and how long its steps take.
    private final class State {
        private final SchedulerState state = new SchedulerState(CONFIG);
        private long now;
        private int steps;
        private long nanos;
        private long cpuNanos;
        private long longest;
        private long longestCpu;
        private final List<Event> answers = new ArrayList<>();
        private boolean answering;
        private boolean timesOut;

        State() {
            step(new Event.ClientConnected("c"));
        }

        void worker(String name, int nthreads) {
            step(new Event.WorkerJoined(
                    "tcp://" + name,
                    name,
                    name,
                    Runtime.PYTHON,
                    nthreads,
                    0,
                    Map.of(),
                    WorkerStatus.RUNNING,
                    null,
                    "join"));
        }

        /// The events in one step, and the slices that follow from them, each a step.
        void on(Event... events) {
            step(events);
            while (state.isInSlices()) {
                step(new Event.TimerFired(Timer.SLICE));
            }
        }

        private void step(Event... events) {
            now += 1_000_000;
            List<Event> batch = List.of(events);
            long cpu = threads.getCurrentThreadCpuTime();
            long start = System.nanoTime();
            List<Command> commands = state.handle(batch, now);
            long took = System.nanoTime() - start;
            long tookCpu = threads.getCurrentThreadCpuTime() - cpu;
            steps++;
            nanos += took;
            cpuNanos += tookCpu;
            longest = Math.max(longest, took);
            longestCpu = Math.max(longestCpu, tookCpu);
            timesOut |= commands.stream()
                    .anyMatch(c -> c instanceof Command.SetTimer(Timer timer, long nanos)
                            && timer == Timer.UNRUNNABLE_TIMEOUT);
            if (answering) {
                commands.forEach(this::answer);
            }
        }

        private void answer(Command command) {
            if (command instanceof Command.ToWorker(String worker, Command.ComputeTask task)) {
                answers.add(new Event.TaskFinished(
                        worker, task.key(), task.runId(), 100, "type", "int", List.of(), 1, "finished"));
            }
        }

        /// Time passes until no task waits for a worker any longer.
        void timeOut() {
            now += TIMEOUT.toNanos();
            while (timesOut) {
                timesOut = false;
                on(new Event.TimerFired(Timer.UNRUNNABLE_TIMEOUT));
            }
        }

        /// Workers do what they are told until there is nothing to do.
        void runAll(Event... events) {
            answering = true;
            on(events);
            while (!answers.isEmpty()) {
                List<Event> some = answers.subList(0, Math.min(answers.size(), BATCH_EVENTS));
                Event[] batch = some.toArray(new Event[0]);
                some.clear();
                on(batch);
            }
            answering = false;
        }

        /// What was done so far does not count.
        void measure() {
            steps = 0;
            nanos = 0;
            cpuNanos = 0;
            longest = 0;
            longestCpu = 0;
        }
    }

    @Override
    public Integer call() throws Exception {
        var publication = new Publication("slices", "./dask-jvm lab slices --tasks " + tasks, COLUMNS);
        measure(publication, "a graph of inputs comes", this::map, (state, graph) -> {
            state.measure();
            state.on(large(graph));
        });
        measure(publication, "a graph of sums comes", this::sums, (state, graph) -> {
            state.measure();
            state.on(large(graph));
        });
        measure(publication, "sums run", this::sums, (state, graph) -> {
            state.worker("w", 4);
            state.measure();
            state.runAll(large(graph));
        });
        measure(publication, "all keys are released", this::map, (state, graph) -> {
            state.on(large(graph));
            state.measure();
            state.on(new Event.ClientReleasesKeys("c", graph.wanted(), "release"));
        });
        measure(publication, "the only key is released", this::sums, (state, graph) -> {
            state.on(large(graph));
            state.measure();
            state.on(new Event.ClientReleasesKeys("c", graph.wanted(), "release"));
        });
        measure(publication, "all results are released", this::map, (state, graph) -> {
            state.worker("w", 4);
            state.runAll(large(graph));
            state.measure();
            state.on(new Event.ClientReleasesKeys("c", graph.wanted(), "release"));
        });
        measure(publication, "the client leaves", this::map, (state, graph) -> {
            state.on(large(graph));
            state.measure();
            state.on(new Event.ClientDisconnected("c"));
        });
        measure(publication, "all keys are cancelled", this::map, (state, graph) -> {
            state.on(large(graph));
            state.measure();
            state.on(new Event.CancelKeys("c", graph.wanted(), true, "cancel"));
        });
        measure(publication, "a restart", this::sums, (state, graph) -> {
            state.on(large(graph));
            state.measure();
            state.on(new Event.Restart("restart"));
        });
        measure(publication, "the worker with all results is lost", this::map, (state, graph) -> {
            state.worker("w", 4);
            state.runAll(large(graph));
            state.measure();
            state.on(new Event.WorkerLeft("tcp://w", false, "left"));
        });
        measure(publication, "the worker with all tasks is lost", this::fan, (state, graph) -> {
            state.worker("w", 4);
            state.on(large(graph));
            state.on(finished(graph));
            state.measure();
            state.on(new Event.WorkerLeft("tcp://w", false, "left"));
        });
        measure(publication, "what all need is done", this::fan, (state, graph) -> {
            state.worker("w", 4);
            state.on(large(graph));
            state.measure();
            state.on(finished(graph));
        });
        measure(publication, "what all need fails", this::fan, (state, graph) -> {
            state.worker("w", 4);
            state.on(large(graph));
            state.measure();
            state.on(failed(graph));
        });
        measure(publication, "what all queued tasks need is lost", this::fan, (state, graph) -> {
            state.worker("w", 4);
            state.on(large(graph));
            state.on(finished(graph));
            state.worker("x", 4);
            state.measure();
            state.on(new Event.WorkerLeft("tcp://w", false, "left"));
        });
        measure(publication, "what all failed for is tried again", this::fan, (state, graph) -> {
            state.worker("w", 4);
            state.on(large(graph));
            state.on(failed(graph));
            state.measure();
            state.on(new Event.RetryKeys(List.of(graph.tasks().getFirst().key()), "retry"));
        });
        measure(publication, "all that failed are tried again", this::fan, (state, graph) -> {
            state.worker("w", 4);
            state.on(large(graph));
            state.on(failed(graph));
            state.measure();
            state.on(new Event.RetryKeys(graph.wanted(), "retry"));
        });
        measure(publication, "the worker that has been given all tasks is lost", this::bound, (state, graph) -> {
            state.worker("w", 4);
            state.on(large(graph));
            state.measure();
            state.on(new Event.WorkerLeft("tcp://w", false, "left"));
        });
        measure(publication, "data that all tasks need is lost", this::fan, (state, graph) -> {
            TaskKey hub = graph.tasks().getFirst().key();
            state.worker("w", 4);
            state.on(new Event.DataPlaced(
                    Map.of(hub, List.of("tcp://w")), Map.of(hub, 100L), "c", Runtime.PYTHON, "scatter"));
            List<TaskSpec> others = graph.tasks().subList(1, graph.tasks().size());
            state.on(large(graph(others, keys(others))));
            state.worker("x", 4);
            state.measure();
            state.on(new Event.WorkerLeft("tcp://w", false, "left"));
        });
        measure(publication, "a worker for all tasks joins", this::bound, (state, graph) -> {
            state.on(large(graph));
            state.measure();
            state.worker("w", 4);
            state.on();
        });
        measure(publication, "no worker has come for any task", this::map, (state, graph) -> {
            state.on(large(graph));
            state.measure();
            state.timeOut();
        });
        measure(publication, "no worker has come for tasks bound to it", this::bound, (state, graph) -> {
            state.on(large(graph));
            state.measure();
            state.timeOut();
        });
        if (publish) {
            publication.publish(Setup.root());
        } else {
            out.println(publication.table());
        }
        return 0;
    }

    private void measure(Publication publication, String name, IntFunction<Event.UpdateGraph> graphs, Case of) {
        if (!name.contains(only)) {
            return;
        }
        for (int i = 0; i < 3; i++) {
            of.run(new State(), graphs.apply(warmUp));
        }
        Event.UpdateGraph graph = graphs.apply(tasks);
        State state = new State();
        of.run(state, graph);
        publication.row(
                name,
                graph.tasks().size(),
                state.steps,
                state.nanos / 1e9,
                state.cpuNanos / 1e9,
                state.longestCpu / 1e6,
                state.longest / 1e6);
        out.printf(
                "%-40s %,10d tasks %,8d steps %6.2f s, %6.2f of CPU, longest %.1f ms of CPU, %.1f of time%n",
                name,
                graph.tasks().size(),
                state.steps,
                state.nanos / 1e9,
                state.cpuNanos / 1e9,
                state.longestCpu / 1e6,
                state.longest / 1e6);
    }

    private static Event large(Event.UpdateGraph graph) {
        GraphPlan plan = GraphPlan.of(graph);
        if (plan == null) {
            throw new IllegalStateException("the graph is not in order");
        }
        return new Event.LargeGraph(graph, plan);
    }

    private static Event finished(Event.UpdateGraph graph) {
        TaskKey hub = graph.tasks().getFirst().key();
        return new Event.TaskFinished("tcp://w", hub, 1, 100, "type", "int", List.of(), 1, "finished");
    }

    private static Event failed(Event.UpdateGraph graph) {
        TaskKey hub = graph.tasks().getFirst().key();
        return new Event.TaskErred("tcp://w", hub, 1, "e", null, "E", "", List.of(), "erred");
    }

    private static TaskSpec task(TaskKey key, int order, List<TaskKey> inputs) {
        return new TaskSpec(key, "code", Runtime.PYTHON, inputs, order, TaskSpec.TaskOptions.NONE);
    }

    private static Event.UpdateGraph graph(List<TaskSpec> tasks, List<TaskKey> wanted) {
        return new Event.UpdateGraph("c", tasks, wanted, null, 0, "graph");
    }

    private static List<TaskKey> keys(List<TaskSpec> tasks) {
        List<TaskKey> keys = new ArrayList<>(tasks.size());
        tasks.forEach(task -> keys.add(task.key()));
        return keys;
    }

    /// Tasks that need nothing, all wanted.
    private Event.UpdateGraph map(int count) {
        List<TaskSpec> tasks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            tasks.add(task(TaskKey.of("inc-0123456789abcdef-" + i), i, List.of()));
        }
        return graph(tasks, keys(tasks));
    }

    /// The same, for the worker `w` alone.
    private Event.UpdateGraph bound(int count) {
        var options = new TaskSpec.TaskOptions(0, 0, List.of("w"), false, Map.of(), false, null, null);
        List<TaskSpec> tasks = new ArrayList<>(count);
        for (TaskSpec task : map(count).tasks()) {
            tasks.add(new TaskSpec(task.key(), "code", Runtime.PYTHON, List.of(), task.order(), options));
        }
        return graph(tasks, keys(tasks));
    }

    /// Inputs, and sums of a hundred each, of which the last is wanted.
    private Event.UpdateGraph sums(int count) {
        List<TaskSpec> tasks = new ArrayList<>(count);
        sum(count - count / FAN_IN, tasks);
        return graph(tasks, List.of(tasks.getLast().key()));
    }

    /// In the order in which they are to run.
    private static TaskKey sum(int inputs, List<TaskSpec> tasks) {
        List<TaskKey> needed = new ArrayList<>();
        if (inputs > 1) {
            int parts = Math.min(FAN_IN, inputs);
            for (int i = 0; i < parts; i++) {
                needed.add(sum(inputs / parts + (i < inputs % parts ? 1 : 0), tasks));
            }
        }
        String name = needed.isEmpty() ? "input-" : "sum-";
        TaskKey key = TaskKey.of(name + tasks.size());
        tasks.add(task(key, tasks.size(), needed));
        return key;
    }

    /// One task that all others need, which are wanted.
    private Event.UpdateGraph fan(int count) {
        List<TaskSpec> tasks = new ArrayList<>(count);
        TaskKey hub = TaskKey.of("hub");
        tasks.add(task(hub, 0, List.of()));
        for (int i = 1; i < count; i++) {
            tasks.add(task(TaskKey.of("leaf-0123456789abcdef-" + i), i, List.of(hub)));
        }
        return graph(tasks, keys(tasks.subList(1, count)));
    }
}
