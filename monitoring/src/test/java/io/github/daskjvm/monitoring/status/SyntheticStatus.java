package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.Load;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;
import io.github.daskjvm.scheduler.peers.EventLog;
import io.github.daskjvm.scheduler.peers.Failures;
import io.github.daskjvm.scheduler.peers.TaskActions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A cluster that is made up: so many workers, tasks and prefixes, with figures that look like some. What a scheduler
/// of that size would cost is no question here; how the page bears it is.
public final class SyntheticStatus implements StatusSource {
    private static final String[] PREFIXES = {
        "random_sample",
        "add",
        "mean_chunk",
        "mean_combine-partial",
        "transpose",
        "sum",
        "read-parquet",
        "getitem",
        "shuffle-transfer",
        "shuffle-p2p",
        "store-map",
        "concatenate"
    };

    final TaskActions actions = new TaskActions();
    final Failures failures = new Failures();
    final List<EventLog.Told> events = new ArrayList<>();
    volatile @Nullable String notice;
    volatile long generation;
    private final Random random = new Random(7);
    private final List<WorkerSnapshot> workers = new ArrayList<>();
    private final List<WorkerGauges> gauges = new ArrayList<>();
    private final List<String> prefixes = new ArrayList<>();
    private final Map<TaskStatus, Long> byStatus = new EnumMap<>(TaskStatus.class);
    private final int threads;
    private volatile SchedulerSnapshot snapshot = SchedulerSnapshot.EMPTY;
    private double finishedUntil = Feed.now() - 60;

    public SyntheticStatus(int workers, int threads, long tasks, int prefixes, String name) {
        this.threads = threads;
        for (int i = 0; i < prefixes; i++) {
            this.prefixes.add(i < PREFIXES.length ? PREFIXES[i] : name + i);
        }
        for (int i = 0; i < workers; i++) {
            addWorker(i, name);
        }
        publish(tasks);
    }

    private void addWorker(int i, String name) {
        String address = "tcp://10.0.%d.%d:40%03d".formatted(i / 250, i % 250, i % 1000);
        long limit = 16L << 30;
        double full = Math.min(0.97, 0.25 + 0.5 * random.nextDouble() + (i % 37 == 0 ? 0.3 : 0));
        long process = (long) (limit * full);
        long stored = (long) (process * (0.4 + 0.4 * random.nextDouble()));
        Load load = i % 11 == 0 ? Load.IDLE : i % 3 == 0 ? Load.SATURATED : Load.PARTIALLY_SATURATED;
        WorkerStatus status = i % 97 == 96 ? WorkerStatus.PAUSED : WorkerStatus.RUNNING;
        workers.add(new WorkerSnapshot(
                address,
                name + i,
                "10.0.%d.%d".formatted(i / 250, i % 250),
                Runtime.PYTHON,
                status,
                load,
                threads,
                limit,
                process,
                stored,
                load == Load.IDLE ? 0 : threads + random.nextInt(6),
                100 + random.nextInt(900),
                load == Load.IDLE ? 0 : 2 + 8 * random.nextDouble(),
                null));
        Map<String, Object> links = new LinkedHashMap<>();
        for (int k = 1; k < 5; k++) {
            int peer = random.nextInt(Math.max(1, i + 1));
            links.put(
                    "tcp://10.0.%d.%d:40%03d".formatted(peer / 250, peer % 250, peer % 1000),
                    List.of(1e8 * random.nextDouble(), 3));
        }
        gauges.add(new WorkerGauges(
                address,
                load == Load.IDLE ? 3 : 100 * threads * (0.5 + 0.5 * random.nextDouble()),
                process,
                0,
                i % 13 == 0 ? limit / 6 : 0,
                process / 6,
                4e6 * random.nextDouble(),
                3e6 * random.nextDouble(),
                i % 5 == 0 ? 1 << 20 : 0,
                i % 7 == 0 ? 1 << 21 : 0,
                random.nextInt(2_000),
                random.nextInt(2_000),
                links,
                load == Load.IDLE ? Map.of() : running(),
                load == Load.IDLE ? Map.of() : Map.of("executing", threads, "ready", i % 7, "waiting", i % 3),
                Feed.now()));
    }

