package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A task as submitted.
///
/// @param runSpec opaque: what the worker gets to run
/// @param dependencies keys whose values the task needs
/// @param order place within its graph, smaller first
/// @param options what the user asked for it, [TaskOptions#NONE] for nothing
public record TaskSpec(
        TaskKey key, Object runSpec, Runtime runtime, List<TaskKey> dependencies, long order, TaskOptions options) {

    /// What a user may ask for a task, by Dask's annotations.
    ///
    /// @param priority `priority=`: larger runs earlier
    /// @param retries times the task may fail before it is erred
    /// @param workers addresses, names or hosts it may run on; null for any
    /// @param allowOtherWorkers `workers` is a preference only
    /// @param resources amount of each resource it holds while it runs
    /// @param annotations opaque: forwarded to the worker; null for none
    /// @param span which the task is annotated with; null for none
    public record TaskOptions(
            double priority,
            int retries,
            @Nullable List<String> workers,
            boolean allowOtherWorkers,
            Map<String, Double> resources,
            boolean actor,
            @Nullable Object annotations,
            @Nullable SpanAnnotation span) {
        public static final TaskOptions NONE = new TaskOptions(0, 0, null, false, Map.of(), false, null, null);

        /// For a task whose result came as data: what it was to be makes no difference any more.
        TaskOptions withoutActor() {
            return actor
                    ? new TaskOptions(
                            priority, retries, workers, allowOtherWorkers, resources, false, annotations, span)
                    : this;
        }
    }

    /// The annotation `span`, and what a worker is told instead of all annotations if the task turns out to belong to
    /// another span, with its group.
    ///
    /// @param others opaque: the annotations without this one; null for none
    public record SpanAnnotation(SpanPath path, @Nullable Object others) {}
}
