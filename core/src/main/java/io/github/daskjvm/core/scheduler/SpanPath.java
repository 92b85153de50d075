package io.github.daskjvm.core.scheduler;

import java.util.List;

/// A span by its tags and ids, outermost first, as Dask's annotation `span` has it: both lists are of one length, and
/// the last id is the span's own.
public record SpanPath(List<String> name, List<String> ids) {
    /// Spans inside each other, at most.
    public static final int LEVELS_MAX = 1_000;

    /// @throws IllegalArgumentException if the lists are empty or differ in length, or there are too many levels
    public SpanPath {
        if (ids.isEmpty() || name.size() != ids.size() || ids.size() > LEVELS_MAX) {
            throw new IllegalArgumentException("a span has one tag and one id a level, and 1 to " + LEVELS_MAX
                    + " levels, not " + name.size() + " tags and " + ids.size() + " ids");
        }
        name = List.copyOf(name);
        ids = List.copyOf(ids);
    }

    /// The span's own id.
    public String id() {
        return ids.getLast();
    }
}