    private Map<Object, Double> running() {
        Map<Object, Double> running = new LinkedHashMap<>();
        for (int t = 0; t < threads; t++) {
            String prefix = prefixes.get(random.nextInt(Math.min(prefixes.size(), 8)));
            running.put(List.of(prefix + "-open", random.nextInt(100_000)), 3 * random.nextDouble());
        }
        return running;
    }

    /// A worker's next heartbeat.
    public void beat(int worker, double time, Map<?, ?> executing, Map<?, ?> taskCounts) {
        WorkerGauges was = gauges.get(worker);
        gauges.set(
                worker,
                new WorkerGauges(
                        was.address(),
                        was.cpuPercent(),
                        was.processBytes(),
                        was.spilledMemoryBytes(),
                        was.spilledDiskBytes(),
                        was.unmanagedOldBytes(),
                        was.readBytesPerSecond(),
                        was.writeBytesPerSecond(),
                        was.incomingBytes(),
                        was.outgoingBytes(),
                        was.incomingTotal(),
                        was.outgoingTotal(),
                        was.bandwidths(),
                        executing,
                        taskCounts,
                        time));
    }

    private void publish(long tasks) {
        double[] shares = {0.1, 0.25, 0, 0.3, 0.02, 0.3295, 0.0005};
        TaskStatus[] states = TaskStatus.values();
        List<PrefixSnapshot> made = new ArrayList<>();
        for (int p = 0; p < prefixes.size(); p++) {
            long size = tasks / prefixes.size() + (p == 0 ? tasks % prefixes.size() : 0);
            Map<TaskStatus, Integer> current = new EnumMap<>(TaskStatus.class);
            Map<TaskStatus, Long> entered = new EnumMap<>(TaskStatus.class);
            long left = size;
            for (int s = shares.length - 1; s >= 0; s--) {
                double tilt = s == 5 ? 2.0 * (prefixes.size() - p) / prefixes.size() : 1;
                long count = s == 0 ? left : Math.min(left, Math.round(size * shares[s] * tilt));
                left -= count;
                current.put(states[s], (int) count);
                entered.put(states[s], count);
                byStatus.merge(states[s], count, Long::sum);
            }
            made.add(new PrefixSnapshot(
                    prefixes.get(p),
                    entered,
                    current,
                    size * 0.03,
                    size * 0.002,
                    size * 80_000,
                    0,
                    Histogram.Copy.EMPTY));
        }
        publish(made);
    }

    private void publish(List<PrefixSnapshot> made) {
        snapshot = new SchedulerSnapshot(
                Map.copyOf(byStatus),
                List.copyOf(workers),
                made,
                0,
                3,
                prefixes.size(),
                workers.size() + 4,
                3,
                0,
                workers.size(),
                0,
                List.of(),
                SchedulerSnapshot.MeasuredSnapshot.NONE);
    }

    /// Every thread has been busy until now with tasks of about so many seconds.
    public void work(double taskSeconds) {
        double now = Feed.now();
        for (int w = 0; w < workers.size(); w++) {
            for (int t = 0; t < threads; t++) {
                double at = finishedUntil + random.nextDouble() * taskSeconds / 2;
                while (at < now - 0.05) {
                    double length = taskSeconds * (0.3 + 1.4 * random.nextDouble());
                    String prefix = prefixes.get(random.nextInt(Math.min(prefixes.size(), 8)));
                    TaskKey key = TaskKey.of(
                            List.of(prefix + "-" + Integer.toHexString(prefix.hashCode()), random.nextInt(5_000)));
                    double end = Math.min(now, at + length);
                    if (random.nextInt(4) == 0) {
                        double moved = Math.min(end, at + length / 6);
                        actions.add(new TaskActions.Action(
                                workers.get(w).address(), t + 1, key, "transfer", at, moved, false));
                        at = moved;
                    }
                    actions.add(new TaskActions.Action(
                            workers.get(w).address(),
                            t + 1,
                            key,
                            random.nextInt(90) == 0 ? "disk-read" : "compute",
                            at,
                            end,
                            random.nextInt(400) == 0));
                    at = end + random.nextDouble() * taskSeconds * (random.nextInt(12) == 0 ? 2 : 0.05);
                }
            }
        }
        finishedUntil = now;
    }

