package io.github.daskjvm.core.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerEvent.Input;
import io.github.daskjvm.core.worker.WorkerEvent.Received;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Random events in random order, sense or not: invariants hold after each, and in the end the worker comes to rest
/// with every task that is still wanted done.
class WorkerRandomTest {
    private static final int KEYS = 8;
    private static final List<String> WORKERS = List.of("tcp://me", "tcp://p", "tcp://q", "tcp://r");

    private final Set<String> visited = new HashSet<>();

    @Test
    void invariantsHoldWhateverHappensAndEveryTransitionIsVisited() {
        long base = 20_250_101;
        for (int i = 0; i < 150; i++) {
            new Run(base + i).run(300);
        }
        var unvisited = new ArrayList<String>();
        Transitions.ALLOWED.forEach((from, all) -> all.forEach(to -> {
            if (!visited.contains(from + ">" + to)) {
                unvisited.add(from + ">" + to);
            }
        }));
        assertThat(unvisited).as("transitions that no run visited").isEmpty();
    }

    @Test
    void invariantsHoldForANewSeedEveryTime() {
        long seed = System.nanoTime();
        for (int i = 0; i < 50; i++) {
            new Run(seed + i).run(300);
        }
    }

    private final class Run {
        private final long seed;
        private final Random random;
        private final WorkerState state;
        private final Set<Long> running = new LinkedHashSet<>();
        private final Map<String, List<TaskKey>> fetching = new LinkedHashMap<>();
        private final Set<WorkerInstruction.Timer> timers = new LinkedHashSet<>();
        private final Set<TaskKey> stored = new HashSet<>();
        private final List<TaskKey> asked = new ArrayList<>();
        private long now;
        private long runs;

        Run(long seed) {
            this.seed = seed;
            random = new Random(seed);
            state = new WorkerState(
                    new WorkerConfig(
                            "tcp://me", 2, Map.of("GPU", 1.0), new WorkerConfig.Transfers(2, 100, 150, 300, 5, 20)),
                    (from, to) -> visited.add(from + ">" + to));
        }

