package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.scheduler.Span;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `get_spans`, `get_computations` and `get_worker_metrics`, which Dask does not have: its users read the same from the
/// scheduler's objects, by functions that would have to run here.
final class SpanOps {
    private final Cluster cluster;

    SpanOps(Cluster cluster) {
        this.cluster = cluster;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("get_spans", this::spans);
        handlers.put(
                "get_computations",
                (request, connection) -> PlainValues.of(
                        cluster.loop().query(state -> descriptions(cluster).computations(state)), Set.of()));
        handlers.put(
                "get_worker_metrics",
                (request, connection) ->
                        SpanDescriptions.rows(cluster.workers().metrics().sums()));
    }

    static SpanDescriptions descriptions(Cluster cluster) {
        return new SpanDescriptions(cluster.clients().snippets(), Wire.now());
    }

    /// By id: all, or those with the ids given.
    private @Nullable Object spans(Fields request, Connection connection) throws BadMessageException {
        List<String> ids = Wire.textsOrNull(request, "ids");
        Map<String, Object> spans = cluster.loop().query(state -> {
            SpanDescriptions descriptions = descriptions(cluster);
            if (ids == null) {
                return descriptions.spans(state);
            }
            Map<String, Object> found = new LinkedHashMap<>();
            for (String id : ids) {
                Span span = state.spans().get(id);
                if (span != null) {
                    found.put(id, descriptions.span(state.spans(), span));
                }
            }
            return found;
        });
        return PlainValues.of(spans, Set.of());
    }
}
