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
    private Stories() {}

    /// Each as key, start, finish, recommendations, stimulus, and seconds since 1970.
    static List<List<Object>> rows(List<TransitionLog.Entry> entries) {
        double now = System.currentTimeMillis() / 1e3;
        long nowNanos = System.nanoTime();
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
                    now - (nowNanos - entry.nanos()) / 1e9));
        }
        return rows;
    }
}
