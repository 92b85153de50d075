package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.TaskKey;
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
        if (grouped && !isByPrefix(cells.get(1))) {
            throw RpcFailure.python(
                    "builtins",
                    "RuntimeError",
                    "progress bars are grouped by prefix here; another group_by would run in the scheduler, which runs"
                            + " no user code");
        }
        List<TaskKey> keys = Wire.keys(given, request, "setup");
        return new Progress(keys, complete, grouped);
    }

    private static boolean isByPrefix(@Nullable Object groupBy) {
        return switch (groupBy) {
            case null -> true;
            case String text -> text.equals("prefix");
            case PickleReader.Opaque function -> function.type().endsWith(".key_split");
            default -> false;
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
