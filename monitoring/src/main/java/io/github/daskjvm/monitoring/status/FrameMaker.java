package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.scheduler.peers.EventLog;
import io.github.daskjvm.scheduler.peers.Failures;
import io.github.daskjvm.scheduler.peers.TaskActions;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Makes what the page is sent: a few messages for one that was just opened, and a frame twice a second for all.
/// Every part has a bound in bytes, so a frame is never larger than [#MESSAGE_MAX] and two of them in a second are
/// less than a reader may be sent. Not for several threads at once.
final class FrameMaker {
    /// Bytes of one message, at most.
    static final int MESSAGE_MAX = 92_000;

    private static final int WORKERS_BYTES = 44_000;
    private static final int STREAM_BYTES = 22_000;
    private static final int OPEN_BYTES = 6_000;
    private static final int PROGRESS_BYTES = 10_000;
    private static final int NEWS_BYTES = 6_000;
    private static final int SPANS_MAX = 200;
    private static final int ACTIONS_MAX = 50_000;
    private static final int TRACEBACK_MAX = 2_000;
    private static final int NOTICE_MAX = 400;

    private final StatusSource source;
    private final History history;
    private final double epoch;
    private final StreamPart stream;
    private final OpenTasks open = new OpenTasks();

    private List<WorkerRow> rows = List.of();
    private List<Object> table = List.of();
    private int tableVersion;
    private Lanes lanes = new Lanes(List.of());
    private TaskActions actions;
    private long nextAction;
    private long nextFailure;
    private long nextEvent;
    private long nextPoint;
    private long ticks;

    /// @param started now, in seconds since 1970; times in frames are counted from before that, so that none is
    /// negative
    FrameMaker(StatusSource source, History history, double started) {
        this.source = source;
        this.history = history;
        epoch = Math.floor(started) - 2 * StreamPart.WINDOW_SECONDS;
        this.stream = new StreamPart(epoch);
        actions = watch(source.actions());
        nextFailure = source.failures().total();
        nextPoint = history.total();
        List<EventLog.Told> told = source.events();
        nextEvent = told.isEmpty() ? 0 : told.getLast().index() + 1;
    }

    private TaskActions watch(TaskActions found) {
        found.watch();
        nextAction = found.total();
        return found;
    }

    /// Nothing is to be kept for this one any more.
    void end() {
        actions.unwatch();
    }

    /// A message's name and its JSON.
    record Message(String name, String json) {}

    /// What a page needs before its first frame; valid with the frames that come after the last one made.
    List<Message> first(double now) {
        List<Message> messages = new ArrayList<>();
        FrameText hello = new FrameText()
                .field("epoch", epoch)
                .field("now", now)
                .field("address", source.address())
                .field("states", states())
                .field("binMillis", StreamPart.BIN_MILLIS)
                .field("windowSeconds", StreamPart.WINDOW_SECONDS);
        failures(hello, 0, 4 * NEWS_BYTES);
        events(hello, 0, 4 * NEWS_BYTES);
        messages.add(new Message("hello", hello.end()));
        messages.add(tableMessage());
        FrameText present = new FrameText();
        state(present, source.snapshot(), now);
        workers(present, most -> WorkersPart.load(rows, most));
        messages.add(new Message("frame", present.end()));
        FrameText past = new FrameText();
        past.list("points", history.all(), MESSAGE_MAX - 1_000);
        messages.add(new Message("history", past.end()));
        List<Action> late = actions.between(nextAction - ACTIONS_MAX, nextAction);
        FrameText activity = new FrameText();
        boolean quiet = stream.isQuiet(late, lanes, now);
        List<FrameText> parts = quiet ? List.of() : stream.past(late, lanes, now);
        if (quiet) {
            stream.write(activity, late, lanes, now, Integer.MAX_VALUE, 3 * STREAM_BYTES - 10_000);
        } else {
            stream.sums(activity, late, now);
        }
        // Before that nothing was kept, or more was done than is sent.
        double since =
                late.size() < ACTIONS_MAX ? actions.since() : late.getFirst().stop();
        activity.field("since", Math.round((since - epoch) * 1e3));
        stream.names(activity, true);
        messages.add(new Message("activity", activity.end()));
        for (FrameText part : parts) {
            messages.add(new Message("past", part.end()));
        }
        return messages;
    }

    private static List<String> states() {
        List<String> names = new ArrayList<>();
        for (TaskStatus status : TaskStatus.values()) {
            names.add(status.wireName());
        }
        return names;
    }

    private Message tableMessage() {
        FrameText text = new FrameText()
                .field("version", tableVersion)
                .field("mode", lanes.mode().name().toLowerCase(Locale.ROOT))
                .field("lanes", lanes.threads())
                .field("all", rows.size());
        text.list("workers", table, MESSAGE_MAX - 2_000);
        return new Message("table", text.end());
    }

