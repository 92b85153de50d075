package io.github.daskjvm.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Thousands of things that can happen, in any order, lies included: invariants hold after each, and in the end
/// every wanted task comes to an end. A failed seed, which is printed first, replays with
/// `-Ddaskjvm.seed=SEED`; `-Ddaskjvm.histories=N` looks further.
class RandomHistoryTest {
    private static final int HISTORIES = Integer.getInteger("daskjvm.histories", 60);
    /// Until every transition was visited; one that so many histories do not visit is out of reach.
    private static final int HISTORIES_MAX = 4_000;
    private static final int STEPS = 400;

    private static final SchedulerConfig CONFIG =
            new SchedulerConfig(2, 1.1, Duration.ofMillis(500), Map.of(), Duration.ofSeconds(1), 1e8, true);

    private Cluster cluster = new Cluster(CONFIG);
    private final Map<String, Map<TaskKey, Long>> running = new HashMap<>();
    private final List<Command.ToWorker> stealRequests = new ArrayList<>();
    private Random random = new Random(0);
    private static long shufflesSeen;
    private final List<Event> later = new ArrayList<>();
    private final List<Event> together = new ArrayList<>();
    private boolean waits;
    private boolean stealingTimer;
    private int workersEver;
    private int tasksEver;

    @Test
    void invariantsHoldWhateverHappensAndEveryTransitionIsVisited() {
        long seed = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        var table = cluster.state.transitions.table();
        for (int i = 0; i < HISTORIES || (i < HISTORIES_MAX && !allVisited(table)); i++) {
            new RandomHistoryTest().history(seed + i);
        }
        assertThat(shufflesSeen).as("shuffles were active").isPositive();
        table.forEach((from, row) -> row.keySet()
                .forEach(to -> assertThat(VisitedTransitions.INSTANCE.visited(from, to))
                        .as("transition %s -> %s was visited", from, to)
                        .isTrue()));
    }

    private static boolean allVisited(Map<TaskStatus, Map<TaskStatus, Transitions.Transition>> table) {
        return table.entrySet().stream()
                .allMatch(row -> row.getValue().keySet().stream()
                        .allMatch(to -> VisitedTransitions.INSTANCE.visited(row.getKey(), to)));
    }

