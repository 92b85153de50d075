package io.github.daskjvm.monitoring;

import java.util.Set;

/// Labels that the metrics have themselves, and how many values of them there may be.
final class LabelNames {
    static final String PREFIX = "task_prefix_name";
    static final String STATE = "state";
    static final String OP = "op";
    static final String WHERE = "where";
    static final String SEMAPHORE = "name";
    static final String CONTEXT = "context";
    static final String ACTIVITY = "activity";

    static final Set<String> USED = Set.of(
            PREFIX,
            STATE,
            OP,
            WHERE,
            SEMAPHORE,
            CONTEXT,
            ACTIVITY,
            "type",
            "cause",
            "cost_multiplier",
            "address",
            "worker_name",
            "version",
            "java_version",
            "label",
            "le",
            "quantile",
            // Of the families of process and JVM.
            "area",
            "pool",
            "gc",
            "runtime",
            "vendor");

    /// What stands for the values beyond a bound.
    static final String OTHER = "other";

    static final String IN_OTHER_HELP =
            "Values of a label that share the value 'other', since there are too many of them, or nobody knows them";

    private LabelNames() {}
}
