package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who runs what. Runs once per batch, for no more than a slice: ready tasks by priority, each to the worker where it
/// is expected to start
/// soonest; root tasks only to workers with a thread to spare, the rest of them queued. Source of the rules:
/// Dask's `decide_worker` family.
final class Placement {
    private static final int SEARCHED_WORKERS_MAX = 20;
    private static final int COMMON_INPUTS_MAX = 50;
    private static final long COMMON_BYTES_MAX = 100_000_000;
    /// What it takes the scheduler to give tasks to one more worker, and to read what that has to say.
    private static final double TELLING_SECONDS = 15e-6;
    /// What a row takes at most, as long as every worker gets its part.
    private static final double ROW_SECONDS = 0.02;

    private final SchedulerState state;
    private final Outbox outbox;
    private final boolean queuing;
    private final PlacementPolicy policy;
    private final Recommendations none = new Recommendations();
    private @Nullable WorkerEntry chosen;
    /// Takes short root tasks until it has its part of them.
    private @Nullable WorkerEntry filling;
    /// How many it has taken.
    private int inRow;

    private String computeStimulus = "";
    private long computeNanos;

    Placement(SchedulerState state, Outbox outbox) {
        this.state = state;
        this.outbox = outbox;
        this.queuing = !Double.isInfinite(state.config.workerSaturation());
        this.policy = state.config.placement();
    }

    void run() {
        if (!state.newlyRunning.isEmpty() || !state.unrunnable.isIdle()) {
            state.unrunnable.step();
        }
        filling = null;
        int left = state.slices.size;
        while (left > 0) {
            TaskState task = state.ready.poll();
            if (task == null) {
                break;
            }
            left--;
            if (isStillReady(task)) {
                left -= task.dependencies.size();
                state.transitions.stimulus = task.readyStimulus;
                place(task);
            }
        }
        for (Pool pool : state.pools.values()) {
            takeFromQueue(pool);
        }
    }

    /// Of those of which something else becomes, a slice at most.
    private void takeFromQueue(Pool pool) {
        int left = state.slices.size;
        while (!pool.queued.isEmpty() && !pool.open.isEmpty()) {
            TaskState first = pool.queued.first();
            if (left <= 0 && state.looseEnds.contains(first)) {
                break;
            }
            if (state.looseEnds.settle(first)) {
                left -= 1 + first.dependencies.size();
            } else {
                assignTo(first, nextOpen(first, pool));
            }
        }
    }

    /// One of which something else may become has its turn after that.
    private boolean isStillReady(TaskState task) {
        if (!state.looseEnds.settle(task)) {
            return SubmitTransitions.isReady(task);
        }
        if (SubmitTransitions.isReady(task)) {
            state.ready.add(task);
        }
        return false;
    }

    private void place(TaskState task) {
        Pool pool = state.pool(task.runtime);
        if (isRootish(task, pool)) {
            if (queuing) {
                if (pool.open.isEmpty()) {
                    step(task, TaskStatus.QUEUED);
                } else {
                    assignTo(task, nextOpen(task, pool));
                }
            } else {
                assignOrShelve(task, besideItsSiblings(task, pool));
            }
        } else {
            assignOrShelve(task, best(task, pool));
        }
    }

    /// The open worker with the fewest tasks. Of short ones it takes several in a row, no more than it is done with
    /// in [#ROW_SECONDS]: dealt out singly among a thousand workers, each would be a message each way, and
    /// those that one task needs would be on different workers. A row is what makes up the worker's part of the
    /// group, or longer: rows of w of n tasks that take d each are told in c n / w and run in d w, done first where
    /// w w d is c n.
    private WorkerEntry nextOpen(TaskState task, Pool pool) {
        WorkerEntry worker = filling;
        if (worker == null || worker.pool != pool || !pool.open.contains(worker) || !takesAnother(worker, task, pool)) {
            worker = pool.open.next();
            filling = worker;
            inRow = 0;
        }
        inRow++;
        return worker;
    }

