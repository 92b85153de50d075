package io.github.daskjvm.monitoring;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// How metrics are worded.
///
/// @param namespace first part of each metric's name, `distributed.dashboard.prometheus.namespace`
/// @param form which Dask's labels, `distributed.dashboard.prometheus.form`
/// @param labels of every sample, `distributed.dashboard.prometheus.labels`; `{name}` and `{address}`
///     in a value stand for those of the scheduler or worker
public record MetricOptions(String namespace, Form form, Map<String, String> labels) {
    private static final String NAME = "[a-zA-Z_][a-zA-Z0-9_]*";

    /// Dask's names, today's labels.
    public static final MetricOptions DEFAULT = new MetricOptions("dask", Form.TODAY, Map.of());

    /// Families whose labels changed over the years: `dask_scheduler_workers`, `dask_scheduler_tasks`,
    /// `dask_worker_tasks`, and those of spilling.
    public enum Form {
        /// As 2024.12 and 2026.7 have them.
        TODAY,
        /// As 2.7 to 2022.12: workers that are `connected`, `saturated` and `idle`, the latter two among the first.
        DASK_2022,
        /// As 2.0 to 2.6, and the tasks of 2.7: workers without a label; of tasks those `received` and `unrunnable`;
        /// of a worker's tasks those `stored`, `executing`, `ready`, `waiting`, and `serving`.
        DASK_2019
    }

    /// @throws IllegalArgumentException for a namespace that can not begin a metric's name, and for what can not be
    ///     the name of a label, or is one already
    public MetricOptions {
        if (!namespace.matches(NAME)) {
            throw new IllegalArgumentException("the namespace '" + namespace
                    + "' can not begin the name of a metric; letters, digits and underscores can");
        }
        for (String label : labels.keySet()) {
            if (!label.matches(NAME) || label.startsWith("__")) {
                throw new IllegalArgumentException("a label can not be called '" + label
                        + "'; letters, digits and underscores can be used, two underscores not at the beginning");
            }
            if (LabelNames.USED.contains(label)) {
                throw new IllegalArgumentException("the label '" + label + "' has a meaning of its own");
            }
        }
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    }

    public MetricOptions withForm(Form other) {
        return new MetricOptions(namespace, other, labels);
    }

    /// The labels of one scheduler or worker.
    Map<String, String> labels(String name, String address) {
        if (labels.isEmpty()) {
            return labels;
        }
        var filled = new LinkedHashMap<String, String>();
        labels.forEach((label, value) ->
                filled.put(label, value.replace("{name}", name).replace("{address}", address)));
        return filled;
    }
}
