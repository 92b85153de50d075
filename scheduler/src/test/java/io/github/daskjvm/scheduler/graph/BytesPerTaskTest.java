package io.github.daskjvm.scheduler.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.Timer;
import io.github.daskjvm.pickle.PickleWriter;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.protocol.Fields;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.management.ObjectName;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// How much of the heap a task takes, in the different states: what objects there are more, of which class,
/// than before its graph came. With compact object headers, as the scheduler runs.
class BytesPerTaskTest {
    private static final int TASKS = 20_000;
    private static final PyNode.Global ADD = new PyNode.Global("operator", "add");
    private static final String TOKEN = "f3a1c94be0aa4cd1a6d21c5e1b1f7c02";

    private SchedulerState state = new SchedulerState(SchedulerConfig.DEFAULT);
    private final PyNode.Dict graph = new PyNode.Dict();
    private final List<Command> told = new ArrayList<>();
    private final Map<String, Long> before;
    private long now;

    @BeforeAll
    static void allClassesAreLoaded() throws Exception {
        var first = new BytesPerTaskTest();
        first.submit(first.map(1_000));
        first.finish();
        bytes();
    }

    BytesPerTaskTest() throws Exception {
        before = bytes();
        join();
    }

    private void join() {
        on(new Event.ClientConnected("c"));
        on(new Event.WorkerJoined(
                "tcp://w:1", "w", "h", Runtime.PYTHON, 1, 0, Map.of(), WorkerStatus.RUNNING, null, "joined"));
    }

    private void on(Event event) {
        told.addAll(state.handle(List.of(event), ++now));
        while (state.isInSlices()) {
            told.addAll(state.handle(List.of(new Event.TimerFired(Timer.SLICE)), ++now));
        }
    }

    private static PyNode.Tuple tuple(Object... items) {
        return new PyNode.Tuple(items);
    }

