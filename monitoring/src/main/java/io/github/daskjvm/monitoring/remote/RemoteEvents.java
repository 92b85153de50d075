package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.scheduler.peers.EventLog.Told;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The last events of the topic `all`: workers and clients that come and go. A scheduler tells a topic as a whole, so
/// it is asked seldom. One thread asks, any may look.
final class RemoteEvents {
    static final String TOPIC = "all";

    private static final int KEPT_MAX = 200;

    private final RemoteCalls calls;
    private final Deque<Told> kept = new ArrayDeque<>();
    private long told;
    private double latest;

    RemoteEvents(RemoteCalls calls) {
        this.calls = calls;
    }

    /// Asks once.
    ///
    /// @throws IOException if it does not answer, or not as Dask does
    void poll() throws IOException {
        List<?> events = calls.list("events", "topic", TOPIC);
        synchronized (this) {
            for (Object event : events.subList(Math.max(0, events.size() - KEPT_MAX), events.size())) {
                if (event instanceof List<?> pair
                        && pair.size() == 2
                        && pair.getFirst() instanceof Number time
                        && time.doubleValue() > latest) {
                    latest = time.doubleValue();
                    if (kept.size() == KEPT_MAX) {
                        kept.removeFirst();
                    }
                    kept.addLast(new Told(told++, latest, List.of(TOPIC), pair.getLast()));
                }
            }
        }
    }

    /// Oldest first.
    synchronized List<Told> last() {
        return new ArrayList<>(kept);
    }
}
