package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What workers of both kinds spend their time on, as their own samplers found. The scheduler runs no tasks; its
/// profile is an empty tree.
final class ProfileOps {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    /// Dask's `distributed.worker.profile.cycle`.
    private static final double CYCLE_SECONDS = 1;

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
            if (only == null || only.contains(worker.address())) {
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

    /// How many samples there are by time, in all and by prefix, as rows of time and number. Workers' cycles that end
    /// in the same interval are one row. Source of the form: `Scheduler.get_profile_metadata`.
    private Object metadata(Fields request, Connection connection) throws BadMessageException {
        Map<String, @Nullable Object> call = new LinkedHashMap<>();
        call.put("start", request.get("start") == null ? 0 : request.get("start"));
        call.put("stop", request.get("stop"));
        double interval =
                request.get("profile_cycle_interval") instanceof Number milliseconds && milliseconds.doubleValue() > 0
                        ? milliseconds.doubleValue() / 1e3
                        : CYCLE_SECONDS;
        Map<Double, Long> counts = new TreeMap<>();
        Map<Double, Map<Object, Long>> keys = new TreeMap<>();
        Set<Object> names = new LinkedHashSet<>();
        for (Object reply : replies("profile_metadata", call, Wire.textsOrNull(request, "workers"))
                .values()) {
            if (!(reply instanceof Map<?, ?> map)) {
                continue;
            }
            each(map.get("counts"), interval, (time, value) -> {
                if (value instanceof Number count) {
                    counts.merge(time, count.longValue(), Long::sum);
                }
            });
            each(map.get("keys"), interval, (time, value) -> {
                Map<Object, Long> there = keys.computeIfAbsent(time, t -> new LinkedHashMap<>());
                if (value instanceof Map<?, ?> byName) {
                    byName.forEach((name, count) -> {
                        if (name != null && count instanceof Number number) {
                            names.add(name);
                            there.merge(name, number.longValue(), Long::sum);
                        }
                    });
                }
            });
        }
        Map<Object, Object> series = new LinkedHashMap<>();
        for (Object name : names) {
            List<List<Object>> rows = new ArrayList<>(keys.size());
            keys.forEach((time, there) -> rows.add(List.of(time, there.getOrDefault(name, 0L))));
            series.put(name, rows);
        }
        List<List<Object>> rows = new ArrayList<>(counts.size());
        counts.forEach((time, count) -> rows.add(List.of(time, count)));
        return Map.of("counts", rows, "keys", series);
    }

    /// @param rows of a time and something else
    /// @param interval seconds by which times are rounded down
    private static void each(@Nullable Object rows, double interval, BiConsumer<Double, @Nullable Object> action) {
        if (rows instanceof List<?> list) {
            for (Object row : list) {
                if (row instanceof List<?> pair && pair.size() == 2 && pair.getFirst() instanceof Number time) {
                    action.accept(Math.floor(time.doubleValue() / interval) * interval, pair.getLast());
                }
            }
        }
    }
}