    /// @return keys of the map's tasks, as Dask makes them
    private List<Object> map(int tasks) {
        List<Object> keys = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            keys.add("add-" + TOKEN + "-" + i);
            graph.put(keys.getLast(), tuple(ADD, (long) i, 1L));
        }
        return keys;
    }

    /// @return the last of sums of so many each, of which the first sum numbers
    private List<Object> sums(int fanIn) {
        List<Object> level = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
            level.add(tuple("x-" + TOKEN, (long) i));
            graph.put(level.getLast(), tuple(ADD, (long) i, 1L));
        }
        for (int depth = 1; level.size() > 1; depth++) {
            List<Object> above = new ArrayList<>();
            for (int i = 0; i < level.size(); i += fanIn) {
                above.add(tuple("sum-" + depth + "-" + TOKEN, (long) i / fanIn));
                List<Object> call = new ArrayList<>(level.subList(i, Math.min(level.size(), i + fanIn)));
                call.addFirst(ADD);
                graph.put(above.getLast(), tuple(call.toArray()));
            }
            level = above;
        }
        return level;
    }

    private void submit(List<Object> wanted) throws Exception {
        var layer = new PyNode.Dict();
        layer.put("layer", object("MaterializedLayer", "mapping", graph));
        byte[] pickle =
                PickleWriter.write(object("HighLevelGraph", "layers", layer)).pickle();
        List<Object> keys = new ArrayList<>();
        for (Object key : wanted) {
            keys.add(key instanceof PyNode.Tuple tuple ? List.copyOf(tuple.items()) : key);
        }
        Fields message = Recordings.without(Recordings.message("submit"), "annotations");
        for (var field : Map.of(
                        "keys", keys,
                        "graph_frames", List.of(pickle),
                        "graph_header", Map.of("serializer", "pickle", "writeable", List.of()),
                        "internal_priority", Map.of())
                .entrySet()) {
            message = Recordings.with(message, field.getKey(), field.getValue());
        }
        MaterializedGraph cut = PlainGraphs.cut(GraphRequest.parse(message));
        assertThat(cut).isNotNull();
        on(cut.event("c", Event.Origin.NONE, 0, "update-graph"));
    }

    private static PyNode.Call object(String name, String attribute, Object value) {
        var call = new PyNode.Call(
                PyNode.How.NEW, new PyNode.Global("dask.highlevelgraph", name), new PyNode.Tuple(), null);
        var attributes = new PyNode.Dict();
        attributes.put(attribute, value);
        call.add(new PyNode.State(attributes));
        return call;
    }

    /// Whatever was given to a worker is done, as long as something is.
    private void finish() {
        while (!told.isEmpty()) {
            List<Command> commands = List.copyOf(told);
            told.clear();
            for (Command command : commands) {
                if (command instanceof Command.ToWorker(String worker, Command.ComputeTask task)) {
                    on(finished(worker, task.key(), task.runId()));
                }
            }
        }
    }

    /// With objects of its own, as a message has them.
    private static Event finished(String worker, TaskKey key, long run) {
        byte[] type = "\u0080\u0005cbuiltins\nint".getBytes(StandardCharsets.UTF_8);
        return new Event.TaskFinished(
                worker, key, run, 28, type, String.valueOf("int".toCharArray()), List.of(), 1, "task-finished-" + run);
    }

    /// What is alive, by class, as `jcmd GC.class_histogram` prints it.
    private static Map<String, Long> bytes() throws Exception {
        String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Map<String, Long> bytes = new TreeMap<>();
        for (String line : histogram.lines().toList()) {
            String[] columns = line.strip().split("\\s+");
            if (columns[0].endsWith(":") && columns.length > 3) {
                bytes.put(columns[3], Long.parseLong(columns[2]));
            }
        }
        return bytes;
    }

    private double perTask(TaskStatus... most) throws Exception {
        graph.flat().clear();
        told.clear();
        long tasks = state.tasks().stream()
                .filter(task -> List.of(most).contains(task.status()))
                .count();
        assertThat(tasks)
                .as("most are " + List.of(most))
                .isGreaterThan(state.tasks().size() * 9L / 10);
        double sum = 0;
        var lines = new StringBuilder();
        for (Map.Entry<String, Long> each : bytes().entrySet()) {
            double more = (double) (each.getValue() - before.getOrDefault(each.getKey(), 0L))
                    / state.tasks().size();
            sum += more;
            if (more >= 0.5) {
                lines.append(String.format(Locale.ROOT, "%8.1f %s%n", more, each.getKey()));
            }
        }
        System.out.printf(Locale.ROOT, "%.0f bytes a task, %s:%n%s", sum, List.of(most), lines);
        return sum;
    }

    @Test
    void queuedTasksOfAMap() throws Exception {
        submit(map(TASKS));
        assertThat(perTask(TaskStatus.QUEUED)).isLessThan(370);
    }

    @Test
    void queuedInputsOfSums() throws Exception {
        submit(sums(100));
        assertThat(perTask(TaskStatus.QUEUED)).isLessThan(350);
    }

    /// Each of those that wait waits for two.
    @Test
    void aTreeHalfQueuedAndHalfWaiting() throws Exception {
        submit(sums(2));
        assertThat(perTask(TaskStatus.QUEUED, TaskStatus.WAITING)).isLessThan(400);
    }

    @Test
    void onAWorker() throws Exception {
        state = new SchedulerState(new SchedulerConfig(
                3, Double.POSITIVE_INFINITY, Duration.ofSeconds(1), Map.of(), Duration.ZERO, 1e8, false));
        join();
        submit(map(TASKS));
        assertThat(perTask(TaskStatus.PROCESSING)).isLessThan(370);
    }

    @Test
    void inMemory() throws Exception {
        submit(map(TASKS));
        finish();
        assertThat(perTask(TaskStatus.MEMORY)).isLessThan(370);
    }
}