        void run(int steps) {
            try {
                for (int i = 0; i < steps; i++) {
                    now += random.nextInt(3);
                    handle(event());
                }
                comeToRest();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }

        private void handle(WorkerEvent event) {
            List<WorkerInstruction> out = state.handle(event, now);
            state.checkInvariants();
            out.forEach(this::carryOut);
        }

        private void carryOut(WorkerInstruction instruction) {
            switch (instruction) {
                case WorkerInstruction.Execute e -> {
                    assertThat(stored).containsAll(e.inputs());
                    assertThat(running.add(e.attempt())).isTrue();
                }
                case WorkerInstruction.Interrupt e -> assertThat(running).contains(e.attempt());
                case WorkerInstruction.Store e -> stored.add(e.key());
                case WorkerInstruction.Drop e ->
                    assertThat(stored.remove(e.key())).isTrue();
                case WorkerInstruction.Fetch e ->
                    assertThat(fetching.put(e.worker(), e.keys())).isNull();
                case WorkerInstruction.SetTimer e -> timers.add(e.timer());
                case WorkerInstruction.Send(WorkerMessage message) -> {
                    if (message instanceof WorkerMessage.RequestRefreshWhoHas(List<TaskKey> keys)) {
                        asked.addAll(keys);
                    }
                }
            }
        }

        private TaskKey key() {
            return TaskKey.of("k" + random.nextInt(KEYS));
        }

        private List<String> workers() {
            var some = new ArrayList<String>();
            WORKERS.forEach(w -> {
                if (random.nextInt(3) == 0) {
                    some.add(w);
                }
            });
            return some;
        }

        private Input input(TaskKey key) {
            return new Input(key, workers(), random.nextInt(200));
        }

        private <T> T pick(Iterable<T> items, int size) {
            int skip = random.nextInt(size);
            for (T item : items) {
                if (skip-- == 0) {
                    return item;
                }
            }
            throw new AssertionError();
        }

        private WorkerEvent event() {
            return switch (random.nextInt(22)) {
                case 0, 1, 2, 3 -> compute();
                case 4, 5 -> new WorkerEvent.FreeKeys(List.of(key(), key()));
                case 6 -> new WorkerEvent.RemoveReplicas(List.of(key(), key()));
                case 7 -> new WorkerEvent.AcquireReplicas(List.of(input(key()), input(key())));
                case 8 -> new WorkerEvent.CancelCompute(key());
                case 9 -> new WorkerEvent.StealRequest(key(), "s");
                case 10 -> new WorkerEvent.RemoveWorker(WORKERS.get(random.nextInt(4)));
                case 11 -> new WorkerEvent.RefreshWhoHas(Map.of(key(), workers()));
                case 12 ->
                    random.nextInt(4) == 0
                            ? new WorkerEvent.DataPlaced(Map.of(key(), new Received("placed", 10)))
                            : new WorkerEvent.SetPaused(random.nextInt(4) == 0);
                case 13, 14, 15, 16, 17 -> running.isEmpty() ? compute() : ended();
                case 18, 19, 20 -> fetching.isEmpty() ? compute() : transferred();
                default -> timers.isEmpty() ? compute() : fired();
            };
        }

        private WorkerEvent compute() {
            int number = random.nextInt(KEYS);
            var inputs = new ArrayList<Input>();
            // Any key may be an input of any other, cycles included: the scheduler would not, a broken one could.
            while (random.nextInt(3) == 0) {
                inputs.add(input(key()));
            }
            return new WorkerEvent.ComputeTask(
                    TaskKey.of("k" + number),
                    ++runs,
                    new Priority(0, 0, random.nextInt(5)),
                    inputs,
                    "spec",
                    random.nextInt(4) == 0 ? Map.of("GPU", 1.0) : Map.of());
        }

        private WorkerEvent ended() {
            long attempt = pick(running, running.size());
            int kind = random.nextInt(6);
            if (kind == 0) {
                return random.nextBoolean()
                        ? new WorkerEvent.TaskLongRunning(attempt, 1)
                        : new WorkerEvent.TaskResumed(attempt);
            }
            running.remove(attempt);
            return switch (kind) {
                case 1 -> new WorkerEvent.TaskRescheduled(attempt);
                case 2 -> new WorkerEvent.TaskErred(attempt, new byte[0], "", "", List.of(), 0);
                default -> new WorkerEvent.TaskFinished(attempt, "v", 5, "T", List.of(), 0);
            };
        }

        private WorkerEvent transferred() {
            String worker = pick(fetching.keySet(), fetching.size());
            List<TaskKey> keys = fetching.remove(worker);
            return switch (random.nextInt(5)) {
                case 0 -> new WorkerEvent.TransferFailed(worker);
                case 1 -> new WorkerEvent.TransferBusy(worker);
                default -> {
                    var received = new HashMap<TaskKey, Received>();
                    for (TaskKey key : keys) {
                        if (random.nextInt(4) > 0) {
                            received.put(key, new Received("v", 5));
                        }
                    }
                    yield new WorkerEvent.TransferFinished(worker, received, 0, 1);
                }
            };
        }

        private WorkerEvent fired() {
            var timer = pick(timers, timers.size());
            timers.remove(timer);
            return new WorkerEvent.TimerFired(timer);
        }

        /// Everything is computed without inputs where it was not, every peer answers.
        private void comeToRest() {
            handle(new WorkerEvent.SetPaused(false));
            for (int round = 0; round < 80; round++) {
                now += 100;
                for (var timer : List.copyOf(timers)) {
                    timers.remove(timer);
                    handle(new WorkerEvent.TimerFired(timer));
                }
                for (TaskKey key : List.copyOf(asked)) {
                    handle(new WorkerEvent.RefreshWhoHas(Map.of(key, List.of("tcp://p"))));
                }
                asked.clear();
                for (String worker : List.copyOf(fetching.keySet())) {
                    var received = new HashMap<TaskKey, Received>();
                    fetching.remove(worker).forEach(key -> received.put(key, new Received("v", 5)));
                    handle(new WorkerEvent.TransferFinished(worker, received, 0, 1));
                }
                for (long attempt : List.copyOf(running)) {
                    running.remove(attempt);
                    handle(new WorkerEvent.TaskFinished(attempt, "v", 5, "T", List.of(), 0));
                }
                if (round == 40) {
                    breakCycles();
                }
            }
            state.statuses()
                    .forEach((key, status) -> assertThat(status)
                            .as("%s at rest", key)
                            .isIn(WorkerTaskStatus.MEMORY, WorkerTaskStatus.ERROR));
            for (TaskKey key : state.statuses().keySet()) {
                handle(new WorkerEvent.FreeKeys(List.of(key)));
            }
            assertThat(state.statuses()).isEmpty();
            assertThat(stored).isEmpty();
            assertThat(running).isEmpty();
            assertThat(state.peersInFlight()).isZero();
        }

        /// Tasks that wait for each other are given up, as a scheduler would have to.
        private void breakCycles() {
            state.statuses().forEach((key, status) -> {
                if (status == WorkerTaskStatus.WAITING) {
                    handle(new WorkerEvent.FreeKeys(List.of(key)));
                }
            });
        }
    }
}
