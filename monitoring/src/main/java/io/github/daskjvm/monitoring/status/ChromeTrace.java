package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;
import io.github.daskjvm.scheduler.peers.TaskActions;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The task stream in the trace event format that Perfetto and Chromium's `about:tracing` open: a process is a worker,
/// a thread one of its threads, times are microseconds since 1970.
///
/// On a track of that format slices follow each other or lie in each other. A worker fetches several inputs at a time,
/// beside what its threads do: transfers have tracks of their own, as many as there were at once. So has what overlaps
/// for another reason, a thread's number that was given out again, say.
final class ChromeTrace {
    /// Names of tracks of transfers; those of threads begin otherwise.
    private static final String TRANSFERS = "transfers";

    private final OutputStream out;
    private final Map<String, Process> processes = new HashMap<>();
    private String comma = "\n";

    private ChromeTrace(OutputStream out) {
        this.out = out;
    }

    /// A worker; its tracks by what they are for.
    private record Process(int id, Map<String, List<Track>> tracks) {
        /// The threads in the order in which they first did something.
        int threads() {
            return (int) tracks.keySet().stream()
                    .filter(name -> !name.equals(TRANSFERS))
                    .count();
        }

        int tracksAll() {
            return tracks.values().stream().mapToInt(List::size).sum();
        }
    }

    private static final class Track {
        final int id;
        /// When its last slice ended, in microseconds.
        long end = Long.MIN_VALUE;

        Track(int id) {
            this.id = id;
        }
    }

    /// Everything that is kept, piece by piece.
    static void write(StatusSource source, OutputStream to) throws IOException {
        var buffered = new BufferedOutputStream(to, 1 << 16);
        var trace = new ChromeTrace(buffered);
        put(buffered, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
        for (WorkerSnapshot worker : source.snapshot().workers()) {
            trace.process(worker.address(), worker.name() + " " + worker.address());
        }
        TaskActions actions = source.actions();
        List<Action> all = new ArrayList<>(actions.between(0, actions.total()));
        all.removeIf(action -> !(action.start() >= 0 && action.stop() >= action.start() && action.stop() < 1e10));
        all.sort(Comparator.comparingDouble(Action::start));
        for (Action action : all) {
            trace.slice(action);
        }
        put(buffered, "\n]}\n");
        buffered.flush();
    }

    private Process process(String address, String name) throws IOException {
        Process known = processes.get(address);
        if (known == null) {
            known = new Process(processes.size() + 1, new LinkedHashMap<>());
            processes.put(address, known);
            describe("process_name", known.id, 0, Map.of("name", name));
        }
        return known;
    }

    private void slice(Action action) throws IOException {
        Process process = process(action.worker(), action.worker());
        long start = Math.round(action.start() * 1e6);
        long end = Math.max(start, Math.round(action.stop() * 1e6));
        Track track = track(process, action, start);
        track.end = end;
        boolean compute = action.action().equals("compute");
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("ph", "X");
        event.put("name", compute ? action.key().prefix() : action.action());
        event.put("cat", action.erred() ? action.action() + ",erred" : action.action());
        event.put("pid", process.id);
        event.put("tid", track.id);
        event.put("ts", start);
        event.put("dur", end - start);
        event.put("args", Map.of("key", action.key().toString()));
        event(event);
    }

    /// The first track for such an action where nothing goes on any more.
    private Track track(Process process, Action action, long start) throws IOException {
        String purpose = action.action().equals("transfer") ? TRANSFERS : Long.toString(action.thread());
        List<Track> tracks = process.tracks.computeIfAbsent(purpose, p -> new ArrayList<>());
        for (Track track : tracks) {
            if (track.end <= start) {
                return track;
            }
        }
        var track = new Track(process.tracksAll() + 1);
        tracks.add(track);
        boolean transfers = purpose.equals(TRANSFERS);
        String name = (transfers ? TRANSFERS : "thread " + process.threads())
                + (tracks.size() == 1 ? "" : " (" + tracks.size() + ")");
        describe("thread_name", process.id, track.id, Map.of("name", name));
        describe("thread_sort_index", process.id, track.id, Map.of("sort_index", (transfers ? 1_000 : 0) + track.id));
        return track;
    }

    private void describe(String what, int process, int track, Map<String, ?> arguments) throws IOException {
        event(Map.of("ph", "M", "name", what, "pid", process, "tid", track, "args", arguments));
    }

    private void event(Map<String, ?> event) throws IOException {
        put(out, comma + FrameText.json(event));
        comma = ",\n";
    }

    private static void put(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