    private boolean takesAnother(WorkerEntry worker, TaskState task, Pool pool) {
        TaskGroup group = task.group;
        double seconds = group.prefix.durationSeconds;
        if (seconds < 0 || seconds >= Occupancy.SHORT_TASK_SECONDS) {
            return false;
        }
        double each = seconds + Occupancy.PYTHON_SECONDS;
        long with = worker.processing.size() + 1;
        long siblings = group.count(TaskStatus.RELEASED)
                + group.count(TaskStatus.WAITING)
                + group.count(TaskStatus.QUEUED)
                + group.count(TaskStatus.PROCESSING);
        boolean isOfItsPart = with * pool.totalThreads <= worker.nthreads * siblings;
        return isOfItsPart && inRow * each < ROW_SECONDS * worker.nthreads
                || with * each < Occupancy.NEEDY_SECONDS * worker.nthreads
                        && with * with * each <= siblings * TELLING_SECONDS * worker.nthreads;
    }

    private void assignOrShelve(TaskState task, @Nullable WorkerEntry worker) {
        if (worker == null) {
            step(task, TaskStatus.NO_WORKER);
        } else {
            assignTo(task, worker);
        }
    }

    private static long inputBytes(TaskState task) {
        long bytes = 0;
        for (TaskState dependency : task.dependencies) {
            bytes += dependency.sizeBytes();
        }
        return bytes;
    }

    /// As Dask does, refuses a task whose inputs alone would have its worker killed.
    private void assignTo(TaskState task, WorkerEntry worker) {
        if (policy.refusesLargeInputs()
                && worker.memoryLimitBytes > 0
                && !task.dependencies.isEmpty()
                && inputBytes(task) > worker.memoryLimitBytes) {
            task.blame(task, new Failure.InputsTooLarge(worker.address, inputBytes(task), worker.memoryLimitBytes));
            state.transitions.transition(task, TaskStatus.ERRED, state.transitions.stimulus);
            return;
        }
        chosen = worker;
        step(task, TaskStatus.PROCESSING);
    }

    private void step(TaskState task, TaskStatus to) {
        state.transitions.step(task, to, none);
    }

    /// Whether the task belongs to a group that is large for the cluster and has hardly any inputs, or of which every
    /// task has the same ones: the start of a computation, of which more should not be begun than the workers can
    /// take. Without workers any group is large. Common inputs that are soon copied make no worker a better one, as
    /// each will need them; Dask counts few inputs only. With a setting of zero nothing is a root task, as in Dask.
    private boolean isRootish(TaskState task, Pool pool) {
        TaskGroup group = task.group;
        if (!task.uncommon.queueable
                || group.size <= pool.totalThreads * 2
                || task.uncommon.workerRestrictions != null
                || !task.options.resources().isEmpty()
                || task.options.actor()
                || group.dependencies.size() > Math.max(COMMON_INPUTS_MAX, policy.rootishTaskGroup())) {
            return false;
        }
        int inputs = 0;
        for (TaskGroup dependency : group.dependencies) {
            inputs += dependency.size;
        }
        boolean few =
                group.dependencies.size() < policy.rootishTaskGroup() && inputs < policy.rootishTaskGroupDependencies();
        return few || (policy.hasRootTasks() && areCommon(inputs, task));
    }

    private static boolean areCommon(int inputsOfGroup, TaskState task) {
        return inputsOfGroup > 0
                && inputsOfGroup <= COMMON_INPUTS_MAX
                && inputsOfGroup == task.dependencies.size()
                && inputBytes(task) <= COMMON_BYTES_MAX;
    }

    /// Without queuing, siblings go to one worker in runs, so that what needs several of them finds them together.
    private @Nullable WorkerEntry besideItsSiblings(TaskState task, Pool pool) {
        Collection<WorkerEntry> candidates = pool.idle.isEmpty() ? pool.running : pool.idle;
        if (candidates.isEmpty()) {
            return null;
        }
        TaskGroup group = task.group;
        WorkerEntry worker = group.lastWorker;
        if (worker == null
                || group.lastWorkerTasksLeft <= 0
                || worker.pool != pool
                || worker.status != WorkerStatus.RUNNING
                || state.workers.get(worker.address) != worker) {
            worker = soonest(task, candidates);
            group.lastWorkerTasksLeft = (int) Math.floor((double) group.size / pool.totalThreads * worker.nthreads);
        }
        boolean more = group.count(TaskStatus.RELEASED) + group.count(TaskStatus.WAITING) > 1;
        group.lastWorker = more ? worker : null;
        group.lastWorkerTasksLeft--;
        return worker;
    }

