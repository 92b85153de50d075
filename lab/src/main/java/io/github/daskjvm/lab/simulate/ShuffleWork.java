package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.ShuffleRun;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A task of a shuffle that runs, step by step; between two of them anything may happen. Source: Dask's
/// `ShuffleWorkerPlugin` and `ShuffleSchedulerPlugin`.
final class ShuffleWork {
    /// How a step ends.
    sealed interface Step {
        /// There is more to do, or to wait for.
        record Goes() implements Step {}

        record Finishes(Object value) implements Step {}

        record Reschedules() implements Step {}

        /// It raises, as the run that it was of is over.
        record Raises(String why) implements Step {}
    }

    /// All that shuffles raise has this in its text.
    static final String RAISED = "P2P";

    private static final Step GOES = new Step.Goes();
    private static final Step RESCHEDULES = new Step.Reschedules();

    private final World world;
    private final SimWorker worker;
    private final TaskKey key;
    private final ShuffleTask task;
    /// The values of its inputs: numbers of runs.
    private final List<Long> runIds;
    private final Set<TaskKey> inputs;

    private @Nullable ShufflePart part;
    private Event.@Nullable ShuffleStarted plan;
    private boolean sent;
    private boolean restricted;
    private @Nullable Set<String> toFlush;

    ShuffleWork(World world, SimWorker worker, TaskKey key, ShuffleTask task, List<Long> runIds, List<TaskKey> inputs) {
        this.world = world;
        this.worker = worker;
        this.key = key;
        this.task = task;
        this.runIds = runIds;
        this.inputs = new LinkedHashSet<>(inputs);
    }

    Step step(Dice dice) {
        return switch (task.layer()) {
            case INPUT -> send(dice);
            case BARRIER -> pass();
            case OUTPUT -> pickUp();
        };
    }

    private static Step raises(String why) {
        return new Step.Raises("P2PConsistencyError('" + why + "')");
    }

    private static Step fails(String why) {
        return new Step.Raises("RuntimeError('P2P: " + why + "')");
    }

    // ---- an input ----

    private Step send(Dice dice) {
        String shuffle = task.shuffles().getFirst();
        if (part == null) {
            part = worker.shuffles.active(shuffle);
            return part == null ? begin(shuffle) : GOES;
        }
        if (sent) {
            return new Step.Finishes(part.runId); // Whether the run goes on or not.
        }
        if (part.failed) {
            return raises("the run is over");
        }
        part.send(key);
        if (dice.oneIn(2) && part.flush(world) == null) {
            return raises("a peer knows nothing of the run");
        }
        sent = true;
        return GOES;
    }

    /// Asks the scheduler for the run, which makes one if there is none.
    private Step begin(String shuffle) {
        if (plan != null) {
            world.shuffles.start(plan);
            plan = null;
        }
        ShuffleRun run = world.shuffles.join(shuffle, worker);
        if (run != null) {
            part = worker.shuffles.take(run);
            return part == null ? raises("the scheduler's run is stale") : GOES;
        }
        plan = world.shuffles.plan(shuffle, key, worker.address);
        return plan == null ? raises("there can be no run") : GOES;
    }

    // ---- a barrier ----

    private Step pass() {
        String shuffle = task.shuffles().getFirst();
        if (runIds.isEmpty()) {
            return fails("there is nothing to wait for");
        }
        long runId = runIds.stream().mapToLong(Long::longValue).max().orElseThrow();
        if (part == null) {
            part = worker.shuffles.of(shuffle, runId);
            return part == null ? raises("not the active run") : GOES;
        }
        ShuffleRun run = world.shuffles.active(shuffle);
        if (toFlush == null) {
            if (part.failed) {
                return raises("the run is over");
            }
            if (run == null || run.runId() != runId) {
                return fails("not the scheduler's run");
            }
            if (runIds.stream().anyMatch(id -> id != runId)) {
                world.ask(new Event.ShuffleInconsistent(shuffle, runId, "inconsistent"));
                return new Step.Finishes(runId);
            }
            world.shuffles.note(runId, inputs);
            toFlush = new LinkedHashSet<>(run.participants());
            return GOES;
        }
        for (String participant : List.copyOf(toFlush)) {
            SimWorker peer = world.registered(participant);
            if (peer == null) {
                if (world.scheduler.worker(participant) == null) {
                    return fails("a worker left");
                }
                continue;
            }
            ShufflePart theirs = peer.shuffles.of(shuffle, runId);
            Boolean sent = theirs == null ? null : theirs.flush(world);
            if (theirs == null || sent == null) {
                return fails("a peer knows nothing of the run");
            }
            if (sent) {
                theirs.done = true;
                toFlush.remove(participant);
            }
        }
        return toFlush.isEmpty() ? new Step.Finishes(runId) : GOES;
    }

    // ---- an output ----

    private Step pickUp() {
        if (restricted) {
            return RESCHEDULES;
        }
        for (int i = 0; i < task.shuffles().size(); i++) {
            String shuffle = task.shuffles().get(i);
            if (i >= runIds.size()) {
                return fails("there is nothing to pick up");
            }
            long runId = runIds.get(i);
            ShufflePart mine = worker.shuffles.of(shuffle, runId);
            if (mine == null) {
                return raises("not the active run");
            }
            String holder = mine.workerFor.get((long) task.number());
            if (!worker.address.equals(holder)) {
                return restrict(shuffle, runId, String.valueOf(holder));
            }
            if (!mine.done) {
                return fails("before the barrier");
            }
            if (!mine.received.containsAll(world.shuffles.inputs(runId))) {
                throw new Finding(
                        "OutputsHaveAllTheirPieces",
                        key + " on " + worker.name + " has of run " + runId + " " + mine.received + ", not "
                                + world.shuffles.inputs(runId));
            }
        }
        return new Step.Finishes(SimWorker.VALUE);
    }

    /// It must run where its partition is.
    private Step restrict(String shuffle, long runId, String holder) {
        ShuffleRun run = world.shuffles.active(shuffle);
        if (run == null || run.runId() != runId) {
            return fails("not the scheduler's run");
        }
        world.ask(new Event.ShuffleOutputRestricted(shuffle, runId, key, holder));
        restricted = true;
        return GOES;
    }
}
