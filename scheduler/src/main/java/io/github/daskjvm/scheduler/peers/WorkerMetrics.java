package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.MetricSums;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What all workers have measured since the start, summed up as their heartbeats come: Dask's
/// `Scheduler.cumulative_worker_metrics`, with fine performance metrics above all. Any thread may call.
public final class WorkerMetrics {
    /// Names kept.
    static final int METRICS_MAX = 10_000;

    private static final int PARTS_MAX = 10;
    private static final int TEXT_MAX = 1_000;

    private final MetricSums sums = new MetricSums(METRICS_MAX);

    /// @param metrics of a heartbeat; what is no number by name is passed over
    synchronized void add(Map<?, ?> metrics) {
        if (metrics.get("digests_total_since_heartbeat") instanceof Map<?, ?> digests) {
            digests.forEach((given, value) -> {
                List<@Nullable Object> name = name(given);
                if (name != null && value instanceof Number number) {
                    sums.add(name, number);
                }
            });
        }
    }

    /// By name: fine performance metrics by context, prefix, activity and unit; `latency` and the like by one text.
    public synchronized Map<List<@Nullable Object>, Number> sums() {
        return sums.copy();
    }

    /// Source: `SpansWorkerExtension.heartbeat`.
    ///
    /// @param extensions of a heartbeat
    static List<Event.SpanMetric> ofSpans(Map<?, ?> extensions) {
        if (!(extensions.get("spans") instanceof Map<?, ?> given) || given.isEmpty()) {
            return List.of();
        }
        List<Event.SpanMetric> metrics = new ArrayList<>(given.size());
        given.forEach((key, value) -> {
            List<@Nullable Object> name = name(key);
            if (name != null
                    && name.size() > 1
                    && name.get(1) instanceof String span
                    && value instanceof Number number) {
                List<@Nullable Object> without = new ArrayList<>(name);
                without.remove(1);
                metrics.add(new Event.SpanMetric(span, Collections.unmodifiableList(without), number));
            }
        });
        return metrics;
    }

    /// Null for what is not kept: too long, or of other things than text, numbers and null.
    private static @Nullable List<@Nullable Object> name(@Nullable Object given) {
        List<?> parts = given instanceof List<?> list ? list : Collections.singletonList(given);
        if (parts.isEmpty() || parts.size() > PARTS_MAX) {
            return null;
        }
        for (Object part : parts) {
            boolean plain =
                    part == null || part instanceof Number || part instanceof String text && text.length() <= TEXT_MAX;
            if (!plain) {
                return null;
            }
        }
        return Collections.unmodifiableList(parts);
    }
}
