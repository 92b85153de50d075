package io.github.daskjvm.monitoring;

import io.github.daskjvm.comm.CallFigures;
import io.github.daskjvm.comm.OpFigures;
import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.Load;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.MeasuredSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.StealingSnapshot;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.monitoring.status.StatusSource;
import io.github.daskjvm.monitoring.status.SyntheticStatus;
import io.github.daskjvm.scheduler.ServiceFigures;
import io.github.daskjvm.scheduler.coordination.SemaphoreFigures;
import io.github.daskjvm.scheduler.loop.LoopFigures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Snapshots for the tests, each number different from the others.
final class Samples {
    private Samples() {}

    static SchedulerSnapshot scheduler() {
        return new SchedulerSnapshot(
                Map.of(
                        TaskStatus.WAITING, 5L,
                        TaskStatus.NO_WORKER, 3L,
                        TaskStatus.PROCESSING, 7L,
                        TaskStatus.MEMORY, 11L,
                        TaskStatus.FORGOTTEN, 13L),
                List.of(
                        worker("tcp://10.0.0.1:1", "a", WorkerStatus.RUNNING, Load.IDLE),
                        worker("tcp://10.0.0.2:2", "b", WorkerStatus.RUNNING, Load.SATURATED),
                        worker("tcp://10.0.0.3:3", "<script>", WorkerStatus.RUNNING, Load.SATURATED),
                        worker("tcp://10.0.0.4:4", "d", WorkerStatus.RUNNING, Load.PARTIALLY_SATURATED),
                        worker("tcp://10.0.0.5:5", "e", WorkerStatus.PAUSED, Load.IDLE),
                        worker("tcp://10.0.0.6:6", "f", WorkerStatus.CLOSING_GRACEFULLY, Load.IDLE)),
                List.of(prefix("inc", 1.5), prefix("a \"quoted\" one", 0.25)),
                4,
                2,
                4,
                8,
                21,
                19,
                10,
                4,
                stealing(),
                measured());
    }

    /// Two tasks, one of them of a millisecond.
    private static Histogram.Copy durations(double seconds) {
        var durations = new Histogram();
        durations.add(0.001);
        durations.add(seconds, TaskKey.of(List.of("inc", 7)), 1_700_000_000.25);
        return durations.copy();
    }

    static LoopFigures loop() {
        var times = new LoopFigures.Times(
                durations(0.01),
                durations(0.005),
                durations(0.002),
                List.of(new OpFigures("task-finished", 77, 0, 1_500_000_000)));
        return new LoopFigures(99, 0, 0, 0, 250_000_000, times);
    }

    static StatusSource status() {
        return new SyntheticStatus(1, 1, 1, 1, "w");
    }

    static SchedulerMonitor.Sources sources() {
        return new SchedulerMonitor.Sources(Samples::scheduler, Map::of, Samples::loop, Samples::services, status());
    }

    static ServiceFigures services() {
        return new ServiceFigures(
                "tcp://10.0.0.9:8786",
                new CallFigures(List.of(new OpFigures("identity", 5, 1, 250_000_000)), 2),
                new CallFigures(List.of(new OpFigures("log-event", 6, 0, 500_000_000)), 4),
                List.of(new SemaphoreFigures("one", 2, 1, 3, 11, 10, 0.125)),
                0,
                17,
                activities());
    }

    static Map<List<@Nullable Object>, Number> activities() {
        Map<List<@Nullable Object>, Number> activities = new LinkedHashMap<>();
        activities.put(List.of("latency"), 0.5);
        activities.put(List.of("execute", "inc", "thread-cpu", "seconds"), 1.5);
        activities.put(List.of("execute", "inc", "disk-read", "count"), 3);
        activities.put(List.of("execute", "inc", "disk-read", "bytes"), 4096);
        activities.put(List.of("execute", "inc", "other", "seconds"), -1e-9);
        activities.put(List.of("gather-dep", "network", "seconds"), 0.25);
        activities.put(List.of("gather-dep", "network", "bytes"), 1_000_000);
        return activities;
    }

    private static MeasuredSnapshot measured() {
        return new MeasuredSnapshot(durations(3), durations(4), Histogram.Copy.EMPTY, 12, 1.75, 7, 0.25, 3);
    }

    private static List<StealingSnapshot> stealing() {
        return List.of(
                new StealingSnapshot(1, 14, 2.5),
                new StealingSnapshot(1.03125, 0, 0),
                new StealingSnapshot(2, 15, 3.5));
    }

    static PrefixSnapshot prefix(String name, double computeSeconds) {
        return new PrefixSnapshot(
                name,
                Map.of(TaskStatus.MEMORY, 6L, TaskStatus.RELEASED, 9L),
                Map.of(TaskStatus.MEMORY, 6),
                computeSeconds,
                0.5,
                1024,
                1,
                durations(computeSeconds));
    }

    static SchedulerSnapshot.WorkerSnapshot worker(String address, String name, WorkerStatus status, Load load) {
        String host = address.substring("tcp://".length(), address.lastIndexOf(':'));
        return new SchedulerSnapshot.WorkerSnapshot(
                address, name, host, Runtime.PYTHON, status, load, 2, 4L << 30, 1L << 30, 100, 3, 4, 1.25, null);
    }

    static WorkerSnapshot idleWorker() {
        return worker(Double.NaN);
    }

    static WorkerSnapshot worker(double medianSeconds) {
        var states = new LinkedHashMap<String, Integer>();
        states.put("executing", 2);
        states.put("ready", 3);
        states.put("waiting", 4);
        states.put("memory", 5);
        states.put("long-running", 0);
        return new WorkerSnapshot(
                states,
                6,
                7,
                8,
                0.002,
                medianSeconds,
                medianSeconds,
                medianSeconds * 1e6,
                0.5,
                100,
                new WorkerSnapshot.Memory(20000, 12345, 3000, 1000, 1 << 20),
                new WorkerSnapshot.Spills(2, 1000, 3, 1500, 4, 8000, 0.25, 0.5, 0.75, 1, 0.125, 2, 1),
                new WorkerSnapshot.Transfers(10, 1, 1000, 100),
                new WorkerSnapshot.Transfers(20, 2, 2000, 200),
                new WorkerSnapshot.Measured(
                        "w-7",
                        "tcp://10.0.0.7:7",
                        durations(3),
                        durations(4),
                        2.5,
                        64,
                        List.of(new WorkerSnapshot.Operation("get_data", 9, 1, 750_000_000)),
                        3));
    }
}
