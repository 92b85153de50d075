package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot.WorkerSnapshot;
import io.github.daskjvm.scheduler.peers.TaskActions;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The task stream in the trace event format that Perfetto and Chrome's `about:tracing` open: a process is a
/// worker, a thread one of its threads, times are microseconds since 1970.
final class ChromeTrace {
    private ChromeTrace() {}

    /// Everything that is kept, piece by piece.
    static void write(StatusSource source, OutputStream to) throws IOException {
        var out = new BufferedOutputStream(to, 1 << 16);
        Map<String, Integer> processes = new HashMap<>();
        put(out, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
        String comma = "\n";
        for (WorkerSnapshot worker : source.snapshot().workers()) {
            int process = processes.computeIfAbsent(worker.address(), w -> processes.size() + 1);
            put(out, comma + name(process, worker.name() + " " + worker.address()));
            comma = ",\n";
        }
        TaskActions actions = source.actions();
        for (Action action : actions.between(0, actions.total())) {
            Integer process = processes.get(action.worker());
            if (process == null) {
                process = processes.size() + 1;
                processes.put(action.worker(), process);
                put(out, comma + name(process, action.worker()));
                comma = ",\n";
            }
            put(out, comma + event(process, action));
            comma = ",\n";
        }
        put(out, "\n]}\n");
        out.flush();
    }

    private static String name(int process, String name) {
        return FrameText.json(
                Map.of("ph", "M", "name", "process_name", "pid", process, "tid", 0, "args", Map.of("name", name)));
    }

    private static String event(int process, Action action) {
        boolean compute = action.action().equals("compute");
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("ph", "X");
        event.put("name", compute ? action.key().prefix() : action.action());
        event.put("cat", action.erred() ? action.action() + ",erred" : action.action());
        event.put("pid", process);
        event.put("tid", action.thread());
        event.put("ts", Math.round(action.start() * 1e6));
        event.put("dur", Math.max(0, Math.round((action.stop() - action.start()) * 1e6)));
        event.put("args", Map.of("key", action.key().toString()));
        return FrameText.json(event);
    }

    private static void put(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }
}
