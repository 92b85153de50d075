package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.monitoring.status.OpenTasks.Open;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The task stream's part of a frame: the longest actions one by one, all others summed up in cells of half a
/// second by lane, kind and prefix. So its size does not depend on how many tasks there are, and nothing is left
/// out of the sums.
final class StreamPart {
    static final int BIN_MILLIS = 500;
    static final int WINDOW_SECONDS = 60;
    /// Six digits and a comma at most for each half second.
    private static final int PAST_LANES = 96;

    private static final int PAST_SPANS_MAX = 400;
    private static final int KEY_MAX = 100;
    private static final int NAMES_MAX = 500;
    private static final int NAMES_BYTES = 4_000;
    private static final int NAME_MAX = 60;
    private static final String OTHER = "(other)";

    private final double epoch;
    private final double binMillis;
    private final Map<String, Integer> names = new LinkedHashMap<>();
    private int namesSent;

    /// @param epoch seconds since 1970 from which times in frames are counted
    StreamPart(double epoch) {
        this(epoch, BIN_MILLIS);
    }

    /// @param binMillis the length of a cell, where it is not the usual one
    StreamPart(double epoch, double binMillis) {
        this.epoch = epoch;
        this.binMillis = binMillis;
    }

    /// A cell's place.
    private record Cell(int lane, long bin, int kind, int name) {}

    /// Writes `spans` of [lane, start ms, duration ms, kind, name, key], `cells` of [lane, bin, kind, name, ms],
    /// `busy` with the ms of each kind, and `hidden`, how many of these there was no room for. Where there is no
    /// room for all cells, those of a lane and moment become one, under the kind and name that has most of it.
    void write(FrameText frame, List<Action> actions, Lanes lanes, double now, int spansMax, int bytesMax) {
        List<Action> drawn = ofLate(actions, now);
        boolean oneByOne = lanes.mode() == Lanes.Mode.THREADS;
        if (oneByOne && drawn.size() > spansMax) {
            drawn.sort(Comparator.comparingDouble(a -> a.start() - a.stop()));
        }
        int single = oneByOne ? Math.min(spansMax, drawn.size()) : 0;
        List<Object> spans = spans(drawn.subList(0, single), lanes);
        int hidden = frame.list("spans", spans, bytesMax / 2);
        Map<Cell, Double> cells = cells(
                drawn.subList(single, drawn.size()),
                lanes,
                (now - epoch - WINDOW_SECONDS) * 1e3,
                (now - epoch + WINDOW_SECONDS) * 1e3);
        int room = spans.isEmpty() ? bytesMax : bytesMax / 2;
        List<Object> rows = rows(cells);
        if (FrameText.json(rows).length() > room) {
            rows = rows(mainOnly(cells));
        }
        hidden += frame.list("cells", rows, room);
        frame.field("hidden", hidden);
        busy(frame, drawn);
    }

    private List<Action> ofLate(List<Action> actions, double now) {
        List<Action> drawn = new ArrayList<>();
        for (Action action : actions) {
            if (action.stop() >= action.start() && action.stop() > now - WINDOW_SECONDS && action.start() < now + 60) {
                drawn.add(action);
            }
        }
        return drawn;
    }

    private static void busy(FrameText frame, List<Action> actions) {
        double[] busy = new double[Kind.values().length];
        for (Action action : actions) {
            busy[Kind.of(action).ordinal()] += 1e3 * (action.stop() - action.start());
        }
        List<Long> sums = new ArrayList<>();
        for (double millis : busy) {
            sums.add(Math.round(millis));
        }
        frame.field("busy", sums);
    }

    /// What was done between two moments, in ms since the epoch.
    private Map<Cell, Double> cells(List<Action> actions, Lanes lanes, double from, double to) {
        Map<Cell, Double> cells = new HashMap<>();
        for (Action action : actions) {
            int lane = lanes.lane(action);
            if (lane >= 0) {
                addCells(cells, lane, action, from, to);
            }
        }
        return cells;
    }

