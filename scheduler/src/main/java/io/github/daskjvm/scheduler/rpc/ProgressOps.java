package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskPrefix;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.PickleReader;
import io.github.daskjvm.scheduler.peers.TaskRecords;
import io.github.daskjvm.scheduler.peers.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `feed`: what Python's progress bars and event streams ask for. They send functions to run in the scheduler; here
/// these are recognised by their names and what they would say is said without them.
final class ProgressOps {
    private static final Logger log = LoggerFactory.getLogger(ProgressOps.class);
    private static final String BAR = "distributed.diagnostics.progressbar.ProgressBar.listen.<locals>.setup";
    private static final String BARS = "distributed.diagnostics.progressbar.MultiProgressBar.listen.<locals>.setup";
    private static final String ALL = "distributed.diagnostics.progress.AllProgress";
    private static final List<TaskStatus> SHOWN =
            List.of(TaskStatus.MEMORY, TaskStatus.ERRED, TaskStatus.RELEASED, TaskStatus.PROCESSING, TaskStatus.QUEUED);
    private static final String EVENTS = "distributed.diagnostics.eventstream.EventStream";
    private static final long INTERVAL_MIN_MILLIS = 10;
    private static final long INTERVAL_MAX_MILLIS = 3_600_000;
    /// Looking at the tasks may take this part of the loop's time, a twentieth.
    private static final long SHARE = 20;

    private final Cluster cluster;
    private final TaskRecords records;

    ProgressOps(Cluster cluster, TaskRecords records) {
        this.cluster = cluster;
        this.records = records;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("feed", this::feed);
    }

    private Object feed(Fields request, Connection connection) throws BadMessageException, RpcFailure, IOException {
        PickledFunctions.Known setup = PickledFunctions.read(Opaque.bytes(request.get("setup")));
        Object given = request.get("interval");
        double seconds = given == null ? 1 : Wire.seconds(given, request, "interval");
        long millis = Math.clamp((long) (seconds * 1e3), INTERVAL_MIN_MILLIS, INTERVAL_MAX_MILLIS);
        String name = setup == null ? "" : setup.name();
        try {
            switch (name) {
                case BAR -> progress(connection, progress(request, setup, false), millis);
                case BARS -> progress(connection, progress(request, setup, true), millis);
                case ALL -> prefixes(connection, millis);
                case EVENTS -> events(connection, millis);
                default -> throw refused();
            }
        } catch (EOFException | SocketException e) {
            log.debug("the feed to {} ends: {}", connection.peer(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return RpcHandler.TAKEN;
    }

    private static RpcFailure refused() {
        return RpcFailure.python(
                "builtins",
                "RuntimeError",
                "this feed is refused: it would run functions of the client in the scheduler, and this one runs no user"
                        + " code. The progress bars of distributed.diagnostics are served; others find what they need in"
                        + " client.get_task_stream, client.get_events and the Prometheus metrics");
    }

    /// The closure has `complete`, for several bars `group_by`, and `keys`.
    private static Progress progress(Fields request, PickledFunctions.@Nullable Known setup, boolean grouped)
            throws BadMessageException, RpcFailure {
        List<@Nullable Object> cells = setup == null ? List.of() : setup.cells();
        if (cells.size() != (grouped ? 3 : 2)
                || !(cells.getFirst() instanceof Boolean complete)
                || !(cells.getLast() instanceof Collection<?> given)) {
            throw refused();
        }
        Progress.Grouping grouping = grouped ? grouping(cells.get(1)) : Progress.Grouping.NONE;
        if (grouping == null) {
            throw RpcFailure.python(
                    "builtins",
                    "RuntimeError",
                    "progress bars are grouped by prefix or by spans here; another group_by would run in the scheduler, which runs"
                            + " no user code");
        }
        List<TaskKey> keys = Wire.keys(given, request, "setup");
        return new Progress(keys, complete, grouping);
    }

    private static Progress.@Nullable Grouping grouping(@Nullable Object groupBy) {
        return switch (groupBy) {
            case null -> Progress.Grouping.PREFIX;
            case String text when text.equals("prefix") -> Progress.Grouping.PREFIX;
            case String text when text.equals("spans") -> Progress.Grouping.SPANS;
            case PickleReader.Opaque function when function.type().endsWith(".key_split") -> Progress.Grouping.PREFIX;
            default -> null;
        };
    }

    private void progress(Connection connection, Progress progress, long millis)
            throws IOException, InterruptedException {
        while (true) {
            long[] nanos = new long[1];
            Map<String, @Nullable Object> report = cluster.loop().query(state -> {
                long started = System.nanoTime();
                Map<String, @Nullable Object> now = progress.look(state);
                nanos[0] = System.nanoTime() - started;
                return now;
            });
            if (!report.isEmpty()) {
                connection.write(report);
            }
            if (progress.isOver()) {
                connection.read();
                return;
            }
            Thread.sleep(Math.max(report.isEmpty() ? 50 : millis, SHARE * nanos[0] / 1_000_000));
        }
    }

    /// How many tasks of each prefix there are, and are in some states; source: `progress_stream.counts`.
    private void prefixes(Connection connection, long millis) throws IOException, InterruptedException {
        while (true) {
            Map<String, Map<String, Object>> report = cluster.loop().query(ProgressOps::prefixes);
            connection.write(report);
            Thread.sleep(millis);
        }
    }

    private static Map<String, Map<String, Object>> prefixes(SchedulerState state) {
        Map<String, Map<String, Object>> report = new LinkedHashMap<>();
        report.put("all", new LinkedHashMap<>());
        report.put("nbytes", new LinkedHashMap<>());
        SHOWN.forEach(status -> report.put(status.wireName(), new LinkedHashMap<>()));
        for (TaskPrefix prefix : state.prefixes()) {
            int known = 0;
            for (TaskStatus status : TaskStatus.values()) {
                known += status == TaskStatus.FORGOTTEN ? 0 : prefix.count(status);
            }
            if (known == 0) {
                continue;
            }
            put(report, "all", prefix, known);
            put(report, "nbytes", prefix, prefix.storedBytes());
            for (TaskStatus status : SHOWN) {
                if (prefix.count(status) > 0) {
                    put(report, status.wireName(), prefix, prefix.count(status));
                }
            }
        }
        return report;
    }

    private static void put(Map<String, Map<String, Object>> report, String what, TaskPrefix prefix, Object value) {
        report.getOrDefault(what, Map.of()).put(prefix.name(), value);
    }

    private void events(Connection connection, long millis) throws IOException, InterruptedException {
        records.activate();
        long sent = records.total();
        while (true) {
            List<Map<String, @Nullable Object>> news = new ArrayList<>();
            sent = records.since(sent, run -> news.add(run.map()));
            connection.write(news);
            Thread.sleep(millis);
        }
    }
}
