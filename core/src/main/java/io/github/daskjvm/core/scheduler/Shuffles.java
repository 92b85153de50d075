package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Peer-to-peer shuffles that are under way: which worker holds which output partition, who takes part, and what
/// happens when one of them is lost. Source of the rules: Dask's `ShuffleSchedulerPlugin`.
///
/// A shuffle has three layers of tasks: inputs, which send pieces of partitions to the workers that are to hold them;
/// one barrier, `shuffle-barrier-ID`, which all inputs lead to; and outputs, which depend on the barrier and pick up a
/// partition on the worker that holds it. The pieces are on no list of the scheduler's: a lost worker costs the whole
/// run.
public final class Shuffles {
    private static final String BARRIER_PREFIX = "shuffle-barrier-";

    /// How the text of the exception begins that workers raise where runs do not agree.
    private static final String INCONSISTENT = "P2PConsistencyError(";
    private static final int RESTARTS_MAX = 10;

    private final SchedulerState state;
    private final Outbox outbox;
    private final Map<String, ShuffleRun> active = new LinkedHashMap<>();
    private final Map<TaskState, ShuffleRun> byBarrier = new HashMap<>();
    /// Times that shuffles started over as a task said that they must.
    private final Map<TaskState, Integer> restarts = new HashMap<>();
    /// Barriers of the runs that ended since a worker began to leave; null at other times.
    private @Nullable Set<TaskState> ended;

    Shuffles(SchedulerState state, Outbox outbox) {
        this.state = state;
        this.outbox = outbox;
    }

    /// The key of the task that all inputs of a shuffle lead to.
    public static TaskKey barrierKey(String shuffle) {
        return TaskKey.of(BARRIER_PREFIX + shuffle);
    }

    /// The run that is under way; null if there is none.
    public @Nullable ShuffleRun active(String shuffle) {
        return active.get(shuffle);
    }

    /// In order of starting.
    public Collection<ShuffleRun> active() {
        return Collections.unmodifiableCollection(active.values());
    }

    public boolean isEmpty() {
        return active.isEmpty();
    }

    /// Whether transitions make no difference to any.
    boolean isIdle() {
        return active.isEmpty() && restarts.isEmpty();
    }

    /// Whether the worker takes part in a shuffle, so that all of it would have to be done again without it.
    public boolean needs(String worker) {
        for (ShuffleRun run : active.values()) {
            if (run.participants.contains(worker)) {
                return true;
            }
        }
        return false;
    }

    /// Running shuffles that share output tasks with this one, as the two sides of a join do: they must have each
    /// partition on the same worker.
    public List<ShuffleRun> sharingOutputs(TaskState barrier) {
        Set<ShuffleRun> sharing = new LinkedHashSet<>();
        if (active.isEmpty()) {
            return List.of();
        }
        for (TaskState output : barrier.dependents) {
            for (TaskState input : output.dependencies) {
                ShuffleRun run = byBarrier.get(input);
                if (run != null && input != barrier) {
                    sharing.add(run);
                }
            }
        }
        return List.copyOf(sharing);
    }

    /// Workers that may hold outputs: those that may run the barrier, in order of joining.
    public List<String> candidates(TaskState barrier) {
        List<String> candidates = new ArrayList<>();
        for (WorkerEntry worker : state.pool(barrier.runtime).all) {
            if (Restrictions.allows(barrier, worker)) {
                candidates.add(worker.address);
            }
        }
        return candidates;
    }

    // ---- events ----

    /// Does nothing if what the run was made from has changed meanwhile; whoever asked sees that it is not there.
    void started(Event.ShuffleStarted event) {
        TaskState barrier = state.tasks.get(barrierKey(event.shuffle()));
        TaskState asking = state.tasks.get(event.key());
        if (barrier == null
                || barrier.status == TaskStatus.ERRED
                || asking == null
                || asking.status != TaskStatus.PROCESSING
                || active.containsKey(event.shuffle())
                || !state.workers.containsKey(event.worker())
                || !state.workers.keySet().containsAll(event.workerFor().values())
                || !agrees(event, barrier)) {
            return;
        }
        var run = new ShuffleRun(event, barrier);
        active.put(run.id, run);
        byBarrier.put(barrier, run);
        // They run once only to be sent to their workers, which must not take a turn through the scheduler for each.
        for (TaskState output : barrier.dependents) {
            output.uncommon().queueable = false;
        }
    }