    /// Largest first.
    private static List<Object> rows(Map<Cell, Double> cells) {
        List<Map.Entry<Cell, Double>> largest = new ArrayList<>(cells.entrySet());
        largest.sort(Map.Entry.<Cell, Double>comparingByValue().reversed());
        List<Object> rows = new ArrayList<>(largest.size());
        for (Map.Entry<Cell, Double> entry : largest) {
            Cell cell = entry.getKey();
            rows.add(List.of(cell.lane, cell.bin, cell.kind, cell.name, Math.round(entry.getValue() * 10) / 10.0));
        }
        return rows;
    }

    private static Map<Cell, Double> mainOnly(Map<Cell, Double> cells) {
        Map<Cell, Map.Entry<Cell, Double>> main = new HashMap<>();
        Map<Cell, Double> sums = new HashMap<>();
        for (Map.Entry<Cell, Double> entry : cells.entrySet()) {
            var place = new Cell(entry.getKey().lane, entry.getKey().bin, 0, 0);
            sums.merge(place, entry.getValue(), Double::sum);
            main.merge(place, entry, (one, other) -> one.getValue() >= other.getValue() ? one : other);
        }
        Map<Cell, Double> merged = HashMap.newHashMap(main.size());
        main.forEach((place, entry) -> merged.put(entry.getKey(), sums.getOrDefault(place, 0.0)));
        return merged;
    }

    /// Whether the last minute is so quiet that a page that was just opened can have it action by action.
    boolean isQuiet(List<Action> actions, Lanes lanes, double now) {
        return lanes.mode() == Lanes.Mode.THREADS && ofLate(actions, now).size() <= PAST_SPANS_MAX;
    }

    /// The last minute for a page that was just opened, as [#summed], in parts of so many lanes that each is a
    /// message.
    List<FrameText> past(List<Action> actions, Lanes lanes, double now) {
        long last = (long) Math.floor((now - epoch) * 1e3 / binMillis);
        int bins = (int) (WINDOW_SECONDS * 1000 / binMillis);
        int[][] rows = summed(ofLate(actions, now), lanes, last - bins + 1, bins);
        List<FrameText> parts = new ArrayList<>();
        for (int lane = 0; lane < rows.length; lane += PAST_LANES) {
            int[][] some = Arrays.copyOfRange(rows, lane, Math.min(rows.length, lane + PAST_LANES));
            parts.add(new FrameText()
                    .field("bin", last - bins + 1)
                    .field("lane", lane)
                    .field("rows", some));
        }
        return parts;
    }

    /// So many moments of each lane, each in one number: 0 where nothing was done, else 1 and tenths of the lane's
    /// time less one, and ten times the kind and eight times the name that had most of it.
    int[][] summed(List<Action> actions, Lanes lanes, long firstBin, int bins) {
        List<Integer> threads = lanes.threads();
        int[][] rows = new int[threads.size()][bins];
        double from = firstBin * binMillis;
        mainOnly(cells(actions, lanes, from, from + bins * binMillis)).forEach((cell, millis) -> {
            int bin = (int) (cell.bin - firstBin);
            if (bin >= 0 && bin < bins) {
                double share = millis / binMillis / Math.max(1, threads.get(cell.lane));
                int tenths = (int) Math.clamp(Math.round(share * 10), 1, 10);
                rows[cell.lane][bin] = tenths + 10 * (cell.kind + 8 * cell.name);
            }
        });
        return rows;
    }

    /// [lane, start ms, duration ms, kind, name, key] of each action.
    List<Object> spans(List<Action> actions, Lanes lanes) {
        List<Object> spans = new ArrayList<>(actions.size());
        for (Action action : actions) {
            int lane = lanes.lane(action);
            if (lane >= 0) {
                spans.add(span(lane, action));
            }
        }
        return spans;
    }

    /// What goes with [#past]: no actions, but the sums.
    void sums(FrameText frame, List<Action> actions, double now) {
        frame.field("spans", List.of()).field("cells", List.of()).field("hidden", 0);
        busy(frame, ofLate(actions, now));
    }

