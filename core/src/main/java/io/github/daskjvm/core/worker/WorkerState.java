package io.github.daskjvm.core.worker;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A worker as a function of what happened: `handle(events, now) -> instructions`. It decides which tasks run
/// next, what is fetched from whom, and what the scheduler is told; it holds no value itself.
///
/// What a task goes through is in four places: [Submission] for what the scheduler asks, [Execution] for tasks
/// that run, [Gathering] for values from peers, [Lifecycle] for what these share. Owned by one thread at a time.
public final class WorkerState {
    final WorkerConfig config;
    final Map<TaskKey, WorkerTask> tasks = new HashMap<>();
    final Lifecycle lifecycle = new Lifecycle(this);
    final Execution execution;
    final Gathering gathering;
    private final Submission submission = new Submission(this);
    /// By ordinal of the status.
    private final int[] counts = new int[WorkerTaskStatus.values().length];
    private final BiConsumer<WorkerTaskStatus, WorkerTaskStatus> onTransition;

    private List<WorkerInstruction> out = new ArrayList<>();
    private long sequence;
    boolean paused;
    long nowNanos;

    public WorkerState(WorkerConfig config) {
        this(config, (from, to) -> {});
    }

    /// @param onTransition sees every transition
    WorkerState(WorkerConfig config, BiConsumer<WorkerTaskStatus, WorkerTaskStatus> onTransition) {
        this.config = config;
        this.execution = new Execution(this, config.resources());
        this.gathering = new Gathering(this);
        this.onTransition = onTransition;
    }

    public List<WorkerInstruction> handle(WorkerEvent event, long nowNanos) {
        return handle(List.of(event), nowNanos);
    }

    /// Applies the events in order, then starts tasks and transfers as far as there is room.
    ///
    /// @param nowNanos monotonic
    /// @throws IllegalStateException if an invariant does not hold; the state is then not to be used further
    public List<WorkerInstruction> handle(List<? extends WorkerEvent> events, long nowNanos) {
        this.nowNanos = nowNanos;
        for (WorkerEvent event : events) {
            apply(event);
        }
        execution.start();
        gathering.start();
        if (out.isEmpty()) {
            return List.of();
        }
        List<WorkerInstruction> result = out;
        out = new ArrayList<>();
        return result;
    }

    private void apply(WorkerEvent event) {
        switch (event) {
            case WorkerEvent.ComputeTask e -> submission.compute(e);
            case WorkerEvent.FreeKeys e -> submission.free(e);
            case WorkerEvent.RemoveReplicas e -> submission.removeReplicas(e);
            case WorkerEvent.AcquireReplicas e -> submission.acquireReplicas(e);
            case WorkerEvent.CancelCompute e -> submission.cancel(e);
            case WorkerEvent.StealRequest e -> submission.steal(e);
            case WorkerEvent.DataPlaced e -> submission.dataPlaced(e);
            case WorkerEvent.SetPaused e -> paused = e.paused();
            case WorkerEvent.TaskFinished e -> execution.finished(e);
            case WorkerEvent.TaskErred e -> execution.erred(e);
            case WorkerEvent.TaskLongRunning e -> execution.longRunning(e);
            case WorkerEvent.TaskResumed e -> execution.resumed(e);
            case WorkerEvent.TaskRescheduled e -> execution.rescheduled(e);
            case WorkerEvent.RefreshWhoHas e -> gathering.refresh(e);
            case WorkerEvent.RemoveWorker e -> gathering.removeWorker(e);
            case WorkerEvent.TransferFinished e -> gathering.finished(e);
            case WorkerEvent.TransferFailed e -> gathering.failed(e);
            case WorkerEvent.TransferBusy e -> gathering.busy(e);
            case WorkerEvent.TimerFired e -> gathering.timerFired(e.timer());
        }
    }

    /// Tasks in the state now.
    public int count(WorkerTaskStatus status) {
        return counts[status.ordinal()];
    }

    /// Tasks in each state by its ordinal, as a copy.
    public int[] counts() {
        return counts.clone();
    }

    /// Counts as [#counts] gives them, by the names of the states, every state named.
    public static Map<String, Integer> byName(int[] counts) {
        var byName = LinkedHashMap.<String, Integer>newLinkedHashMap(counts.length);
        for (WorkerTaskStatus status : WorkerTaskStatus.values()) {
            byName.put(status.wireName(), counts[status.ordinal()]);
        }
        return Collections.unmodifiableMap(byName);
    }

    /// Null for a task not known here.
    public @Nullable WorkerTaskStatus status(TaskKey key) {
        WorkerTask task = tasks.get(key);
        return task == null ? null : task.status;
    }

    /// Keys known here with their states, as a copy.
    public Map<TaskKey, WorkerTaskStatus> statuses() {
        var all = HashMap.<TaskKey, WorkerTaskStatus>newHashMap(tasks.size());
        tasks.forEach((key, task) -> all.put(key, task.status));
        return all;
    }

    /// Peers from which something is being fetched.
    public int peersInFlight() {
        return gathering.transfers();
    }

    /// Bytes of it, as far as known beforehand.
    public long bytesInFlight() {
        return gathering.incomingBytes();
    }

    WorkerTask known(TaskKey key, Priority priority) {
        WorkerTask task = tasks.get(key);
        if (task == null) {
            task = new WorkerTask(key, sequence++, priority);
            tasks.put(key, task);
            counted(task.status, 1);
        }
        return task;
    }

    void forget(WorkerTask task) {
        require(task.status == WorkerTaskStatus.RELEASED, task, "is forgotten");
        tasks.remove(task.key);
        counted(task.status, -1);
    }

    void move(WorkerTask task, WorkerTaskStatus to) {
        if (!Transitions.allowed(task.status, to)) {
            throw new IllegalStateException("no transition of " + task + " to " + to.wireName());
        }
        counted(task.status, -1);
        counted(to, 1);
        onTransition.accept(task.status, to);
        task.status = to;
    }

    private void counted(WorkerTaskStatus status, int change) {
        counts[status.ordinal()] += change;
    }

    void instruct(WorkerInstruction instruction) {
        out.add(instruction);
    }

    void send(WorkerMessage message) {
        out.add(new WorkerInstruction.Send(message));
    }

    static void require(boolean condition, WorkerTask task, String what) {
        if (!condition) {
            throw new IllegalStateException("task " + task + " " + what);
        }
    }

    Collection<WorkerTask> allTasks() {
        return tasks.values();
    }

    /// @throws IllegalStateException naming the first invariant that does not hold
    public void checkInvariants() {
        WorkerInvariants.check(this);
        var actual = new int[counts.length];
        for (WorkerTask task : tasks.values()) {
            actual[task.status.ordinal()]++;
        }
        if (!Arrays.equals(actual, counts)) {
            throw new IllegalStateException("there are tasks " + byName(actual) + ", the counts say " + byName(counts));
        }
    }
}
