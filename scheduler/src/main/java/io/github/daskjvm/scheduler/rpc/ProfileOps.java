package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What Python workers spend their time on, as their own samplers found. The scheduler has no Python stack to sample;
/// its profile is an empty tree.
final class ProfileOps {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final Cluster cluster;

    ProfileOps(Cluster cluster) {
        this.cluster = cluster;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("profile", this::profile);
        handlers.put("profile_metadata", this::metadata);
    }

    private Object profile(Fields request, Connection connection) throws BadMessageException {
        if (request.bool("scheduler", false)) {
            return ProfileTree.empty();
        }
        Map<String, @Nullable Object> call = new LinkedHashMap<>();
        for (String name : List.of("start", "stop", "key")) {
            call.put(name, request.get(name));
        }
        call.put("server", request.bool("server", false));
        Map<String, Object> trees = trees(call, Wire.textsOrNull(request, "workers"));
        return request.bool("merge_workers", true) ? ProfileTree.merge(trees.values()) : trees;
    }

    /// The tree of all workers together.
    ///
    /// @param arguments of the worker's operation `profile`
    Map<String, @Nullable Object> merged(Map<String, ?> arguments) {
        return ProfileTree.merge(trees(arguments, null).values());
    }

    private Map<String, Object> trees(Map<String, ?> arguments, @Nullable List<String> only) {
        return replies("profile", arguments, only);
    }

    private Map<String, Object> replies(String op, Map<String, ?> arguments, @Nullable List<String> only) {
        Collection<String> addresses = new ArrayList<>();
        for (WorkerInfo worker : cluster.workers().all()) {
            if (worker.runtime() == Runtime.PYTHON && (only == null || only.contains(worker.address()))) {
                addresses.add(worker.address());
            }
        }
        Map<String, @Nullable Object> call = new LinkedHashMap<>(arguments);
        call.put("op", op);
        Map<String, Object> replies = new LinkedHashMap<>();
        cluster.calls().all(addresses, worker -> call, TIMEOUT).forEach((worker, outcome) -> {
            if (outcome.reply() instanceof Map<?, ?> reply) {
                replies.put(worker, reply);
            }
        });
        return replies;
    }

    /// How many samples there are at each moment, in all and by key. Source of the form:
    /// `Scheduler.get_profile_metadata`.
    private Object metadata(Fields request, Connection connection) throws BadMessageException {
        Map<String, @Nullable Object> call = new LinkedHashMap<>();
        call.put("start", request.get("start"));
        call.put("stop", request.get("stop"));
        Map<Double, Long> counts = new TreeMap<>();
        Map<Object, Map<Double, Long>> keys = new LinkedHashMap<>();
        for (Object reply : replies("profile_metadata", call, Wire.textsOrNull(request, "workers"))
                .values()) {
            if (reply instanceof Map<?, ?> map) {
                addAll(counts, map.get("counts"));
                if (map.get("keys") instanceof Map<?, ?> byKey) {
                    byKey.forEach((key, series) -> {
                        if (key != null) {
                            addAll(keys.computeIfAbsent(key, k -> new TreeMap<>()), series);
                        }
                    });
                }
            }
        }
        Map<Object, Object> rows = new LinkedHashMap<>();
        keys.forEach((key, series) -> rows.put(key, rows(series)));
        return Map.of("counts", rows(counts), "keys", rows);
    }

    private static void addAll(Map<Double, Long> sum, @Nullable Object series) {
        if (!(series instanceof List<?> rows)) {
            return;
        }
        for (Object row : rows) {
            if (row instanceof List<?> pair
                    && pair.size() == 2
                    && pair.getFirst() instanceof Number time
                    && pair.getLast() instanceof Number count) {
                sum.merge(time.doubleValue(), count.longValue(), Long::sum);
            }
        }
    }

    private static List<List<Object>> rows(Map<Double, Long> series) {
        List<List<Object>> rows = new ArrayList<>(series.size());
        series.forEach((time, count) -> rows.add(List.of(time, count)));
        return rows;
    }
}