    /// Names that frames refer to by their index: those that are new since the last frame, or all of them.
    void names(FrameText frame, boolean all) {
        List<String> known = List.copyOf(names.keySet());
        int from = all ? 0 : namesSent;
        frame.field("namesFrom", from);
        int left = frame.list("names", known.subList(from, known.size()), all ? 4 * NAMES_BYTES : NAMES_BYTES);
        if (!all) {
            namesSent = known.size() - left;
        }
    }

    /// Writes `open`, what runs now: [lane, start ms, how many, name, key] for each task where a lane is a thread;
    /// else one for each lane, with the start of the middle one, the commonest name, and no key. Keys are left out
    /// where there is no room for them.
    void open(FrameText frame, List<Open> open, Lanes lanes, double now, int bytesMax) {
        Map<Integer, List<Open>> byLane = new TreeMap<>();
        var taken = new BitSet();
        for (Open task : open) {
            int lane = lanes.openLane(task.worker(), task.start(), taken);
            if (lane >= 0) {
                byLane.computeIfAbsent(lane, l -> new ArrayList<>()).add(task);
            }
        }
        boolean keys = lanes.mode() == Lanes.Mode.THREADS;
        List<Object> rows = openRows(byLane, now, keys);
        if (FrameText.json(rows).length() > bytesMax) {
            rows = openRows(byLane, now, false);
        }
        frame.list("open", rows, bytesMax);
    }

    private List<Object> openRows(Map<Integer, List<Open>> byLane, double now, boolean keys) {
        List<Object> rows = new ArrayList<>();
        byLane.forEach((lane, tasks) -> {
            tasks.sort(Comparator.comparingDouble(Open::start));
            Map<Integer, Integer> byName = new HashMap<>();
            tasks.forEach(task -> byName.merge(name(task.key()), 1, Integer::sum));
            int most = Collections.max(byName.entrySet(), Map.Entry.comparingByValue())
                    .getKey();
            Open middle = tasks.get(tasks.size() / 2);
            double start = Math.max(middle.start(), now - WINDOW_SECONDS);
            String key = keys ? FrameText.cut(middle.key().toString(), KEY_MAX) : "";
            rows.add(List.of(lane, Math.round((start - epoch) * 1e3), tasks.size(), most, key));
        });
        return rows;
    }

    private List<Object> span(int lane, Action action) {
        return List.of(
                lane,
                Math.round((action.start() - epoch) * 1e4) / 10.0,
                Math.round((action.stop() - action.start()) * 1e4) / 10.0,
                Kind.of(action).ordinal(),
                name(action.key()),
                FrameText.cut(action.key().toString(), KEY_MAX));
    }

    private void addCells(Map<Cell, Double> cells, int lane, Action action, double least, double most) {
        double from = Math.max((action.start() - epoch) * 1e3, least);
        double to = Math.min((action.stop() - epoch) * 1e3, most);
        int kind = Kind.of(action).ordinal();
        int name = name(action.key());
        for (long bin = (long) Math.floor(from / binMillis); bin * binMillis < to; bin++) {
            double part = Math.min(to, (bin + 1) * binMillis) - Math.max(from, bin * binMillis);
            cells.merge(new Cell(lane, bin, kind, name), Math.max(part, 0), Double::sum);
        }
    }

    private int name(TaskKey key) {
        String prefix = FrameText.cut(key.prefix(), NAME_MAX);
        if (names.size() >= NAMES_MAX && !names.containsKey(prefix)) {
            prefix = OTHER;
        }
        return names.computeIfAbsent(prefix, p -> names.size());
    }

    /// What an action is; the page knows them by their order.
    enum Kind {
        COMPUTE,
        TRANSFER,
        DESERIALIZE,
        DISK_READ,
        DISK_WRITE,
        OTHER,
        ERRED;

        static Kind of(Action action) {
            if (action.erred() && action.action().equals("compute")) {
                return ERRED;
            }
            return switch (action.action()) {
                case "compute" -> COMPUTE;
                case "transfer" -> TRANSFER;
                case "deserialize" -> DESERIALIZE;
                case "disk-read" -> DISK_READ;
                case "disk-write" -> DISK_WRITE;
                default -> OTHER;
            };
        }
    }
}