    private boolean agrees(Event.ShuffleStarted event, TaskState barrier) {
        for (ShuffleRun other : sharingOutputs(barrier)) {
            for (Map.Entry<Object, String> entry : event.workerFor().entrySet()) {
                String worker = other.workerFor.get(entry.getKey());
                if (worker != null && !worker.equals(entry.getValue())) {
                    return false;
                }
            }
        }
        return true;
    }

    void joined(Event.ShuffleJoined event) {
        ShuffleRun run = active.get(event.shuffle());
        if (run != null && state.workers.containsKey(event.worker())) {
            run.participants.add(event.worker());
        }
    }

    /// An output task goes to the worker of its partition, once it is given back by the one that has it now.
    void outputRestricted(Event.ShuffleOutputRestricted event) {
        ShuffleRun run = active.get(event.shuffle());
        TaskState task = state.tasks.get(event.key());
        if (run == null || run.runId != event.runId() || task == null) {
            return;
        }
        for (ShuffleRun other : active.values()) {
            if (other.restricted.containsKey(task)) {
                return; // An output of two shuffles, which agree.
            }
        }
        run.restricted.put(task, task.uncommon.workerRestrictions);
        task.restrict(List.of(event.worker()));
        if (task.status == TaskStatus.QUEUED) {
            // The queue would give it to any worker.
            var recommendations = new Recommendations();
            recommendations.add(task, TaskStatus.WAITING);
            state.transitions.run(recommendations, "shuffle-output-restricted");
        }
    }

    /// Inputs disagree about the run: all of it is to be done again.
    void inconsistent(Event.ShuffleInconsistent event) {
        ShuffleRun run = active.get(event.shuffle());
        if (run != null && run.runId == event.runId()) {
            freeStrays(run.barrier.processingOn, run.barrier, event.stimulusId());
            end(run, run + " restarted");
            restart(run.barrier, event.stimulusId());
        }
    }

    /// A task says that the run of its shuffle is not the active one. That may be so: a worker may still hold
    /// an input's result of an earlier run, or go on with an attempt of then, and answer with that at once.
    /// Beyond Dask, the shuffle then starts over, a few times, instead of failing.
    ///
    /// @param exceptionText `repr` of what the task raised
    /// @return whether it does
    boolean startsOver(TaskState task, String exceptionText, String stimulus) {
        if (!exceptionText.startsWith(INCONSISTENT)) {
            return false;
        }
        List<TaskState> barriers = barriers(task);
        for (TaskState barrier : barriers) {
            if (barrier.status == TaskStatus.ERRED
                    || anyErred(barrier.dependencies)
                    || restarts.merge(barrier, 1, Integer::sum) > RESTARTS_MAX) {
                return false;
            }
        }
        WorkerEntry worker = task.processingOn;
        for (TaskState barrier : barriers) {
            freeStrays(worker, barrier, stimulus);
            endOf(barrier);
            restart(barrier, stimulus);
        }
        return !barriers.isEmpty();
    }

    /// A worker that finds fault with a run may have results of an earlier one that the scheduler does not know
    /// of: what it says of a copy that it dropped comes after the answer to the request that brought it another
    /// one. While it has those, every run ends alike.
    private void freeStrays(@Nullable WorkerEntry worker, TaskState barrier, String stimulus) {
        if (worker == null) {
            return;
        }
        freeStray(worker, barrier, stimulus);
        for (TaskState input : barrier.dependencies) {
            freeStray(worker, input, stimulus);
        }
    }

    private void freeStray(WorkerEntry worker, TaskState task, String stimulus) {
        if (task.processingOn != worker && !task.whoHas.contains(worker)) {
            outbox.free(worker.address, task.key, stimulus);
        }
    }

    /// Of the shuffles that the task is an input, the barrier, or an output of.
    private static List<TaskState> barriers(TaskState task) {
        List<TaskState> barriers = new ArrayList<>();
        List<TaskState> candidates = new ArrayList<>(List.of(task));
        candidates.addAll(task.dependents);
        candidates.addAll(task.dependencies);
        for (TaskState candidate : candidates) {
            if (candidate.key.toString().startsWith(BARRIER_PREFIX)) {
                barriers.add(candidate);
            }
        }
        return barriers;
    }

    // ---- what follows from other events ----

