package io.github.daskjvm.worker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker's log, of which the last thousand lines can be asked for from afar (`get_logs`). Any thread may
/// call.
final class WorkerLog {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    /// Dask's `distributed.admin.log-length`, of which its default is ten times this.
    private static final int LINES_MAX = 1000;

    private final Deque<Line> lines = new ArrayDeque<>();

    private record Line(double time, String level, String text) {}

    void info(String text) {
        log.info(text);
        keep("INFO", text);
    }

    void warn(String text) {
        log.warn(text);
        keep("WARNING", text);
    }

    void error(String text, Throwable cause) {
        log.error(text, cause);
        keep("ERROR", text + ": " + cause);
    }

    private synchronized void keep(String level, String text) {
        if (lines.size() == LINES_MAX) {
            lines.removeFirst();
        }
        lines.addLast(new Line(System.currentTimeMillis() / 1000.0, level, text));
    }

    /// The last `count` lines from number `start` on, newest first as Dask gives them: `[level, text]`, or
    /// `[time, level, text]`.
    synchronized List<List<Object>> lines(int start, int count, boolean timestamps) {
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
