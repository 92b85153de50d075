package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.ShuffleRun;
import io.github.daskjvm.core.scheduler.Shuffles;
import io.github.daskjvm.core.scheduler.TaskState;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the scheduler's shell does for shuffles: makes runs, and answers the workers that ask of them.
final class ShuffleShell {
    private final World world;
    private long lastRunId;
    /// The inputs that the barrier of each run, by number, had.
    private final Map<Long, Set<TaskKey>> inputs = new HashMap<>();

    ShuffleShell(World world) {
        this.world = world;
    }

    @Nullable
    ShuffleRun active(String shuffle) {
        return world.scheduler.shuffles().active(shuffle);
    }

    /// The active run, with the worker among those who take part; null if there is none. A life that has not
    /// registered yet takes no part and gets no pieces: where one before it at its address does, it would not
    /// hear of the end of the run.
    @Nullable
    ShuffleRun join(String shuffle, SimWorker worker) {
        if (world.streamOf(worker) != worker.link) {
            return null;
        }
        world.ask(new Event.ShuffleJoined(shuffle, worker.address));
        ShuffleRun run = active(shuffle);
        return run == null || !run.participants().contains(worker.address) ? null : run;
    }

    /// Runs are made one at a time.
    void start(Event.ShuffleStarted plan) {
        world.ask(new Event.ShuffleStarted(
                plan.shuffle(), ++lastRunId, plan.key(), plan.worker(), plan.workerFor(), plan.runSpec()));
    }

    /// What a run for the task could be made of now; null if the task or its shuffle is over.
    Event.@Nullable ShuffleStarted plan(String shuffle, TaskKey key, String worker) {
        TaskState barrier = world.scheduler.task(Shuffles.barrierKey(shuffle));
        TaskState asking = world.scheduler.task(key);
        if (barrier == null
                || barrier.runSpec() == null
                || asking == null
                || asking.status() != TaskStatus.PROCESSING
                || world.scheduler.worker(worker) == null) {
            return null;
        }
        List<String> candidates = world.scheduler.shuffles().candidates(barrier);
        if (candidates.isEmpty()) {
            return null;
        }
        Map<Object, String> workerFor = new LinkedHashMap<>();
        for (int i = 0; i < ShuffleTask.WIDTH; i++) {
            workerFor.put((long) i, candidates.get((int) ((lastRunId + i) % candidates.size())));
        }
        for (ShuffleRun sharing : world.scheduler.shuffles().sharingOutputs(barrier)) {
            workerFor.putAll(sharing.workerFor());
        }
        return new Event.ShuffleStarted(shuffle, 0, key, worker, workerFor, "run");
    }

    void note(long runId, Set<TaskKey> ofBarrier) {
        inputs.put(runId, ofBarrier);
    }

    /// Those whose pieces outputs of the run are made of.
    Set<TaskKey> inputs(long runId) {
        return inputs.getOrDefault(runId, Set.of());
    }
}