    /// A worker is about to leave: runs that end over it are to be begun anew.
    void workerLeaves() {
        ended = active.isEmpty() ? null : new LinkedHashSet<>();
    }

    /// What it ran and held has been released.
    void workerLeft(String worker, String stimulus) {
        if (ended == null) {
            return;
        }
        for (ShuffleRun run : List.copyOf(active.values())) {
            if (run.participants.contains(worker)) {
                end(run, "Worker " + worker + " left during active " + run);
            }
        }
        Set<TaskState> barriers = ended;
        ended = null;
        for (TaskState barrier : barriers) {
            restart(barrier, stimulus);
        }
    }

    /// Outputs, barrier and inputs are released, and done again as far as they are needed. Not if one of those
    /// fails that all need. Beyond Dask's rule, an output that failed stays so, but does not keep the others
    /// from it.
    private void restart(TaskState barrier, String stimulus) {
        if (state.tasks.get(barrier.key) != barrier
                || barrier.status == TaskStatus.ERRED
                || anyErred(barrier.dependencies)) {
            return;
        }
        var recommendations = new Recommendations();
        for (TaskState output : barrier.dependents) {
            if (output.status != TaskStatus.ERRED) {
                recommendations.add(output, TaskStatus.RELEASED);
            }
        }
        recommendations.add(barrier, TaskStatus.RELEASED);
        for (TaskState input : barrier.dependencies) {
            recommendations.add(input, TaskStatus.RELEASED);
        }
        state.transitions.run(recommendations, stimulus);
    }

    private static boolean anyErred(Collection<TaskState> tasks) {
        for (TaskState task : tasks) {
            if (task.status == TaskStatus.ERRED) {
                return true;
            }
        }
        return false;
    }

    /// A task is about to go to this status. Called for each transition while a shuffle is active, which must not cost
    /// much.
    void transition(TaskState task, TaskStatus to, String stimulus) {
        switch (to) {
            case RELEASED -> released(task);
            case FORGOTTEN -> {
                endOf(task);
                restarts.remove(task);
            }
            case ERRED -> {
                if (task.uncommon.blame == task) {
                    tellFailure(task, stimulus);
                }
                endOf(task);
            }
            case WAITING, NO_WORKER, QUEUED, PROCESSING, MEMORY -> {
                // The shuffle goes on.
            }
        }
    }

    /// A barrier that is released ends its run, but for one that only could not be placed, and still is to be.
    private void released(TaskState task) {
        boolean needed = task.isNeeded();
        boolean begun = task.status != TaskStatus.NO_WORKER && task.status != TaskStatus.QUEUED;
        if (begun || !needed) {
            endOf(task);
        }
    }

    private void endOf(TaskState barrier) {
        ShuffleRun run = byBarrier.get(barrier);
        if (run != null) {
            end(run, run + " forgotten");
        }
    }

    private void tellFailure(TaskState task, String stimulus) {
        for (ShuffleRun run : active.values()) {
            TaskState barrier = run.barrier;
            if (!run.failed
                    && (task == barrier || barrier.dependents.contains(task) || barrier.dependencies.contains(task))) {
                run.failed = true;
                Map<String, String> message = new LinkedHashMap<>();
                message.put("action", "p2p-failed");
                message.put("shuffle", run.id);
                message.put("stimulus", stimulus);
                outbox.log("p2p", message);
                return;
            }
        }
    }

    private void end(ShuffleRun run, String reason) {
        active.remove(run.id);
        byBarrier.remove(run.barrier);
        if (ended != null) {
            ended.add(run.barrier);
        }
        for (String participant : run.participants) {
            WorkerEntry worker = state.workers.get(participant);
            if (worker != null) {
                outbox.worker(worker, new Command.ShuffleFail(run.id, run.runId, reason));
            }
        }
        unrestrict(run);
        // Outputs that are shared with another run are free again, too; that run will send them where they belong.
        for (ShuffleRun other : sharingOutputs(run.barrier)) {
            for (TaskState output : run.barrier.dependents) {
                if (other.restricted.containsKey(output)) {
                    output.restrict(other.restricted.remove(output));
                }
            }
        }
    }

    private static void unrestrict(ShuffleRun run) {
        for (var entry : run.restricted.entrySet()) {
            entry.getKey().restrict(entry.getValue());
        }
        run.restricted.clear();
    }
}