    /// The next heartbeat of each worker, as long as the last was two seconds ago, and what was done meanwhile.
    public void beatAll(double taskSeconds) {
        double now = Feed.now();
        if (now - gauges.getFirst().lastSeen() < 2) {
            return;
        }
        work(taskSeconds);
        for (int i = 0; i < workers.size(); i++) {
            if (!gauges.get(i).executing().isEmpty()) {
                beat(i, now, running(), gauges.get(i).taskCounts());
            } else {
                beat(i, now, Map.of(), Map.of());
            }
        }
        progress(40);
    }

    /// So many tasks of each prefix, that were queued, have results now.
    public void progress(int tasks) {
        List<PrefixSnapshot> moved = new ArrayList<>();
        for (PrefixSnapshot prefix : snapshot.prefixes()) {
            Map<TaskStatus, Integer> current = new EnumMap<>(prefix.current());
            Map<TaskStatus, Long> entered = new EnumMap<>(prefix.entered());
            int done = Math.min(tasks, current.get(TaskStatus.QUEUED));
            current.merge(TaskStatus.QUEUED, -done, Integer::sum);
            current.merge(TaskStatus.MEMORY, done, Integer::sum);
            entered.merge(TaskStatus.MEMORY, (long) done, Long::sum);
            byStatus.merge(TaskStatus.QUEUED, (long) -done, Long::sum);
            byStatus.merge(TaskStatus.MEMORY, (long) done, Long::sum);
            moved.add(new PrefixSnapshot(
                    prefix.name(),
                    entered,
                    current,
                    prefix.computeSeconds(),
                    prefix.transferSeconds(),
                    prefix.storedBytes(),
                    0,
                    Histogram.Copy.EMPTY));
        }
        publish(moved);
    }

    public void fail(String key, String exception, String traceback) {
        failures.add(workers.getFirst().address(), TaskKey.of(key), exception, traceback);
    }

    public void tell(String topic, Object message) {
        events.add(new EventLog.Told(events.size(), Feed.now(), List.of(topic), message));
    }

    @Override
    public SchedulerSnapshot snapshot() {
        return snapshot;
    }

    @Override
    public List<WorkerGauges> gauges() {
        return List.copyOf(gauges);
    }

    @Override
    public TaskActions actions() {
        return actions;
    }

    @Override
    public Failures failures() {
        return failures;
    }

    @Override
    public List<EventLog.Told> events() {
        return List.copyOf(events);
    }

    @Override
    public @Nullable String notice() {
        return notice;
    }

    @Override
    public long generation() {
        return generation;
    }

    @Override
    public String address() {
        return "tcp://10.0.0.1:8786";
    }

    @Override
    public List<Moved> moved() {
        List<Moved> moved = new ArrayList<>();
        for (int i = 1; i < Math.min(250, workers.size()); i++) {
            moved.add(new Moved(
                    workers.get(i).address(),
                    workers.get(i * 7 % workers.size()).address(),
                    (300L - i) << 20));
        }
        return moved;
    }

    @Override
    public @Nullable Map<String, @Nullable Object> task(String key) {
        return key.startsWith("known")
                ? Map.of("key", key, "status", "memory", "prefix", "known", "story", List.of())
                : null;
    }

    @Override
    public @Nullable Map<String, @Nullable Object> worker(String address) {
        return workers.stream().anyMatch(w -> w.address().equals(address))
                ? Map.of(
                        "name",
                        "w",
                        "status",
                        "running",
                        "processing",
                        List.of(),
                        "processingCount",
                        0,
                        "stored",
                        List.of(),
                        "storedCount",
                        0,
                        "runtime",
                        "python")
                : null;
    }

    @Override
    public Map<String, @Nullable Object> graph() {
        List<Object> nodes = new ArrayList<>();
        List<Object> edges = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            nodes.add(List.of("('x', " + i + ")", "x", i < 12 ? "memory" : i < 20 ? "processing" : "waiting"));
            if (i >= 12) {
                edges.add(List.of(i - 12, i));
                edges.add(List.of((i - 11) % 12, i));
            }
        }
        return Map.of("kind", "tasks", "tasks", 24, "groups", 2, "nodes", nodes, "edges", edges);
    }
}
