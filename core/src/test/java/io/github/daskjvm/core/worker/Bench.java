package io.github.daskjvm.core.worker;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerEvent.Input;
import io.github.daskjvm.core.worker.WorkerEvent.Received;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A worker's state under test: events in short form, the time, invariants checked after each.
final class Bench {
    static final WorkerConfig CONFIG = config(2, 0);

    final WorkerState state;
    long now;

    /// @param throttledFromBytes under way
    static WorkerConfig config(int connections, long throttledFromBytes) {
        return new WorkerConfig(
                "tcp://me",
                2,
                Map.of("GPU", 1.0),
                new WorkerConfig.Transfers(connections, throttledFromBytes, 1000, 3000, 150, 1000));
    }

    private long runs;

    Bench() {
        this(CONFIG);
    }

    Bench(WorkerConfig config) {
        state = new WorkerState(config);
    }

    List<WorkerInstruction> handle(WorkerEvent... events) {
        List<WorkerInstruction> out = state.handle(Arrays.asList(events), now);
        state.checkInvariants();
        return out;
    }

    /// The instructions of the kind among those that follow.
    <T extends WorkerInstruction> List<T> only(Class<T> kind, WorkerEvent... events) {
        var found = new ArrayList<T>();
        for (WorkerInstruction instruction : handle(events)) {
            if (kind.isInstance(instruction)) {
                found.add(kind.cast(instruction));
            }
        }
        return found;
    }

    /// The messages to the scheduler that follow.
    List<WorkerMessage> sent(WorkerEvent... events) {
        return only(WorkerInstruction.Send.class, events).stream()
                .map(WorkerInstruction.Send::message)
                .toList();
    }

    @Nullable
    WorkerTaskStatus status(String key) {
        return state.status(key(key));
    }

    static TaskKey key(String text) {
        return TaskKey.of(text);
    }

    static List<TaskKey> keys(String... texts) {
        return Arrays.stream(texts).map(TaskKey::of).toList();
    }

    WorkerEvent.ComputeTask compute(String key, Input... inputs) {
        return compute(key, 0, Map.of(), inputs);
    }

    WorkerEvent.ComputeTask compute(String key, int order, Map<String, Double> resources, Input... inputs) {
        return new WorkerEvent.ComputeTask(
                key(key), ++runs, new Priority(0, 0, order), List.of(inputs), "spec of " + key, resources);
    }

    static Input input(String key, String... workers) {
        return new Input(key(key), List.of(workers), 100);
    }

    static Input input(String key, long sizeBytes, String... workers) {
        return new Input(key(key), List.of(workers), sizeBytes);
    }

    static WorkerEvent finish(long attempt) {
        return new WorkerEvent.TaskFinished(attempt, "value " + attempt, 8, "a.Type", List.of(), 7);
    }

    static WorkerEvent err(long attempt) {
        return new WorkerEvent.TaskErred(attempt, new byte[] {1}, "text", "trace", List.of(), 7);
    }

    static WorkerEvent free(String... keys) {
        return new WorkerEvent.FreeKeys(keys(keys));
    }

    static WorkerEvent arrive(String worker, String... keys) {
        var received = new LinkedHashMap<TaskKey, Received>();
        for (String key : keys) {
            received.put(key(key), new Received("value of " + key, 50));
        }
        return new WorkerEvent.TransferFinished(worker, received, 1, 2);
    }

    static WorkerEvent place(String... keys) {
        var placed = new LinkedHashMap<TaskKey, Received>();
        for (String key : keys) {
            placed.put(key(key), new Received("placed " + key, 30));
        }
        return new WorkerEvent.DataPlaced(placed);
    }

    static WorkerEvent locate(String key, String... workers) {
        return new WorkerEvent.RefreshWhoHas(Map.of(key(key), List.of(workers)));
    }

    static WorkerEvent fire(WorkerInstruction.Timer timer) {
        return new WorkerEvent.TimerFired(timer);
    }

    static WorkerInstruction.Execute execute(long attempt, String key, String... inputs) {
        return new WorkerInstruction.Execute(attempt, key(key), "spec of " + key, keys(inputs));
    }

    static WorkerInstruction.Fetch fetch(String worker, long bytes, String... keys) {
        return new WorkerInstruction.Fetch(worker, keys(keys), bytes);
    }

    static WorkerInstruction send(WorkerMessage message) {
        return new WorkerInstruction.Send(message);
    }
}