    /// The next frame: one message, and before it the table of workers where that has changed.
    List<Message> frame(double now) {
        SchedulerSnapshot snapshot = source.snapshot();
        rows = WorkerRow.of(snapshot, source.gauges());
        List<Message> messages = new ArrayList<>();
        List<Object> newTable = WorkersPart.table(rows);
        if (!newTable.equals(table)) {
            table = newTable;
            tableVersion++;
            lanes = new Lanes(rows);
            messages.add(tableMessage());
        }
        FrameText frame = new FrameText();
        state(frame, snapshot, now);
        // Each half of the columns once a second.
        if (ticks % 2 == 0) {
            workers(frame, most -> WorkersPart.load(rows, most));
        } else {
            workers(frame, most -> WorkersPart.transfers(rows, most, now));
        }
        if (ticks % 4 == 0) {
            frame.field("links", WorkersPart.links(rows));
        }
        if (source.actions() != actions) {
            // The scheduler has only now come up.
            actions.unwatch();
            actions = watch(source.actions());
        }
        long end = actions.total();
        frame.field("missed", Math.max(0, end - nextAction - ACTIONS_MAX));
        List<Action> done = actions.between(Math.max(nextAction, end - ACTIONS_MAX), end);
        stream.write(frame, done, lanes, now, SPANS_MAX, STREAM_BYTES);
        stream.open(frame, open.update(rows, done), lanes, now, OPEN_BYTES);
        nextAction = end;
        stream.names(frame, false);
        frame.list("points", history.since(nextPoint), NEWS_BYTES);
        nextPoint = history.total();
        nextFailure = failures(frame, nextFailure, NEWS_BYTES);
        nextEvent = events(frame, nextEvent, NEWS_BYTES);
        ticks++;
        messages.add(new Message("frame", frame.end()));
        return messages;
    }

    private void state(FrameText frame, SchedulerSnapshot snapshot, double now) {
        frame.field("now", now)
                .field("table", tableVersion)
                .field("counts", counts(snapshot))
                .field("totals", Totals.of(snapshot, rows).list())
                .field(
                        "cluster",
                        List.of(
                                snapshot.clients(),
                                snapshot.desiredWorkers(),
                                snapshot.taskGroups(),
                                snapshot.prefixes().size()));
        String notice = source.notice();
        if (notice != null) {
            frame.field("notice", FrameText.cut(notice, NOTICE_MAX));
        }
        frame.field("waits", waits());
        frame.list("prefixes", ProgressPart.rows(snapshot.prefixes()), PROGRESS_BYTES);
    }

    /// Tasks that wait at their workers for inputs, and for a thread; those that run; then [History#queueWaits].
    private List<Number> waits() {
        long inputs = 0;
        long threads = 0;
        long running = 0;
        for (WorkerRow row : rows) {
            inputs += row.said().tasks("waiting");
            threads += row.said().tasks("ready") + row.said().tasks("constrained");
            running += row.said().tasks("executing") + row.said().tasks("long-running");
        }
        List<Number> all = new ArrayList<>(List.of(inputs, threads, running));
        all.addAll(history.queueWaits());
        return all;
    }

    private static List<Long> counts(SchedulerSnapshot snapshot) {
        List<Long> counts = new ArrayList<>();
        for (TaskStatus status : TaskStatus.values()) {
            counts.add(snapshot.tasks(status));
        }
        return counts;
    }

    /// The columns of as many workers as there is room for: half of them, and half of that, until they fit.
    private void workers(FrameText frame, IntFunction<Map<String, List<Object>>> columns) {
        int most = table.size();
        Map<String, List<Object>> fitting = columns.apply(most);
        while (FrameText.json(fitting).length() > WORKERS_BYTES) {
            most = most / 2;
            fitting = columns.apply(most);
        }
        frame.field("workers", fitting);
    }

    private long failures(FrameText frame, long from, int bytesMax) {
        long next = from;
        List<Object> items = new ArrayList<>();
        for (Failures.Failure failure : source.failures().last().reversed()) {
            next = Math.max(next, failure.index() + 1);
            if (failure.index() >= from) {
                Map<String, Object> item = new LinkedHashMap<>();
                item.put("index", failure.index());
                item.put("time", failure.time());
                item.put("key", FrameText.cut(failure.key().toString(), 200));
                item.put("worker", FrameText.cut(failure.worker(), 80));
                item.put("exception", FrameText.cut(failure.exception(), 400));
                item.put("traceback", FrameText.cut(failure.traceback(), TRACEBACK_MAX));
                items.add(item);
            }
        }
        frame.list("failures", items, bytesMax);
        frame.field("failed", source.failures().total());
        return next;
    }

    private static String said(@Nullable Object message) {
        if (!(message instanceof Map<?, ?> map)) {
            return String.valueOf(message);
        }
        List<String> parts = new ArrayList<>();
        map.forEach((key, value) -> parts.add(key + ": " + value));
        return String.join(", ", parts);
    }

    private long events(FrameText frame, long from, int bytesMax) {
        long next = from;
        List<Object> items = new ArrayList<>();
        for (EventLog.Told event : source.events().reversed()) {
            next = Math.max(next, event.index() + 1);
            if (event.index() >= from) {
                items.add(List.of(
                        event.index(),
                        event.time(),
                        FrameText.cut(String.join(", ", event.topics()), 120),
                        FrameText.cut(said(event.message()), 300)));
            }
        }
        frame.list("events", items, bytesMax);
        return next;
    }
}
