package io.github.daskjvm.client;

import java.util.LinkedHashMap;
import java.util.Set;

/// How often keys of placed data were made anew, for those of late. Not thread-safe.
final class Generations {
    private static final int MAX = 10_000;

    private final LinkedHashMap<String, Integer> latest = new LinkedHashMap<>();

    /// The key to place data under: the latest made of `base` if it is held, otherwise one that was not used
    /// before.
    String next(String base, Set<String> held) {
        Integer last = latest.get(base);
        if (last == null) {
            latest.put(base, 0);
            if (latest.size() > MAX) {
                latest.pollFirstEntry();
            }
            return base;
        }
        if (held.contains(key(base, last))) {
            return key(base, last);
        }
        latest.put(base, last + 1);
        return key(base, last + 1);
    }

    private static String key(String base, int generation) {
        return generation == 0 ? base : base + "-" + generation;
    }
}
