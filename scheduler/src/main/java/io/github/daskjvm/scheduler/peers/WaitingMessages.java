package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.graph.GraphFailure;
import io.github.daskjvm.scheduler.graph.GraphRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What can be told of a client's messages before their turn comes.
final class WaitingMessages {
    /// Small graphs that are unpacked in one round trip.
    private static final int TOGETHER_MAX = 64;

    private WaitingMessages() {}

    /// Whether the loop may take it itself, as it needs no other thread and is soon done.
    static boolean isForTheLoop(@Nullable Object item) {
        return item instanceof Map<?, ?> message
                && message.get("op") instanceof String op
                && switch (op) {
                    case "update-graph" -> isShort(message.get("tasks"));
                    case "client-desires-keys", "client-releases-keys" -> isShort(message.get("keys"));
                    case "report-key", "heartbeat-client" -> true;
                    default -> false;
                };
    }

    /// Whether what workers say next may be what the client waits for, once a message of that op has taken effect. Not
    /// so for a graph: its size decides, once that is known.
    static boolean mayWaitAfter(String op) {
        return switch (op) {
            case "update-graph", "client-releases-keys", "heartbeat-client", "close-client", "close-stream" -> false;
            default -> true;
        };
    }

    /// Whether it is a list that the loop may be kept waiting with.
    private static boolean isShort(@Nullable Object list) {
        return list instanceof List<?> items && items.size() < Event.LargeGraph.WEIGHT_MIN;
    }

    /// Whether one of them says that somebody else than the client wants keys.
    static boolean wantKeysForOthers(Collection<Object> waiting, String client) {
        for (Object item : waiting) {
            if (item instanceof Map<?, ?> message
                    && "client-desires-keys".equals(message.get("op"))
                    && message.get("client") instanceof String other
                    && !other.equals(client)) {
                return true;
            }
        }
        return false;
    }

    /// Small graphs that wait one behind the other, as of a loop of `submit`, are unpacked together.
    ///
    /// @param waiting what came after the first; those that go with it are taken out
    static List<GraphRequest> takeSmallGraphs(GraphRequest first, Deque<Object> waiting, GraphArrivals arrivals) {
        var requests = new ArrayList<GraphRequest>();
        requests.add(first);
        while (first.isSmall() && requests.size() < TOGETHER_MAX) {
            if (!(waiting.peek() instanceof Map<?, ?> message)) {
                break;
            }
            if (!"heartbeat-client".equals(message.get("op"))) {
                GraphRequest next = smallGraph(message);
                if (next == null) {
                    break;
                }
                arrivals.became(message, next);
                requests.add(next);
            }
            waiting.poll();
        }
        return requests;
    }

    private static @Nullable GraphRequest smallGraph(Map<?, ?> item) {
        try {
            Fields message = Fields.of(item);
            if (message.op().equals("update-graph") && !NativeGraph.is(message)) {
                GraphRequest request = GraphRequest.parse(message);
                return request.isSmall() ? request : null;
            }
        } catch (BadMessageException | GraphFailure e) {
            // It fails when its turn comes.
        }
        return null;
    }
}
