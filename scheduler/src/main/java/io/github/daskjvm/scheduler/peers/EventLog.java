package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.scheduler.loop.PeerStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What happened, by topic, for `get_events` and for the clients that subscribed. Keeps the last events of a topic
/// and ten thousand topics, dropping the one that was longest without news. The events of a worker or client that has
/// gone stay for a while. Any thread may call.
public final class EventLog {
    private static final int TOPICS_MAX = 10_000;
    /// Events kept over all topics together.
    private static final int RECENT_MAX = 200;

    /// One event with the topics it was told under.
    ///
    /// @param time seconds since 1970
    public record Told(
            long index,
            double time,
            List<String> topics,
            @Nullable Object message) {}

    private final Map<String, Deque<List<@Nullable Object>>> topics = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Deque<List<@Nullable Object>>> eldest) {
            return size() > TOPICS_MAX;
        }
    };
    private final Deque<Told> recent = new ArrayDeque<>();
    private long told;
    private final Map<String, Set<String>> subscribers = new HashMap<>();
    private final Function<String, @Nullable PeerStream> clients;
    private final int length;
    private final long keptNanos;
    /// When the topics of those who have gone go too, in that order.
    private final LinkedHashMap<String, Long> leaving = new LinkedHashMap<>();

    /// @param clients finds the stream of a client
    /// @param length events kept of a topic, `distributed.admin.low-level-log-length`
    /// @param cleanupDelay how long those of who has gone are kept, `distributed.scheduler.events-cleanup-delay`
    public EventLog(Function<String, @Nullable PeerStream> clients, int length, Duration cleanupDelay) {
        this.clients = clients;
        this.length = length;
        this.keptNanos = cleanupDelay.toNanos();
    }

    /// The worker or client whose topic this is has gone.
    synchronized void left(String topic) {
        leaving.remove(topic);
        leaving.put(topic, System.nanoTime() + keptNanos);
    }

    /// It is here, perhaps again.
    synchronized void came(String topic) {
        forget();
        leaving.remove(topic);
    }

    private void forget() {
        while (!leaving.isEmpty() && leaving.firstEntry().getValue() - System.nanoTime() <= 0) {
            topics.remove(leaving.pollFirstEntry().getKey());
        }
    }

    public void log(Collection<String> names, @Nullable Object message) {
        remember(List.copyOf(names), message);
        for (String name : names) {
            logOne(name, message);
        }
    }

    public void log(String topic, @Nullable Object message) {
        remember(List.of(topic), message);
        logOne(topic, message);
    }

    private synchronized void remember(List<String> names, @Nullable Object message) {
        if (recent.size() == RECENT_MAX) {
            recent.removeFirst();
        }
        recent.addLast(new Told(told++, Wire.now(), names, message));
    }

    /// The last events of all topics, oldest first.
    public synchronized List<Told> recent() {
        return new ArrayList<>(recent);
    }

    private void logOne(String topic, @Nullable Object message) {
        List<@Nullable Object> event = new ArrayList<>(2);
        event.add(Wire.now());
        event.add(message);
        List<String> to;
        synchronized (this) {
            forget();
            Deque<List<@Nullable Object>> events = topics.computeIfAbsent(topic, t -> new ArrayDeque<>());
            events.addLast(event);
            if (events.size() > length) {
                events.removeFirst();
            }
            Set<String> subscribed = subscribers.get(topic);
            if (subscribed == null) {
                return;
            }
            to = List.copyOf(subscribed);
        }
        for (String client : to) {
            PeerStream stream = clients.apply(client);
            if (stream != null) {
                stream.stream().send(Map.of("op", "event", "topic", topic, "event", event));
            }
        }
    }

    public synchronized void subscribe(String topic, String client) {
        subscribers.computeIfAbsent(topic, t -> new LinkedHashSet<>()).add(client);
    }

    public synchronized void unsubscribe(String topic, String client) {
        Set<String> subscribed = subscribers.get(topic);
        if (subscribed != null && subscribed.remove(client) && subscribed.isEmpty()) {
            subscribers.remove(topic);
        }
    }

    synchronized void unsubscribeAll(String client) {
        subscribers.values().removeIf(subscribed -> subscribed.remove(client) && subscribed.isEmpty());
    }

    /// The events of one topic, `[time, message]` each, oldest first.
    public synchronized List<List<@Nullable Object>> events(String topic) {
        forget();
        Deque<List<@Nullable Object>> events = topics.get(topic);
        return events == null ? List.of() : List.copyOf(events);
    }

    public synchronized Map<String, List<List<@Nullable Object>>> events() {
        forget();
        Map<String, List<List<@Nullable Object>>> copy = new LinkedHashMap<>();
        for (var entry : topics.entrySet()) {
            copy.put(entry.getKey(), List.copyOf(entry.getValue()));
        }
        return copy;
    }
}
