package io.github.daskjvm.monitoring;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/// Sets of labels that were made before: the library looks at every character of every name when it makes one, and
/// the next page has nearly all of them again, in several families each. Any thread may call.
final class LabelCache {
    /// Beyond it all are made anew; a page has fewer.
    private static final int SETS_MAX = 50_000;

    private final ConcurrentHashMap<List<String>, Labels> sets = new ConcurrentHashMap<>();

    /// @param labels name, value, name, value, …; not to be changed afterwards
    Labels of(String... labels) {
        List<String> key = Arrays.asList(labels);
        Labels present = sets.get(key);
        if (present == null) {
            if (sets.size() >= SETS_MAX) {
                sets.clear();
            }
            // The library sorts the array that it is given.
            present = Labels.of(labels.clone());
            sets.put(key, present);
        }
        return present;
    }
}
