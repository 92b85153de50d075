package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Two tasks that very many others need are lost, fail, are tried again and come back, while the others are told of
/// it slice by slice, and whatever else can happen to these happens in between: invariants hold after each step, and in
/// the end all that is wanted is done. A failed seed replays as those of [RandomHistoryTest] do.
class FanHistoryTest {
    private static final int HISTORIES = Integer.getInteger("daskjvm.histories", 300);
    private static final int STEPS = 150;
    private static final int LEAVES = 24;
    private static final SchedulerConfig CONFIG =
            new SchedulerConfig(3, 1.1, Duration.ofMillis(500), Map.of(), Duration.ofSeconds(1), 1e8, true);

    private Random random = new Random(0);
    private Cluster cluster = new Cluster();
    private final List<TaskKey> hubs = List.of(key("hub-0"), key("nave-0"));
    private final List<TaskKey> leaves = new ArrayList<>();
    private int workersEver;

    @Test
    void invariantsHoldWhateverHappensBetweenSlices() {
        long seed = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        for (int i = 0; i < HISTORIES; i++) {
            new FanHistoryTest().history(seed + i);
        }
    }

    private void history(long seed) {
        random = new Random(new SplittableRandom(seed).nextLong());
        cluster = new Cluster(CONFIG, 1 + random.nextInt(6));
        try {
            cluster.client("c").client("d");
            submit();
            for (int step = 0; step < STEPS; step++) {
                step();
                if (random.nextInt(3) == 0) {
                    cluster.on(new Event.TimerFired(Timer.SLICE));
                }
            }
            settle();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private void submit() {
        List<TaskSpec> specs = new ArrayList<>();
        if (random.nextInt(3) == 0) {
            join();
            place(hubs.getFirst());
        }
        TaskState hub = cluster.state.task(hubs.getFirst());
        if (hub == null || hub.runSpec() != null) {
            specs.add(task("hub-0", 0, Cluster.retries(random.nextInt(2))));
        }
        specs.add(random.nextBoolean() ? task("nave-0", "hub-0") : task("nave-0"));
        for (int i = 0; i < LEAVES; i++) {
            boolean needsBoth = random.nextInt(4) == 0;
            String name = (needsBoth ? "both-" : i % 3 == 0 ? "nave's-" : "hub's-") + i;
            leaves.add(key(name));
            var options = random.nextInt(6) == 0 ? Cluster.on(List.of("w1"), false) : TaskSpec.TaskOptions.NONE;
            specs.add(
                    needsBoth
                            ? task(name, i + 2, options, "hub-0", "nave-0")
                            : task(name, i + 2, options, i % 3 == 0 ? "nave-0" : "hub-0"));
            if (random.nextInt(8) == 0) {
                leaves.add(key("end-" + i));
                specs.add(task("end-" + i, name));
            }
        }
        cluster.on(new Event.UpdateGraph(random.nextBoolean() ? "c" : "d", specs, leaves, null, 0, "graph"));
    }

    private void step() {
        switch (random.nextInt(14)) {
            case 0, 1 -> join();
            case 2 -> leave();
            case 3 -> cluster.on(new Event.RetryKeys(random.nextBoolean() ? List.copyOf(leaves) : some(), "retry"));
            case 4 -> clientWishes();
            case 5 -> copies();
            case 6 -> others();
            default -> progress();
        }
    }

    private void join() {
        if (cluster.state.workers().size() < 3) {
            cluster.worker("w" + workersEver++ % 4, 1 + random.nextInt(2));
        }
    }

    /// Mostly one that has what all need.
    private void leave() {
        TaskState hub = cluster.state.task(hub());
        String worker = hub == null || hub.whoHas().isEmpty()
                ? worker()
                : hub.whoHas().iterator().next().address();
        cluster.on(new Event.WorkerLeft(worker, random.nextBoolean(), "left"));
    }

    private TaskKey hub() {
        return hubs.get(random.nextInt(hubs.size()));
    }

    private String worker() {
        return address("w" + random.nextInt(4));
    }

    private List<TaskKey> some() {
        List<TaskKey> some = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
            some.add(random.nextInt(6) == 0 ? hub() : leaves.get(random.nextInt(leaves.size())));
        }
        return some;
    }

    private void clientWishes() {
        String client = random.nextBoolean() ? "c" : "d";
        switch (random.nextInt(8)) {
            case 0, 1 -> cluster.on(new Event.ClientReleasesKeys(client, some(), "release"));
            case 2 -> cluster.on(new Event.CancelKeys(client, some(), random.nextInt(4) == 0, "cancel"));
            case 3, 4 -> cluster.on(new Event.ClientDesiresKeys(client, some()));
            case 5 -> {
                leaves.clear();
                submit();
            }
            case 6 -> cluster.on(new Event.ClientDisconnected(client), new Event.ClientConnected(client));
            default -> {
                if (random.nextInt(6) == 0) {
                    cluster.on(new Event.Restart("restart"));
                }
            }
        }
    }

    private void copies() {
        TaskKey key = random.nextInt(4) == 0 ? some().getFirst() : hub();
        switch (random.nextInt(3)) {
            case 0 -> cluster.on(new Event.ReplicasAdded(worker(), List.of(key), "copied"));
            case 1 -> cluster.on(new Event.ReplicasDropped(worker(), List.of(key), "dropped"));
            default -> place(key);
        }
    }

    private void place(TaskKey key) {
        cluster.on(new Event.DataPlaced(Map.of(key, List.of(worker())), Map.of(key, 10L), "c", Runtime.PYTHON, "data"));
    }

    private void others() {
        switch (random.nextInt(4)) {
            case 0 -> {
                cluster.nowNanos += 2_000_000_000L;
                cluster.on(new Event.TimerFired(Timer.UNRUNNABLE_TIMEOUT));
            }
            case 1 -> cluster.on(new Event.SetRestrictions(Map.of(some().getFirst(), List.of("w1", "w2"))));
            case 2 -> cluster.on(new Event.TimerFired(Timer.STEALING));
            default -> cluster.on(new Event.MemoryManagerTriggered());
        }
    }

    /// What all need goes on first, and fails more often.
    private void progress() {
        List<TaskState> processing = new ArrayList<>();
        for (WorkerEntry worker : cluster.state.workers()) {
            for (TaskState task : worker.processing()) {
                if (hubs.contains(task.key())) {
                    advance(task, random.nextInt(3) == 0);
                    return;
                }
                processing.add(task);
            }
        }
        if (!processing.isEmpty()) {
            advance(processing.get(random.nextInt(processing.size())), random.nextInt(8) == 0);
        }
    }

    private void advance(TaskState task, boolean fails) {
        WorkerEntry worker = task.processingOn();
        if (worker == null) {
            return;
        }
        String address = worker.address();
        cluster.on(
                fails
                        ? new Event.TaskErred(address, task.key(), task.runId, "e", null, "", "", List.of(), "erred")
                        : new Event.TaskFinished(
                                address, task.key(), task.runId, 100, null, "int", List.of(), 1, "finished"));
    }

    /// With workers that finish what they are given, nothing that is wanted stays undone.
    private void settle() {
        for (int i = 0; i < 4; i++) {
            cluster.on(new Event.WorkerLeft(address("w" + i), true, "left"));
        }
        for (int i = 0; i < 4; i++) {
            cluster.worker("w" + i, 2);
        }
        boolean progressed = true;
        while (progressed) {
            progressed = cluster.state.isInSlices();
            cluster.on(new Event.TimerFired(Timer.SLICE));
            for (WorkerEntry worker : List.copyOf(cluster.state.workers())) {
                for (TaskState task : List.copyOf(worker.processing())) {
                    progressed = true;
                    advance(task, false);
                }
            }
        }
        for (TaskState task : cluster.state.tasks()) {
            assertThat(task.status())
                    .as("%s came to an end", task)
                    .isIn(TaskStatus.MEMORY, TaskStatus.ERRED, TaskStatus.RELEASED);
            boolean undone = task.status() == TaskStatus.RELEASED && task.runSpec() != null && task.isNeeded();
            assertThat(undone).as("%s, which is wanted, is undone", task).isFalse();
        }
    }
}
