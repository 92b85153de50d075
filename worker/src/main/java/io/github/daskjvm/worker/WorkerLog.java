package io.github.daskjvm.worker;

import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The log of a worker or nanny, of which the last thousand lines can be asked for from afar (`get_logs`). Any thread
/// may call.
public final class WorkerLog {
    /// Dask's `distributed.admin.log-length`, of which its default is ten times this.
    private static final int LINES_MAX = 1000;

    private final Logger log;
    private final Deque<Line> lines = new ArrayDeque<>();

    private record Line(double time, String level, String text) {}

    WorkerLog() {
        this(Worker.class.getName());
    }

    /// @param logger its name
    public WorkerLog(String logger) {
        this.log = LoggerFactory.getLogger(logger);
    }

    public void info(String text) {
        log.info(text);
        keep("INFO", text);
    }

    public void warn(String text) {
        log.warn(text);
        keep("WARNING", text);
    }

    public void error(String text, Throwable cause) {
        log.error(text, cause);
        keep("ERROR", text + ": " + cause);
    }

    private synchronized void keep(String level, String text) {
        if (lines.size() == LINES_MAX) {
            lines.removeFirst();
        }
        lines.addLast(new Line(System.currentTimeMillis() / 1000.0, level, text));
    }

    /// The answer to `get_logs`, whose fields are `start`, `n` and `timestamps`, none of which must be there.
    public List<List<Object>> lines(Fields request) throws BadMessageException {
        return lines(
                (int) Math.clamp(request.integer("start", 0), 0, Integer.MAX_VALUE),
                (int) Math.clamp(request.integer("n", Integer.MAX_VALUE), 0, Integer.MAX_VALUE),
                request.bool("timestamps", false));
    }

    /// All that is kept, newest first: `[level, text]`.
    List<List<Object>> lines() {
        return lines(0, LINES_MAX, false);
    }

    /// The last `count` lines from number `start` on, newest first as Dask gives them: `[level, text]`, or
    /// `[time, level, text]`.
    private synchronized List<List<Object>> lines(int start, int count, boolean timestamps) {
        var result = new ArrayList<List<Object>>();
        int index = 0;
        for (Line line : (Iterable<Line>) lines::descendingIterator) {
            if (index++ >= start && result.size() < count) {
                result.add(timestamps ? List.of(line.time, line.level, line.text) : List.of(line.level, line.text));
            }
        }
        return result;
    }
}