    private void history(long seed) {
        random = new Random(new SplittableRandom(seed).nextLong()); // The first bits of seeds in a row are alike.
        if (random.nextInt(2) == 0) {
            cluster = new Cluster(CONFIG, 1 + random.nextInt(8));
        }
        try {
            cluster.client("c0").client("c1");
            for (int step = 0; step < STEPS; step++) {
                step();
            }
            settle();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private void step() {
        switch (random.nextInt(19)) {
            case 0, 1 -> join();
            case 2 -> leave();
            case 3, 4 -> submit();
            case 5 -> on(new Event.ClientReleasesKeys(client(), someKeys(), "release"));
            case 6 -> on(new Event.CancelKeys(client(), someKeys(), random.nextBoolean(), "cancel"));
            case 7 -> on(new Event.RetryKeys(someKeys(), "retry"));
            case 8 -> lie();
            case 9 -> copies();
            case 10 -> status();
            case 11 -> reconnect();
            case 13 -> shuffle();
            case 12 ->
                on(new Event.ClientDesiresKeys(random.nextInt(4) == 0 ? "fire-and-forget" : client(), someKeys()));
            case 14, 15 -> answerToSteal();
            default -> progress();
        }
        if (stealingTimer) {
            stealingTimer = false;
            on(new Event.TimerFired(Timer.STEALING));
        }
        if (random.nextInt(100) == 0) {
            cluster.nowNanos += 2_000_000_000L;
            on(new Event.TimerFired(Timer.UNRUNNABLE_TIMEOUT));
        }
        if (random.nextInt(200) == 0) {
            on(new Event.Restart("restart"));
        }
        if (random.nextInt(3) == 0) {
            on(new Event.TimerFired(Timer.SLICE));
        }
        memory();
        others();
    }

    private void others() {
        switch (random.nextInt(60)) {
            case 0 -> on(new Event.SetRestrictions(Map.of(someKeys().getFirst(), List.of(workerAddress()))));
            case 1 -> on(new Event.SetResources(workerAddress(), Map.of("R", (double) random.nextInt(3)), "set"));
            case 2 -> on(new Event.ReportKey(client(), someKeys().getFirst()));
            case 3 -> on(erred(workerAddress(), someKeys().getFirst(), -1));
            case 4, 5, 6, 7, 8 -> waits = true;
            default -> {
                // Nothing this time.
            }
        }
    }

    private void memory() {
        switch (random.nextInt(40)) {
            case 0 -> on(new Event.MemoryManagerTriggered());
            case 1 -> on(new Event.MemoryManagerSwitched(random.nextBoolean()));
            case 2 -> on(new Event.TimerFired(random.nextBoolean() ? Timer.MEMORY_MANAGER : Timer.RETIREMENT));
            case 3 -> on(new Event.RetireWorkers(List.of(workerAddress(), workerAddress()), "retire"));
            case 4 ->
                on(new Event.WorkerHeartbeat(
                        workerAddress(),
                        Map.of(),
                        Double.NaN,
                        random.nextInt(5000),
                        random.nextInt(500),
                        100,
                        List.of(Cluster.metric("s" + random.nextInt(6), "k", 1L))));
            default -> {
                // Nothing this time.
            }
        }
    }

    /// Some of the time what comes waits for what comes next.
    private void on(Event... events) {
        List<Event> late = List.copyOf(later);
        later.clear();
        late.forEach(event -> cluster.on(event));
        together.addAll(List.of(events));
        if (waits) {
            waits = random.nextInt(3) > 0;
            return;
        }
        Event[] batch = together.toArray(Event[]::new);
        together.clear();
        for (Command command : cluster.on(batch)) {
            if (command instanceof Command.SetTimer(Timer timer, long delay) && timer == Timer.STEALING) {
                stealingTimer = true;
            }
            if (command instanceof Command.ToWorker asked && asked.message() instanceof Command.StealRequest) {
                stealRequests.add(asked);
            }
            if (command instanceof Command.ToWorker(String worker, Command.WorkerMessage message)) {
                Map<TaskKey, Long> tasks = running.computeIfAbsent(worker, w -> new HashMap<>());
                if (message instanceof Command.ComputeTask task) {
                    tasks.put(task.key(), task.runId());
                } else if (message instanceof Command.FreeKeys(var keys, String stimulus) && random.nextInt(4) > 0) {
                    keys.forEach(tasks::remove);
                } else if (message instanceof Command.AcquireReplicas(var copies, String stimulus)) {
                    assertThat(copies)
                            .allSatisfy(copy ->
                                    assertThat(copy.workers()).isNotEmpty().doesNotContain(worker));
                } else if (message instanceof Command.RemoveReplicas(var keys, String stimulus)) {
                    refused(worker, keys);
                }
            }
        }
    }

    /// Some of the time a worker keeps what it is told to drop, and says so.
    private void refused(String worker, Collection<TaskKey> keys) {
        if (random.nextInt(4) == 0) {
            later.add(new Event.ReplicasAdded(worker, keys, "refused"));
        }
    }

    private String client() {
        return "c" + random.nextInt(2);
    }

    private String workerAddress() {
        return Cluster.address("w" + random.nextInt(Math.max(1, workersEver)));
    }

    /// Every fifth task is the barrier of a shuffle.
    private static TaskKey key(int number) {
        return number % 5 == 4 ? Shuffles.barrierKey("s" + number) : Cluster.key("t-" + number);
    }

    /// Half of the time late ones, of which most happens.
    private List<TaskKey> someKeys() {
        List<TaskKey> keys = new ArrayList<>();
        int first = random.nextBoolean() ? 0 : Math.max(0, tasksEver - 12);
        for (int i = random.nextInt(4); i >= 0; i--) {
            keys.add(key(first + random.nextInt(tasksEver + 1 - first)));
        }
        return keys;
    }

    private void join() {
        if (cluster.state.workers().size() < 4) {
            String name = "w" + workersEver++;
            on(new Event.WorkerJoined(
                    Cluster.address(name),
                    name,
                    "h",
                    Runtime.PYTHON,
                    1 + random.nextInt(3),
                    0,
                    random.nextBoolean() ? Map.of() : Map.of("R", 1.0),
                    random.nextBoolean() ? WorkerStatus.RUNNING : WorkerStatus.INIT,
                    null,
                    "join"));
        }
    }

    private void leave() {
        String worker = workerAddress();
        running.remove(worker);
        on(new Event.WorkerLeft(worker, random.nextBoolean(), "left"));
    }

    private void status() {
        WorkerStatus status = random.nextInt(3) == 0 ? WorkerStatus.PAUSED : WorkerStatus.RUNNING;
        on(new Event.WorkerStatusChanged(workerAddress(), status, "status"));
    }

    private void reconnect() {
        String client = client();
        on(new Event.ClientDisconnected(client));
        on(new Event.ClientConnected(client));
    }

    private void submit() {
        int first = Math.max(0, tasksEver - random.nextInt(6));
        int count = 1 + random.nextInt(12);
        List<TaskSpec> specs = new ArrayList<>();
        List<TaskKey> wanted = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            List<TaskKey> dependencies = new ArrayList<>();
            for (int d = random.nextInt(3); d > 0 && i > 0; d--) {
                TaskKey dependency = key(i - 1 - random.nextInt(Math.min(i, 8)));
                if (!dependencies.contains(dependency)) {
                    dependencies.add(dependency);
                }
            }
            specs.add(new TaskSpec(key(i), "run", Runtime.PYTHON, dependencies, i, options()));
            if (random.nextInt(3) == 0) {
                wanted.add(key(i));
            }
        }
        tasksEver = first + count;
        var graph = new Event.UpdateGraph(client(), specs, wanted, null, 0, "graph");
        GraphPlan plan = random.nextBoolean() ? GraphPlan.of(graph) : null;
        on(plan == null ? graph : new Event.LargeGraph(graph, plan));
    }

    private TaskSpec.TaskOptions options() {
        return switch (random.nextInt(11)) {
            case 9 -> Cluster.span("s" + random.nextInt(5));
            case 10 -> Cluster.span("s0", "in s0, " + random.nextInt(3));
            case 8 -> Cluster.actor();
            case 0 -> Cluster.retries(1);
            case 1 -> Cluster.on(List.of("w" + random.nextInt(workersEver + 1)), random.nextBoolean());
            case 2 -> Cluster.resources(Map.of("R", 1.0));
            case 3 -> Cluster.priority(random.nextInt(3));
            default -> TaskSpec.TaskOptions.NONE;
        };
    }

    /// A worker finishes, fails, secedes from or gives back something it was given.
    private void progress() {
        String worker = workerAddress();
        Map<TaskKey, Long> tasks = running.getOrDefault(worker, Map.of());
        if (tasks.isEmpty()) {
            return;
        }
        TaskKey key = new ArrayList<>(tasks.keySet()).get(random.nextInt(tasks.size()));
        long runId = tasks.get(key);
        switch (random.nextInt(8)) {
            case 0 -> {
                tasks.remove(key);
                on(erred(worker, key, runId));
            }
            case 1 -> on(new Event.TaskLongRunning(worker, key, 0.5, "secede"));
            case 2 -> {
                tasks.remove(key);
                on(new Event.TaskRescheduled(worker, key, "reschedule"));
            }
            default -> {
                tasks.remove(key);
                on(finished(worker, key, runId));
            }
        }
    }

    /// A worker gives up what it was asked for, keeps it, does not know it, or answers what nobody asked.
    private void answerToSteal() {
        String[] states = {"ready", "waiting", "constrained", "executing", "memory", null, "released", "nonsense"};
        String said = states[random.nextInt(states.length)];
        if (stealRequests.isEmpty() || random.nextInt(8) == 0) {
            on(new Event.StealAnswered(workerAddress(), someKeys().getFirst(), said, "steal-" + random.nextInt(30)));
            return;
        }
        Command.ToWorker asked = stealRequests.remove(random.nextInt(stealRequests.size()));
        if (asked.message() instanceof Command.StealRequest(TaskKey key, String stimulusId)) {
            if (List.of("ready", "waiting", "constrained").contains(String.valueOf(said))) {
                running.getOrDefault(asked.worker(), new HashMap<>()).remove(key);
            }
            on(new Event.StealAnswered(asked.worker(), key, said, stimulusId));
        }
    }

    private Event finished(String worker, TaskKey key, long runId) {
        var interval = new Event.StartStop("compute", 0, random.nextDouble());
        return new Event.TaskFinished(
                worker, key, runId, random.nextInt(1000), null, "int", List.of(interval), 1, "finished");
    }

    private Event erred(String worker, TaskKey key, long runId) {
        String text = random.nextInt(3) == 0 ? "P2PConsistencyError('stale')" : "";
        return new Event.TaskErred(worker, key, runId, "e", null, text, "", List.of(), "erred");
    }

    /// News of tasks the worker was never given.
    private void lie() {
        TaskKey key = someKeys().getFirst();
        TaskState task = cluster.state.task(key);
        long runId = task == null ? random.nextInt(50) : task.runId;
        switch (random.nextInt(3)) {
            case 0 -> on(finished(workerAddress(), key, runId));
            case 1 -> on(finished(workerAddress(), key, random.nextInt(50)));
            default -> on(erred(workerAddress(), key, runId));
        }
    }

    private void copies() {
        switch (random.nextInt(4)) {
            case 0 -> on(new Event.ReplicasAdded(workerAddress(), someKeys(), "copied"));
            case 1 -> on(new Event.ReplicasDropped(workerAddress(), someKeys(), "dropped"));
            case 2 -> on(new Event.WhoHasRequested(workerAddress(), someKeys(), "who has"));
            default -> {
                TaskKey key = random.nextBoolean()
                        ? Cluster.key("data-" + random.nextInt(5))
                        : someKeys().getFirst();
                on(new Event.DataPlaced(
                        Map.of(key, List.of(workerAddress())), Map.of(key, 10L), client(), Runtime.PYTHON, "data"));
            }
        }
    }

    private long shufflesEver;

    private void shuffle() {
        String shuffle = "s" + (random.nextInt(tasksEver / 5 + 1) * 5 + 4);
        ShuffleRun active = cluster.state.shuffles().active(shuffle);
        long runId = active == null ? 0 : active.runId();
        switch (random.nextInt(6)) {
            case 0 -> on(new Event.ShuffleJoined(shuffle, workerAddress()));
            case 1 ->
                on(new Event.ShuffleOutputRestricted(shuffle, runId, someKeys().getFirst(), workerAddress()));
            case 2 -> on(new Event.ShuffleInconsistent(shuffle, runId, "inconsistent"));
            default -> {
                List<TaskKey> processing = new ArrayList<>();
                for (WorkerEntry worker : cluster.state.workers()) {
                    worker.processing().forEach(task -> processing.add(task.key()));
                }
                processing.addAll(someKeys());
                Map<Object, String> workerFor = new HashMap<>();
                for (long partition = random.nextInt(3); partition >= 0; partition--) {
                    workerFor.put(partition, workerAddress());
                }
                on(new Event.ShuffleStarted(
                        shuffle, ++shufflesEver, processing.getFirst(), workerAddress(), workerFor, "run"));
            }
        }
        if (!cluster.state.shuffles().isEmpty()) {
            shufflesSeen++;
        }
    }

    /// With a worker that has everything and finishes what it is given, nothing that is wanted stays undone.
    private void settle() {
        waits = false;
        List<String> names = new ArrayList<>();
        for (int i = 0; i <= workersEver; i++) {
            names.add("w" + i);
        }
        for (String name : names) {
            on(new Event.WorkerLeft(Cluster.address(name), true, "left"));
        }
        for (String name : names) {
            on(new Event.WorkerJoined(
                    Cluster.address(name),
                    name,
                    "h",
                    Runtime.PYTHON,
                    2,
                    0,
                    Map.of("R", 1.0),
                    WorkerStatus.RUNNING,
                    null,
                    "join"));
        }
        boolean progressed = true;
        while (progressed) {
            progressed = cluster.state.isInSlices();
            on(new Event.TimerFired(Timer.SLICE));
            for (WorkerEntry worker : new ArrayList<>(cluster.state.workers())) {
                for (TaskState task : new ArrayList<>(worker.processing())) {
                    if (task.processingOn() == worker) {
                        progressed = true;
                        on(finished(worker.address(), task.key(), task.runId));
                    }
                }
            }
        }
        for (TaskState task : cluster.state.tasks()) {
            assertThat(task.held).as("%s is held", task).isFalse();
            assertThat(task.status())
                    .as("%s came to an end", task)
                    .isIn(TaskStatus.MEMORY, TaskStatus.ERRED, TaskStatus.RELEASED);
            if (!task.whoWants().isEmpty()) {
                assertThat(task.status() == TaskStatus.RELEASED && task.runSpec() != null)
                        .as("%s, which is wanted, is done", task)
                        .isFalse();
            }
        }
    }
}
