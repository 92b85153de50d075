package io.github.daskjvm.monitoring.otlp;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.Span;
import io.github.daskjvm.core.scheduler.TaskState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A traced graph that has not ended. For the event loop's thread.
final class GraphTrace {
    private static final int SPANS_MAX = 10;

    final SpanRef ref;
    final long arrivedNanos;
    final long submittedNanos;
    private final @Nullable SpanRef submitter;
    private final String client;
    private final Event.Submission submission;
    private final int allTasks;
    private final int wanted;
    /// From the loop's clock to nanoseconds since 1970. Each graph has its own, as clocks are set.
    private final long epochOffset;
    private final List<String> spans = new ArrayList<>(1);
    private @Nullable Span lastSpan;

    final List<TaskTrace> tasks;
    /// Tasks that have yet to come to an end.
    int open;
    int dropped;
    boolean ended;

    @Nullable
    String failure;

    GraphTrace(
            SpanRef ref, @Nullable SpanRef submitter, Event.UpdateGraph event, int allTasks, int room, long nowNanos) {
        this.ref = ref;
        this.submitter = submitter;
        this.allTasks = allTasks;
        this.wanted = event.wanted().size();
        this.client = event.client();
        this.submission = event.submission();
        this.submittedNanos = nowNanos;
        long arrived = submission.arrivedNanos();
        this.arrivedNanos = arrived == 0 ? nowNanos : Math.min(arrived, nowNanos);
        Instant now = Instant.now();
        this.epochOffset = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - nowNanos;
        this.tasks = new ArrayList<>(Math.min(room, allTasks));
    }

    /// As nanoseconds since 1970.
    long epoch(long nanos) {
        return nanos + epochOffset;
    }

    TaskTrace add(TaskState task) {
        var trace = new TaskTrace(this, task);
        tasks.add(trace);
        open++;
        Span span = task.span();
        if (span != null && span != lastSpan && spans.size() < SPANS_MAX) {
            lastSpan = span;
            String name = String.join("/", span.name());
            if (!spans.contains(name)) {
                spans.add(name);
            }
        }
        return trace;
    }

    TraceRecord.Graph end() {
        int done = 0;
        int erred = 0;
        int unfinished = 0;
        for (TaskTrace task : tasks) {
            done += task.done ? 1 : 0;
            erred += task.erred ? 1 : 0;
            unfinished += task.open ? 1 : 0;
        }
        var counts = new TraceRecord.Tasks(
                allTasks,
                allTasks - tasks.size(),
                done,
                erred,
                tasks.size() - done - erred - unfinished,
                unfinished,
                dropped);
        return new TraceRecord.Graph(
                ref,
                submitter,
                client,
                epoch(arrivedNanos),
                epoch(submittedNanos),
                epoch(System.nanoTime()),
                submission.unpackedOn(),
                submission.unpackNanos(),
                wanted,
                List.copyOf(spans),
                counts,
                failure);
    }
}
