package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.scheduler.peers.EventLog;
import io.github.daskjvm.scheduler.peers.Failures;
import io.github.daskjvm.scheduler.peers.TaskActions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the live page shows. Any thread may call. Only the three questions about one thing (`task`, `worker`,
/// `graph`) may wait for the scheduler's loop; they are asked when a person asks them, never for a frame.
public interface StatusSource {
    SchedulerSnapshot snapshot();

    /// What each worker said last, in order of joining.
    List<WorkerGauges> gauges();

    TaskActions actions();

    Failures failures();

    /// The last events, oldest first.
    List<EventLog.Told> events();

    /// The scheduler's address; empty before it listens.
    String address();

    /// What whoever looks must know about the whole, in a sentence: that the scheduler does not answer, that
    /// something is missing. Null while there is nothing to say.
    default @Nullable String notice() {
        return null;
    }

    /// Another number after each start of the scheduler, where this outlives it: open pages begin anew then.
    default long generation() {
        return 0;
    }

    /// What is known of a task, as JSON values; null if it is not known.
    ///
    /// @param key as [io.github.daskjvm.core.model.TaskKey#toString] shows it
    @Nullable
    Map<String, @Nullable Object> task(String key);

    /// The same of a worker.
    @Nullable
    Map<String, @Nullable Object> worker(String address);

    /// Bytes of results that came to a worker from another since both are there: an estimate where several workers
    /// had a result.
    ///
    /// @param to the address of who fetched
    record Moved(String to, String from, long bytes) {}

    /// The pairs of workers between which most was moved, most first; none where that is not known. May wait for the
    /// scheduler's loop, as the questions about one thing.
    default List<Moved> moved() {
        return List.of();
    }

    /// Tasks, or where there are too many of them groups of tasks, with what depends on what.
    Map<String, @Nullable Object> graph();
}
