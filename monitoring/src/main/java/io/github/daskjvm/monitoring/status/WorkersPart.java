package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The workers' part of frames: who they are, which is sent when it changes, and how they are, column by column.
final class WorkersPart {
    /// Workers with a row of their own, in order of joining; totals have all of them.
    static final int WORKERS_MAX = 1_000;

    private static final int TEXT_MAX = 80;
    private static final int MIB = 1 << 20;
    private static final int PEERS_MAX = 64;
    private static final int PAIRS_MAX = 250;

    private WorkersPart() {}

    /// Rows of: address, name, host, threads, memory limit in MiB (0 for none), runtime, address of the nanny or
    /// null.
    static List<Object> table(List<WorkerRow> workers) {
        List<Object> rows = new ArrayList<>();
        for (WorkerRow row : first(workers, WORKERS_MAX)) {
            WorkerSnapshot worker = row.state();
            List<@Nullable Object> cells = new ArrayList<>();
            cells.add(FrameText.cut(worker.address(), TEXT_MAX));
            cells.add(FrameText.cut(worker.name(), TEXT_MAX));
            cells.add(FrameText.cut(worker.host(), TEXT_MAX));
            cells.add(worker.nthreads());
            cells.add(worker.memoryLimitBytes() / MIB);
            cells.add(worker.runtime().wireName());
            rows.add(cells);
        }
        return rows;
    }

    /// How the first so many workers are, column by column, each with one value a worker.
    static Map<String, List<Object>> load(List<WorkerRow> workers, int most) {
        Map<String, List<Object>> columns = new LinkedHashMap<>();
        for (WorkerRow row : first(workers, most)) {
            WorkerSnapshot state = row.state();
            boolean running = state.status() == WorkerStatus.RUNNING;
            add(columns, "status", running ? load(state) : state.status().wireName());
            add(columns, "cpu", Math.round(row.said().cpuPercent()));
            add(columns, "managed", row.managedBytes() / MIB);
            add(columns, "old", row.unmanagedOldBytes() / MIB);
            add(columns, "recent", row.unmanagedRecentBytes() / MIB);
            add(columns, "spilled", row.spilledBytes() / MIB);
            add(columns, "occupancy", Math.round(state.occupancySeconds() * 10) / 10.0);
            add(columns, "processing", state.processing());
            add(columns, "stored", state.storedKeys());
        }
        return columns;
    }

    /// What they move, and for how many seconds they have said nothing.
    static Map<String, List<Object>> transfers(List<WorkerRow> workers, int most, double now) {
        Map<String, List<Object>> columns = new LinkedHashMap<>();
        for (WorkerRow row : first(workers, most)) {
            WorkerGauges said = row.said();
            add(columns, "read", Math.round(said.readBytesPerSecond() / 1024));
            add(columns, "write", Math.round(said.writeBytesPerSecond() / 1024));
            add(columns, "incoming", said.incomingBytes() / 1024);
            add(columns, "outgoing", said.outgoingBytes() / 1024);
            add(columns, "fetched", said.incomingTotal());
            add(columns, "served", said.outgoingTotal());
            add(columns, "silent", said.lastSeen() == 0 ? 0 : Math.max(0, Math.round(now - said.lastSeen())));
        }
        return columns;
    }

    /// A letter, as there may be a thousand of them: idle, partially saturated, saturated.
    private static String load(WorkerSnapshot state) {
        return state.load().name().substring(0, 1).toLowerCase(Locale.ROOT);
    }

    private static void add(Map<String, List<Object>> columns, String name, Object value) {
        columns.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    }

    /// The fastest links as measured: index of the worker, index of the peer it fetched from, KiB a second.
    static List<List<Long>> links(List<WorkerRow> workers) {
        List<WorkerRow> shown = first(workers, WORKERS_MAX);
        Map<Object, Long> index = HashMap.newHashMap(shown.size());
        for (int i = 0; i < shown.size(); i++) {
            index.put(shown.get(i).state().address(), (long) i);
        }
        List<List<Long>> links = new ArrayList<>();
        for (int i = 0; i < shown.size(); i++) {
            int left = PEERS_MAX;
            for (Map.Entry<?, ?> peer : shown.get(i).said().bandwidths().entrySet()) {
                Long from = index.get(peer.getKey());
                Object rate =
                        peer.getValue() instanceof List<?> pair && !pair.isEmpty() ? pair.getFirst() : peer.getValue();
                if (from != null && left-- > 0) {
                    links.add(List.of((long) i, from, Math.round(WorkerGauges.number(rate) / 1024)));
                }
            }
        }
        links.sort(Comparator.comparingLong((List<Long> link) -> -link.getLast()));
        return links.subList(0, Math.min(PAIRS_MAX, links.size()));
    }

    private static List<WorkerRow> first(List<WorkerRow> workers, int most) {
        return workers.subList(0, Math.min(Math.min(most, WORKERS_MAX), workers.size()));
    }
}
