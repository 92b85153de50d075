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
/// The sets keep insertion order, so that equal runs do equal things.
public final class TaskState implements Comparable<TaskState> {
    private static final Priority NO_PRIORITY = new Priority(0, 0, 0);

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
    Priority priority = NO_PRIORITY;

    /// Addresses, names or hosts; null for any.
    @Nullable
    List<String> workerRestrictions;

    boolean looseRestrictions;
    boolean prioritised;
    /// False for what must not be held back as a root task, whatever it looks like.
    boolean queueable = true;
    int retries;
    int suspicious;
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
    /// [GraphTracing] is told of it.
    boolean traced;

    final OrderedSet<TaskState> dependencies = new OrderedSet<>();
    final OrderedSet<TaskState> dependents = new OrderedSet<>();
    final OrderedSet<TaskState> waitingOn = new OrderedSet<>();
    final OrderedSet<TaskState> waiters = new OrderedSet<>();
    final OrderedSet<WorkerEntry> whoHas = new OrderedSet<>();
    final OrderedSet<ClientEntry> whoWants = new OrderedSet<>();

    @Nullable
    WorkerEntry processingOn;

    /// What failed: this task or one it depends on.
    @Nullable
    TaskState blame;

    /// Why the task to blame failed.
    @Nullable
    Failure failure;

    final OrderedSet<String> erredOn = new OrderedSet<>();

    TaskState(TaskKey key, TaskGroup group, Runtime runtime, long sequence) {
        this.key = key;
        this.group = group;
        this.runtime = runtime;
        this.sequence = sequence;
        this.options = TaskSpec.TaskOptions.NONE;
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
        return (looseRestrictions || Restrictions.allows(this, worker)) && Restrictions.hasResources(this, worker);
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
        return priority;
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
        return retries;
    }

    /// Times that a worker died with it.
    public int suspicious() {
        return suspicious;
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
        return blame;
    }

    public @Nullable Failure failure() {
        return failure;
    }

    public List<String> erredOn() {
        return List.copyOf(erredOn);
    }

    /// Whether nobody wants it and nothing depends on it, so that it is forgotten wherever it would be done again.
    boolean isUseless() {
        return dependents.isEmpty() && whoWants.isEmpty();
    }

    @Override
    public int compareTo(TaskState other) {
        int byPriority = priority.compareTo(other.priority);
        return byPriority != 0 ? byPriority : Long.compare(sequence, other.sequence);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public String toString() {
        return key + " (" + status.wireName() + ")";
    }
}
