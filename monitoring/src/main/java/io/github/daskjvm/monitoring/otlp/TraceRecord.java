package io.github.daskjvm.monitoring.otlp;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event.StartStop;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What becomes a few spans. Immutable, made by the event loop's thread, and made into spans by another. Times are
/// nanoseconds since 1970 by the scheduler's clock, but for those in [StartStop].
sealed interface TraceRecord {

    /// A graph that has ended.
    ///
    /// @param submitter the span of the task that submitted it; null if a client's program did
    /// @param client id
    /// @param arrived when the client's message had arrived, and `submitted` when the tasks were in the state
    /// @param unpackedOn the worker that unpacked it; null where none had to
    /// @param wanted keys that the client holds futures for
    /// @param spans names of Dask's spans that its tasks belong to, the outer ones before `/`; a few at most
    /// @param failure why the first task failed; null if none did
    record Graph(
            SpanRef ref,
            @Nullable SpanRef submitter,
            String client,
            long arrived,
            long submitted,
            long end,
            @Nullable String unpackedOn,
            long unpackNanos,
            int wanted,
            List<String> spans,
            Tasks tasks,
            @Nullable String failure)
            implements TraceRecord {}

    /// What became of a graph's new tasks.
    ///
    /// @param all of the graph
    /// @param untraced beyond the bounds; the others are the sum of `done`, `erred`, `cancelled` and `unfinished`
    /// @param unfinished when the scheduler ended
    /// @param dropped attempts of which spans were to be made and had no room
    record Tasks(int all, int untraced, int done, int erred, int cancelled, int unfinished, int dropped) {}

    /// A task's time on a worker, or what was to be one.
    ///
    /// @param graph the span of its graph, and `graphStart` when that begins
    /// @param links spans of its dependencies, as far as they have been traced; a thousand at most
    /// @param dependencies how many there are
    /// @param worker null if it was never given to one
    /// @param number of the attempt, from 1 on
    /// @param ready since when it could be given to a worker
    /// @param given when it was; 0 if it was not
    /// @param end when the scheduler was told how it ended
    /// @param thread of the worker; 0 if unknown
    /// @param failure why it failed; null if it did not
    record Attempt(
            SpanRef ref,
            SpanRef graph,
            long graphStart,
            TaskKey key,
            String prefix,
            String group,
            List<SpanRef> links,
            int dependencies,
            @Nullable String worker,
            long runId,
            int number,
            long ready,
            long given,
            long end,
            List<StartStop> actions,
            Outcome outcome,
            long thread,
            long sizeBytes,
            @Nullable String typeName,
            @Nullable Failed failure)
            implements TraceRecord {}

    /// @param text the exception's, and `traceback` where there is one
    record Failed(String text, String traceback) {}

    /// How an attempt ended; by the state that the task came to, as Dask names it.
    enum Outcome {
        MEMORY,
        ERRED,
        /// Nobody needs it any more, or it is to run elsewhere, or its worker is gone.
        RELEASED,
        /// The scheduler ended.
        UNFINISHED;

        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
