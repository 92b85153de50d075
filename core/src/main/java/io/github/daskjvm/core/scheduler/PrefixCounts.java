package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// How many tasks of each prefix. What runs at one time is of a handful of prefixes, and the sum over them is wanted
/// several times for every task: two arrays, searched one by one, make that cheap.
final class PrefixCounts {
    private @Nullable TaskPrefix[] prefixes = new TaskPrefix[4];
    private int[] counts = new int[4];
    private int size;

    void add(TaskPrefix prefix, int by) {
        int at = 0;
        while (at < size && prefixes[at] != prefix) {
            at++;
        }
        if (at == size) {
            if (size == counts.length) {
                prefixes = Arrays.copyOf(prefixes, 2 * size);
                counts = Arrays.copyOf(counts, 2 * size);
            }
            prefixes[size++] = prefix;
        }
        counts[at] += by;
        if (counts[at] == 0) {
            size--;
            prefixes[at] = prefixes[size];
            counts[at] = counts[size];
            prefixes[size] = null;
            counts[size] = 0;
        }
    }

    /// Tasks of all prefixes.
    int total() {
        int total = 0;
        for (int i = 0; i < size; i++) {
            total += counts[i];
        }
        return total;
    }

    /// What all of them are expected to take.
    double seconds(double unknownSeconds) {
        double seconds = 0;
        for (int i = 0; i < size; i++) {
            TaskPrefix prefix = prefixes[i];
            if (prefix != null) {
                seconds += prefix.assumedSeconds(unknownSeconds) * counts[i];
            }
        }
        return seconds;
    }

    /// What the results of all of them are expected to take, by the results of their prefixes that are stored now.
    double resultBytes() {
        double bytes = 0;
        for (int i = 0; i < size; i++) {
            TaskPrefix prefix = prefixes[i];
            int stored = prefix == null ? 0 : prefix.count(TaskStatus.MEMORY);
            if (prefix != null && stored > 0) {
                bytes += (double) prefix.storedBytes / stored * counts[i];
            }
        }
        return bytes;
    }
}
