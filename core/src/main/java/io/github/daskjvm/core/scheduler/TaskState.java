package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A task as the scheduler knows it: a node of the hot graph, mutable, touched by the loop's thread alone.
/// The sets keep insertion order, so that equal runs do equal things. 128 bytes, so that what is not said of most tasks
/// belongs into [Uncommon], and what is the same for a graph into an object that its tasks share.
public final class TaskState implements Comparable<TaskState>, OrderedSet.Item<TaskState> {
    private static final Priority NO_PRIORITY = new Priority(0, 0, 0);
    private static final long LOWER_HALF = 0xffff_ffffL;

    final TaskKey key;
    final TaskGroup group;
    /// Not known before there is something to run.
    Runtime runtime;
    /// When it was first known; breaks ties of priority.
    final long sequence;

    TaskStatus status = TaskStatus.RELEASED;
    /// Null for data without a way to compute it.
    @Nullable
    Object runSpec;

    TaskSpec.TaskOptions options;
    /// Its priority but for the lower half of `order`, the same object for all tasks of most graphs.
    private Priority rank = NO_PRIORITY;

    private int lowerOrder;
    /// Where it is in its [TaskQueue], or, negative, in its [TaskRing]; 0 if it is in none.
    int place;

    Uncommon uncommon = Uncommon.NONE;
    long runId;
    long sizeBytes = -1;

    @Nullable
    Object type;

    @Nullable
    String typeName;

    boolean hasLostDependencies;
    /// What it is due to that the task became ready; goes with it to its worker.
    String readyStimulus = "";
    /// Since when it could be given to a worker; 0 if it is waiting for something, or was given to one.
    long readyNanos;
    /// Its worker was asked to give it up, and kept it.
    boolean unstealable;
    /// A graph that becomes tasks bit by bit is to have it, see [GraphIntake].
    boolean held;
    /// [GraphTracing] is told of it.
    boolean traced;

    OrderedSet<TaskState> dependencies = OrderedSet.none();
    OrderedSet<TaskState> dependents = OrderedSet.none();
    OrderedSet<TaskState> waitingOn = OrderedSet.none();
    OrderedSet<TaskState> waiters = OrderedSet.none();
    OrderedSet<WorkerEntry> whoHas = OrderedSet.none();
    OrderedSet<ClientEntry> whoWants = OrderedSet.none();

    private @Nullable OrderedSet<TaskState> alone;

    @Nullable
    WorkerEntry processingOn;

    TaskState(TaskKey key, TaskGroup group, Runtime runtime, long sequence) {
        this.key = key;
        this.group = group;
        this.runtime = runtime;
        this.sequence = sequence;
        this.options = TaskSpec.TaskOptions.NONE;
    }

    @Override
    public OrderedSet<TaskState> alone() {
        if (alone == null) {
            alone = OrderedSet.of(this);
        }
        return alone;
    }

    /// @throws IllegalStateException if it is in a queue or ring
    void checkIsNowhere() {
        if (place != 0) {
            throw new IllegalStateException(this + " is in another queue or ring");
        }
    }

    /// Takes over what was submitted.
    void specify(TaskSpec spec) {
        runtime = spec.runtime();
        runSpec = spec.runSpec();
        options = spec.options();
        List<String> allowed = options.workers();
        restrict(allowed == null || allowed.isEmpty() ? null : allowed);
        if (uncommon != Uncommon.NONE || options.retries() != 0 || options.allowOtherWorkers()) {
            uncommon().retries = options.retries();
            uncommon().looseRestrictions = options.allowOtherWorkers();
        }
    }

    /// What few tasks have, to be changed.
    Uncommon uncommon() {
        if (uncommon == Uncommon.NONE) {
            uncommon = new Uncommon();
        }
        return uncommon;
    }

    /// @param workers addresses, names or hosts; null for any
    void restrict(@Nullable List<String> workers) {
        if (workers != null || uncommon != Uncommon.NONE) {
            uncommon().workerRestrictions = workers;
        }
    }

    /// It can't be done; or, with neither, it can be after all.
    ///
    /// @param root the task that failed
    void blame(@Nullable TaskState root, @Nullable Failure why) {
        if (root != null || uncommon != Uncommon.NONE) {
            uncommon().blame = root;
            uncommon().failure = why;
        }
    }

    /// @return whether it was among the waiters
    boolean removeWaiter(TaskState waiter) {
        int before = waiters.size();
        waiters = waiters.without(waiter);
        return waiters.size() < before;
    }

    /// @return whether it waited for it
    boolean removeWaitingOn(TaskState dependency) {
        int before = waitingOn.size();
        waitingOn = waitingOn.without(dependency);
        return waitingOn.size() < before;
    }

    public TaskKey key() {
        return key;
    }

