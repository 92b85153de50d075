package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.graph.GraphFailure;
import io.github.daskjvm.scheduler.graph.MaterializedGraph;
import io.github.daskjvm.scheduler.loop.PeerStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a client, and who follows the events, are told of what became of its graphs.
final class GraphAnswers {
    private static final Logger log = LoggerFactory.getLogger(GraphAnswers.class);

    private final String client;
    private final String peer;
    private final PeerStream stream;
    private final EventLog events;

    GraphAnswers(String client, String peer, PeerStream stream, EventLog events) {
        this.client = client;
        this.peer = peer;
        this.stream = stream;
        this.events = events;
    }

    void done(MaterializedGraph graph) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("action", "update-graph");
        message.put("status", "OK");
        message.put(
                "metrics",
                Map.of("tasks", graph.tasks().size(), "materialization_duration_seconds", graph.nanos() / 1e9));
        events.log(List.of("scheduler", client), message);
    }

    void failForBadMessage(List<TaskKey> wanted, BadMessageException e) {
        String text = "the graph cannot be read: " + e.getMessage();
        fail(wanted, new GraphFailure(text, pickled("ValueError", text), null));
    }

    private static byte[] pickled(String exception, String text) {
        return Pickle.exception("builtins", exception, text);
    }

    /// Every wanted key ends with the same error; nothing of the graph is kept.
    void fail(Collection<TaskKey> wanted, Throwable failure) {
        Object exception;
        Object traceback = null;
        if (failure instanceof GraphFailure graph) {
            exception = graph.exception();
            traceback = graph.traceback();
        } else if (failure instanceof CancellationException) {
            exception = pickled("RuntimeError", "the scheduler is closing");
        } else {
            log.error("unpacking a graph of client {} failed", client, failure);
            exception = pickled("RuntimeError", "the graph could not be unpacked: " + failure);
        }
        log.warn("a graph of client {} at {} fails: {}", client, peer, failure.getMessage());
        events.log(List.of("scheduler", client), Map.of("action", "update-graph", "status", "error"));
        for (TaskKey key : wanted) {
            Map<String, @Nullable Object> erred = new LinkedHashMap<>();
            erred.put("op", "task-erred");
            erred.put("key", key.value());
            erred.put("exception", exception);
            erred.put("traceback", traceback);
            stream.stream().send(erred);
        }
    }
}
