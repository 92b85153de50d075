package io.github.daskjvm.scheduler.peers;

import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;

/// When the graphs of one client arrived that wait for their turn or are being unpacked, for traces. Kept by identity:
/// first of the message, then of the request that it became. Keeps nothing unless graphs are traced. The session's lock
/// guards it.
final class GraphArrivals {
    private final boolean on;
    private final Map<Object, Long> nanos = new IdentityHashMap<>();

    GraphArrivals(boolean on) {
        this.on = on;
    }

    /// A message, or several, has arrived.
    void arrived(Object message) {
        if (!on) {
            return;
        }
        if (message instanceof Collection<?> several) {
            for (Object each : several) {
                note(each);
            }
        } else {
            note(message);
        }
    }

    private void note(Object message) {
        if (message instanceof Map<?, ?> map && "update-graph".equals(map.get("op"))) {
            nanos.put(message, System.nanoTime());
        }
    }

    /// What arrived as one thing is now another.
    void became(Object before, Object after) {
        Long arrived = nanos.remove(before);
        if (arrived != null) {
            nanos.put(after, arrived);
        }
    }

    /// By the loop's clock; 0 if it is not known. Forgets it.
    long take(Object thing) {
        Long arrived = nanos.remove(thing);
        return arrived == null ? 0 : arrived;
    }
}
