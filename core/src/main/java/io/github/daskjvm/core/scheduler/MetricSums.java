package io.github.daskjvm.core.scheduler;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// Sums of what workers measure, by name: text and plain numbers, for fine performance metrics the context, the task
/// prefix, the activity and the unit. Integers stay integers. Bounded: beyond so many names, those of four parts are
/// summed by context and unit alone, and others are not counted. Not thread-safe.
public final class MetricSums {
    /// What stands for prefix and activity beyond the bound.
    public static final String OTHER = "(other)";
    /// Further names for what is beyond the bound.
    private static final int OTHERS_MAX = 20;

    private final int most;
    private final Map<List<@Nullable Object>, Number> sums = new LinkedHashMap<>();

    /// @param most names to keep
    public MetricSums(int most) {
        this.most = most;
    }

    public void add(List<@Nullable Object> name, Number value) {
        add(name, value, true);
    }

    /// @param room whether a new name may be added, if the bound allows it
    /// @return whether one was
    boolean add(List<@Nullable Object> name, Number value, boolean room) {
        Number before = sums.get(name);
        if (before != null) {
            sums.put(name, sum(before, value));
            return false;
        }
        if (room && sums.size() < most) {
            sums.put(name, value);
            return true;
        }
        if (name.size() != 4) {
            return false;
        }
        List<@Nullable Object> folded = new ArrayList<>(name);
        folded.set(1, OTHER);
        folded.set(2, OTHER);
        before = sums.get(folded);
        if (before == null && sums.size() >= most + OTHERS_MAX) {
            return false;
        }
        sums.put(folded, before == null ? value : sum(before, value));
        return before == null;
    }

    private static Number sum(Number a, Number b) {
        if (a instanceof Long x && b instanceof Long y) {
            long z = x + y;
            if (((x ^ z) & (y ^ z)) >= 0) {
                return z;
            }
        }
        return a.doubleValue() + b.doubleValue();
    }

    public void forEach(BiConsumer<List<@Nullable Object>, Number> action) {
        sums.forEach(action);
    }

    public int size() {
        return sums.size();
    }

    /// As they are now.
    public Map<List<@Nullable Object>, Number> copy() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(sums));
    }
}
