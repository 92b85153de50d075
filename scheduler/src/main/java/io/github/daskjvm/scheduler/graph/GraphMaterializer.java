package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Payload;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Has a Python worker unpack a graph with Dask's own code. Any thread may call.
public final class GraphMaterializer {
    /// Pickled nodes of one answer: what a worker holds beside its data, and we in one array, at a time.
    private static final int PAGE_BYTES = 64 << 20;

    private final PythonCalls calls;
    private final int pageBytes;

    public GraphMaterializer(RpcPool rpc) {
        this(rpc, PAGE_BYTES);
    }

    /// @param pageBytes an answer ends after the task with which it reaches this size
    GraphMaterializer(RpcPool rpc, int pageBytes) {
        this.calls = new PythonCalls(rpc);
        this.pageBytes = pageBytes;
    }

    /// The worker does not do what it is asked to, and said so; another may.
    static final class WorkerRefused extends IOException {
        WorkerRefused(String text) {
            super(text);
        }
    }

    /// Blocks until done, however long that takes; call it from a virtual thread, which may be interrupted.
    ///
    /// @param worker address of a Python worker
    /// @throws GraphFailure if it lies with the graph
    /// @throws IOException if it lies with the worker: another may do it
    public MaterializedGraph materialize(GraphRequest request, String worker) throws IOException, GraphFailure {
        long start = System.nanoTime();
        return graph(request, call(worker, "materialize", arguments(request)), worker, start);
    }

    private MaterializedGraph graph(GraphRequest request, byte[] page, String worker, long start)
            throws IOException, GraphFailure {
        var table = new GraphTable(request);
        try {
            table.add(page);
            while (table.token() != null) {
                table.add(call(worker, "more", table.token()));
            }
            return new MaterializedGraph(request, table.tasks(), worker, System.nanoTime() - start);
        } catch (BadMessageException e) {
            throw GraphFailure.of(
                    "worker " + worker + " unpacked the graph into something that cannot be read: " + e.getMessage());
        }
    }

    /// As [#materialize], for small graphs, in one round trip.
    ///
    /// @return for each request in turn its graph or failure
    /// @throws IOException if it lies with the worker
    List<GraphOutcome> materializeEach(List<GraphRequest> requests, String worker) throws IOException {
        long start = System.nanoTime();
        List<Object> arguments = new ArrayList<>(requests.size());
        List<GraphOutcome> outcomes = new ArrayList<>(requests.size());
        try {
            for (GraphRequest request : requests) {
                arguments.add(arguments(request));
            }
            List<?> answers = answers(call(worker, "materialize_each", arguments), requests.size());
            long nanos = (System.nanoTime() - start) / requests.size();
            for (int i = 0; i < requests.size(); i++) {
                outcomes.add(outcome(requests.get(i), answers.get(i), worker, nanos));
            }
            return outcomes;
        } catch (GraphFailure e) {
            // None of them in particular: each alone will show whose it is.
            outcomes.clear();
            for (GraphRequest request : requests) {
                outcomes.add(materializeOne(request, worker));
            }
            return outcomes;
        }
    }

    /// As [#materialize], with the failure as a value.
    GraphOutcome materializeOne(GraphRequest request, String worker) throws IOException {
        try {
            return new GraphOutcome.Done(materialize(request, worker));
        } catch (GraphFailure e) {
            return new GraphOutcome.Failed(e);
        }
    }

    private static List<?> answers(byte[] answer, int count) throws GraphFailure {
        try {
            if (new MsgpackReader().whole(answer) instanceof List<?> list && list.size() == count) {
                return list;
            }
        } catch (BadMessageException e) {
            throw GraphFailure.of(String.valueOf(e.getMessage()));
        }
        throw GraphFailure.of("the answer is not of as many graphs as were asked for");
    }

    private GraphOutcome outcome(GraphRequest request, @Nullable Object answer, String worker, long nanos)
            throws IOException {
        if (answer instanceof Map<?, ?> map && map.get("exception") instanceof byte[] exception) {
            return new GraphOutcome.Failed(
                    new GraphFailure(String.valueOf(map.get("text")), exception, map.get("traceback")));
        }
        try {
            if (answer instanceof Map<?, ?> map && map.get("page") instanceof byte[] page) {
                return new GraphOutcome.Done(graph(request, page, worker, System.nanoTime() - nanos));
            }
            return new GraphOutcome.Failed(GraphFailure.of("worker " + worker + " gave no answer for this graph"));
        } catch (GraphFailure e) {
            return new GraphOutcome.Failed(e);
        }
    }

    /// The worker is gone.
    public void forget(String worker) {
        calls.forget(worker);
    }

    private byte[] call(String worker, String function, @Nullable Object argument) throws IOException, GraphFailure {
        try {
            return calls.call(worker, function, Duration.ZERO, argument);
        } catch (RpcFailure e) {
            String text = String.valueOf(e.getMessage());
            if (text.contains("has been explicitly disallowed")) {
                throw new WorkerRefused(
                        "worker " + worker + " has 'run' among its distributed.worker.blocked-handlers: " + text);
            }
            if (text.contains("is not kept here any more")) {
                throw new IOException("worker " + worker + " lost the rest of a graph: " + text);
            }
            Object exception = e.pickledException();
            throw exception == null ? GraphFailure.of(text) : new GraphFailure(text, exception, e.pickledTraceback());
        }
    }

    /// What `materialize` takes: see `materialize.py`.
    private Map<String, @Nullable Object> arguments(GraphRequest request) throws GraphFailure {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("form", request.form() == GraphRequest.Form.HIGH_LEVEL_GRAPH ? "graph" : "expression");
        map.put("header", request.header());
        map.put("frames", request.frames());
        map.put("keys", msgpack(request.keyValues()));
        map.put("order", request.internalPriority().isEmpty());
        map.put("page_bytes", pageBytes);
        switch (request.annotations()) {
            case null -> map.put("annotations", null);
            case Payload payload -> {
                map.put("annotations", payload.header());
                map.put("annotations_pickled", true);
                map.put("annotations_frames", payload.frames());
            }
            case Map<?, ?> plain -> {
                map.put("annotations", plain.isEmpty() ? null : msgpack(plain));
                map.put("annotations_pickled", false);
            }
            default -> throw GraphFailure.of("the annotations of an update-graph must be a map");
        }
        return map;
    }

    private static byte[] msgpack(Object value) throws GraphFailure {
        var writer = new MsgpackWriter(256);
        writer.value(value);
        if (writer.frameCount() > 0) {
            throw GraphFailure.of("annotations that are partly pickled are not read here");
        }
        return writer.toByteArray();
    }
}
