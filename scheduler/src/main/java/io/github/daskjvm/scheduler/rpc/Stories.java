package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.TransitionLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Transitions as `get_story` and dumps have them.
final class Stories {
    /// Seconds since 1970 at zero of the events' clock. Read once, so that a transition always has the same time.
    private static final double EPOCH = System.currentTimeMillis() / 1e3 - System.nanoTime() / 1e9;

    private Stories() {}

    /// Seconds since 1970 of a moment of the events' clock.
    static double seconds(long nanos) {
        return EPOCH + nanos / 1e9;
    }

    /// The opposite.
    static long nanos(double seconds) {
        return Math.round((seconds - EPOCH) * 1e9);
    }

    /// Each as key, start, finish, recommendations, stimulus, and seconds since 1970.
    static List<List<Object>> rows(List<TransitionLog.Entry> entries) {
        List<List<Object>> rows = new ArrayList<>(entries.size());
        for (TransitionLog.Entry entry : entries) {
            Map<Object, Object> recommendations = new LinkedHashMap<>();
            for (Map.Entry<TaskKey, TaskStatus> advice : entry.recommendations().entrySet()) {
                recommendations.put(advice.getKey().value(), advice.getValue().wireName());
            }
            rows.add(List.of(
                    entry.key().value(),
                    entry.start().wireName(),
                    entry.finish().wireName(),
                    recommendations,
                    entry.stimulusId(),
                    seconds(entry.nanos())));
        }
        return rows;
    }
}