    private @Nullable WorkerEntry best(TaskState task, Pool pool) {
        if (pool.running.isEmpty()) {
            return null;
        }
        boolean restricted = task.uncommon.workerRestrictions != null
                || !task.options.resources().isEmpty();
        if (task.dependencies.isEmpty() && !restricted && !task.options.actor()) {
            return anyWorker(pool);
        }
        Collection<WorkerEntry> valid = restricted ? Restrictions.validWorkers(task, pool) : pool.running;
        if (valid.isEmpty()) {
            if (!task.uncommon.looseRestrictions) {
                return null;
            }
            valid = Restrictions.withResources(task, pool);
            if (valid.isEmpty()) {
                return null;
            }
        }
        OrderedSet<WorkerEntry> holders = OrderedSet.none();
        if (!task.options.actor()) {
            for (TaskState dependency : task.dependencies) {
                for (WorkerEntry worker : dependency.whoHas) {
                    boolean allowed = valid == pool.running ? worker.pool == pool : valid.contains(worker);
                    if (worker.status == WorkerStatus.RUNNING && allowed) {
                        holders = holders.with(worker);
                    }
                }
            }
        }
        return soonest(task, holders.isEmpty() ? valid : holders);
    }

    /// For tasks that need nothing: the worker with the least to do, in turn among those with nothing to do.
    /// Of many it is the next in turn, whatever it has to do, as in Dask.
    private WorkerEntry anyWorker(Pool pool) {
        boolean someIdle = !pool.idle.isEmpty();
        int size = someIdle ? pool.idle.size() : pool.running.size();
        int start = (int) (pool.placed % size);
        if (size >= SEARCHED_WORKERS_MAX) {
            return someIdle ? pool.idle.get(start) : pool.running(start);
        }
        List<WorkerEntry> candidates = anyCandidates(pool);
        WorkerEntry best = candidates.get(start);
        for (int i = 0; i < candidates.size(); i++) {
            WorkerEntry worker = candidates.get((start + i) % candidates.size());
            if (worker.occupancySeconds() == 0) {
                return worker;
            }
            if (worker.occupancySeconds < best.occupancySeconds) {
                best = worker;
            }
        }
        return best;
    }

    /// The idle workers, or all that run. Few stand in the order in which they joined, not that in which they became
    /// idle, which would turn with the turns: a task that is tried again would come to the same worker every time.
    private static List<WorkerEntry> anyCandidates(Pool pool) {
        if (pool.idle.isEmpty()) {
            return List.copyOf(pool.running);
        }
        if (pool.running.size() >= SEARCHED_WORKERS_MAX) {
            return List.copyOf(pool.idle);
        }
        List<WorkerEntry> idle = new ArrayList<>(pool.running.size());
        for (WorkerEntry worker : pool.running) {
            if (worker.idle) {
                idle.add(worker);
            }
        }
        return idle;
    }

    /// The worker where the task is expected to start soonest; of equals the one that stores least. An actor, which
    /// stays, goes where there are fewest.
    private WorkerEntry soonest(TaskState task, Collection<WorkerEntry> candidates) {
        if (task.options.actor()) {
            return soonestOf(task, withFewestActors(candidates));
        }
        return soonestOf(task, candidates);
    }

    private static List<WorkerEntry> withFewestActors(Collection<WorkerEntry> candidates) {
        var fewest = new ArrayList<WorkerEntry>();
        for (WorkerEntry worker : candidates) {
            if (!fewest.isEmpty()
                    && worker.actors.size() < fewest.getFirst().actors.size()) {
                fewest.clear();
            }
            if (fewest.isEmpty()
                    || worker.actors.size() == fewest.getFirst().actors.size()) {
                fewest.add(worker);
            }
        }
        return fewest;
    }