    public TaskStatus status() {
        return status;
    }

    public String prefix() {
        return group.prefix.name;
    }

    public String group() {
        return group.name;
    }

    /// Whether its restrictions and resources let it run there; its runtime aside.
    public boolean mayRunOn(WorkerEntry worker) {
        return (uncommon.looseRestrictions || Restrictions.allows(this, worker))
                && Restrictions.hasResources(this, worker);
    }

    /// From now on [GraphTracing] is told of it. Called by that, when a graph comes.
    public void trace() {
        traced = true;
    }

    public boolean isTraced() {
        return traced;
    }

    /// The number of the latest attempt, unique among all tasks'; 0 before it was given to a worker.
    public long runId() {
        return runId;
    }

    /// Since when it could be given to a worker, by the clock of the events; 0 if it is waiting for something, or was
    /// given to one.
    public long readyNanos() {
        return readyNanos;
    }

    /// Smaller goes first.
    public Priority priority() {
        return new Priority(rank.user(), rank.generation(), rank.order() | lowerOrder & LOWER_HALF);
    }

    /// The first priority of a task stays.
    ///
    /// @param last of another task of the graph, as this returned it, which is shared if it can be
    Priority prioritise(@Nullable Priority last, double user, double generation, long order) {
        if (rank != NO_PRIORITY) {
            return rank;
        }
        long upper = order & ~LOWER_HALF;
        var own = new Priority(user, generation, upper);
        rank = last != null && own.equals(last) ? last : own;
        lowerOrder = (int) order;
        return rank;
    }

    public Collection<TaskState> dependents() {
        return Collections.unmodifiableCollection(dependents);
    }

    /// Dependencies whose results are not there yet.
    public Collection<TaskState> waitingOn() {
        return Collections.unmodifiableCollection(waitingOn);
    }

    /// Times that it may still fail before it is erred.
    public int retries() {
        return uncommon.retries;
    }

    /// Times that a worker died with it.
    public int suspicious() {
        return uncommon.suspicious;
    }

    public Runtime runtime() {
        return runtime;
    }

    /// As submitted; null for data that was placed.
    public @Nullable Object runSpec() {
        return runSpec;
    }

    /// Workers that hold the result.
    public Collection<WorkerEntry> whoHas() {
        return Collections.unmodifiableCollection(whoHas);
    }

    public Collection<ClientEntry> whoWants() {
        return Collections.unmodifiableCollection(whoWants);
    }

    public Collection<TaskState> dependencies() {
        return Collections.unmodifiableCollection(dependencies);
    }

    public @Nullable WorkerEntry processingOn() {
        return processingOn;
    }

    /// Bytes of the result as its worker measured them; 0 if unknown.
    public long sizeBytes() {
        return Math.max(sizeBytes, 0);
    }

    /// Whether it has ever had a result.
    public boolean hasRun() {
        return sizeBytes >= 0;
    }

    /// The opaque pickled class of the result.
    public @Nullable Object type() {
        return type;
    }

    public @Nullable String typeName() {
        return typeName;
    }

    /// The span of its group; null before it was to run.
    public @Nullable String spanId() {
        return group.spanId();
    }

    /// Likewise.
    public @Nullable Span span() {
        return group.span;
    }

    /// What a worker is told that the task is annotated with: its span's tags and ids, unless that is a default span.
    public @Nullable SpanPath spanAnnotation() {
        return group.span == null ? null : group.span.annotation();
    }

    /// As submitted, opaque, and without the annotation `span` if there is one; null for none.
    public @Nullable Object annotations() {
        return options.span() == null ? options.annotations() : options.span().others();
    }

    /// The task at the root of this one's failure; null unless erred.
    public @Nullable TaskState blame() {
        return uncommon.blame;
    }

    public @Nullable Failure failure() {
        return uncommon.failure;
    }

    public List<String> erredOn() {
        return uncommon.erredOn == null ? List.of() : List.copyOf(uncommon.erredOn);
    }

    /// Whether nobody wants it and nothing depends on it, so that it is forgotten wherever it would be done again.
    boolean isUseless() {
        return dependents.isEmpty() && whoWants.isEmpty() && !held;
    }

    /// Whether something waits for its result.
    boolean isNeeded() {
        return !waiters.isEmpty() || !whoWants.isEmpty() || held;
    }

    @Override
    public int compareTo(TaskState other) {
        int byRank = rank == other.rank ? 0 : rank.compareTo(other.rank);
        if (byRank != 0) {
            return byRank;
        }
        int byOrder = Integer.compareUnsigned(lowerOrder, other.lowerOrder);
        return byOrder != 0 ? byOrder : Long.compare(sequence, other.sequence);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return (int) sequence;
    }

    @Override
    public String toString() {
        return key + " (" + status.wireName() + ")";
    }
}
