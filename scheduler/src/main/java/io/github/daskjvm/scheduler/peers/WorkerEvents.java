package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.Event.StartStop;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.loop.SmallResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Worker-to-scheduler stream messages as events.
final class WorkerEvents {
    /// A larger result is not kept here; who wants it fetches it.
    private static final int RESULT_MAX_BYTES = 512;

    /// Whoever gets it must not change it.
    static final byte[] JVM_TYPE = Pickle.of(Pickle.global("builtins", "object"));

    private WorkerEvents() {}

    /// @return null if the message is none that becomes an event
    static @Nullable Event decode(String worker, Fields message) throws BadMessageException {
        return switch (message.op()) {
            case "task-finished" -> finished(worker, message);
            case "task-erred" -> erred(worker, message);
            case "release-worker-data" ->
                new Event.ReplicasDropped(worker, List.of(Wire.key(message, "key")), stimulus(message));
            case "add-keys" -> new Event.ReplicasAdded(worker, Wire.keys(message, "keys"), stimulus(message));
            case "long-running" ->
                new Event.TaskLongRunning(
                        worker,
                        Wire.key(message, "key"),
                        message.number("compute_duration", Double.NaN),
                        stimulus(message));
            case "reschedule" -> new Event.TaskRescheduled(worker, Wire.key(message, "key"), stimulus(message));
            case "steal-response" ->
                new Event.StealAnswered(
                        worker, Wire.key(message, "key"), message.stringOrNull("state"), stimulus(message));
            case "request-refresh-who-has" ->
                new Event.WhoHasRequested(worker, Wire.keys(message, "keys"), stimulus(message));
            default -> null;
        };
    }

    /// A result that came with the message goes where its type goes. Tasks of the JVM, which a brief message is about,
    /// have one type for Python, which has none of their classes.
    private static @Nullable Object type(Fields message) {
        Object type = message.get("start") == null ? message.get("type") : JVM_TYPE;
        return message.get("result") instanceof byte[] result && result.length <= RESULT_MAX_BYTES
                ? new SmallResult(type, result)
                : type;
    }

    private static Event finished(String worker, Fields message) throws BadMessageException {
        return new Event.TaskFinished(
                worker,
                Wire.key(message, "key"),
                message.integer("run_id", -1),
                Math.max(0, message.integer("nbytes", 0)),
                type(message),
                message.stringOrNull("typename"),
                startStops(message),
                message.get("thread") instanceof Long thread ? thread : 0,
                stimulus(message));
    }

    private static Event erred(String worker, Fields message) throws BadMessageException {
        return new Event.TaskErred(
                worker,
                Wire.key(message, "key"),
                message.integer("run_id", -1),
                message.required("exception"),
                message.get("traceback"),
                message.get("exception_text") instanceof String text ? text : "",
                message.get("traceback_text") instanceof String text ? text : "",
                startStops(message),
                stimulus(message));
    }

    private static List<StartStop> startStops(Fields message) throws BadMessageException {
        if (message.get("start") instanceof Double start && message.get("stop") instanceof Double stop) {
            return List.of(new StartStop("compute", start, stop, null));
        }
        Fields.Maps given = message.maps("startstops");
        if (given.size() == 0) {
            return List.of();
        }
        var startStops = new ArrayList<StartStop>(given.size());
        for (int i = 0; i < given.size(); i++) {
            startStops.add(startStop(given.next(), message));
        }
        return startStops;
    }

    private static StartStop startStop(@Nullable Fields item, Fields message) throws BadMessageException {
        if (item == null
                || !(item.get("action") instanceof String action)
                || !(item.get("start") instanceof Number start)
                || !(item.get("stop") instanceof Number stop)) {
            throw message.wrong("startstops", "an array of maps with action, start and stop");
        }
        String source = action.equals("transfer") && item.get("source") instanceof String peer ? peer : null;
        return new StartStop(action, start.doubleValue(), stop.doubleValue(), source);
    }

    static String stimulus(Fields message) {
        return message.get("stimulus_id") instanceof String text ? text : message.op();
    }
}