    private WorkerEntry soonestOf(TaskState task, Collection<WorkerEntry> candidates) {
        WorkerEntry best = null;
        double bestStart = Double.POSITIVE_INFINITY;
        for (WorkerEntry worker : candidates) {
            if (candidates.size() == 1) {
                return worker;
            }
            double start = worker.occupancySeconds / worker.nthreads + state.occupancy.transferSeconds(task, worker);
            if (best == null || start < bestStart || (start == bestStart && worker.storedBytes < best.storedBytes)) {
                best = worker;
                bestStart = start;
            }
        }
        if (best == null) {
            throw new IllegalStateException("no candidate for " + task);
        }
        return best;
    }

    /// The transition into `processing`: takes the worker that was chosen.
    void assign(TaskState task) {
        WorkerEntry worker = chosen;
        if (worker == null) {
            throw new IllegalStateException("no worker was chosen for " + task);
        }
        chosen = null;
        task.readyStimulus = "";
        state.setStatus(task, TaskStatus.PROCESSING);
        state.pool(task.runtime).placed++;
        long readyNanos = task.readyNanos;
        state.measured.placed(task, state.nowNanos);
        give(task, worker, readyNanos);
    }

    /// Takes the task, which its worker has given up, to another one.
    void move(TaskState task, WorkerEntry to) {
        exitProcessing(task);
        give(task, to, state.nowNanos);
    }

    /// @param readyNanos since when it could have been given
    private void give(TaskState task, WorkerEntry worker, long readyNanos) {
        task.processingOn = worker;
        task.unstealable = false;
        task.runId = state.nextRunId();
        if (task.traced) {
            state.tracing.given(task, worker.address, readyNanos);
        }
        state.occupancy.addProcessing(worker, task);
        if (task.options.actor()) {
            worker.actors.add(task);
        }
        Restrictions.acquire(task, worker);
        Object runSpec = task.runSpec;
        Span span = task.group.span;
        if (runSpec == null || span == null) {
            throw new IllegalStateException("nothing to run for " + task);
        }
        TaskSpec.SpanAnnotation own = task.options.span();
        boolean asAnnotated =
                own == null ? span.annotation() == null : own.path().id().equals(span.id());
        outbox.worker(
                worker,
                new Command.ComputeTask(
                        task.key,
                        task.runId,
                        task.priority(),
                        inputs(task),
                        runSpec,
                        task.options.resources(),
                        task.options.actor(),
                        asAnnotated || own == null ? task.options.annotations() : own.others(),
                        span.id(),
                        asAnnotated ? null : span.annotation(),
                        state.occupancy.expectedSeconds(task.group.prefix),
                        stimulus()));
    }

    private static List<Command.Dependency> inputs(TaskState task) {
        if (task.dependencies.isEmpty()) {
            return List.of();
        }
        List<Command.Dependency> inputs = new ArrayList<>(task.dependencies.size());
        for (TaskState dependency : task.dependencies) {
            inputs.add(new Command.Dependency(dependency.key, addresses(dependency.whoHas), dependency.sizeBytes()));
        }
        return inputs;
    }

    /// One for all tasks that a batch hands out; workers show it in their own stories.
    private String stimulus() {
        if (computeNanos != state.nowNanos || computeStimulus.isEmpty()) {
            computeNanos = state.nowNanos;
            computeStimulus = "compute-task-" + state.nowNanos;
        }
        return computeStimulus;
    }

    static List<String> addresses(Set<WorkerEntry> workers) {
        List<String> addresses = new ArrayList<>(workers.size());
        for (WorkerEntry worker : workers) {
            addresses.add(worker.address);
        }
        return addresses;
    }

    /// The task leaves its worker, whatever becomes of it.
    ///
    /// @return the worker; null if it is gone
    @Nullable
    WorkerEntry exitProcessing(TaskState task) {
        WorkerEntry worker = task.processingOn;
        if (worker == null) {
            throw new IllegalStateException(task + " is on no worker");
        }
        task.processingOn = null;
        state.stealing.remove(task);
        state.occupancy.removeProcessing(worker, task);
        if (task.options.actor()) {
            worker.actors.remove(task);
        }
        boolean lost = state.workers.get(worker.address) != worker;
        if (task.traced) {
            state.tracing.left(task, lost);
        }
        if (lost) {
            return null;
        }
        Restrictions.release(task, worker);
        return worker;
    }
}
