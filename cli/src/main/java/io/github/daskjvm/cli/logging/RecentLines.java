package io.github.daskjvm.cli.logging;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.github.daskjvm.scheduler.LogLine;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.LoggerFactory;

/// The scheduler's last log lines, for who asks for them over the network: `distributed.admin.log-length` of them.
public final class RecentLines extends AppenderBase<ILoggingEvent> {
    private final int linesMax;
    private final DaskLineEncoder encoder = new DaskLineEncoder();
    private final Deque<LogLine> lines = new ArrayDeque<>();

    private RecentLines(int linesMax) {
        this.linesMax = linesMax;
    }

    /// Keeps what the scheduler logs from now on.
    ///
    /// @param linesMax at least one
    public static RecentLines ofScheduler(int linesMax) {
        var recent = new RecentLines(Math.max(1, linesMax));
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            recent.setContext(context);
            recent.start();
            context.getLogger("io.github.daskjvm.scheduler").addAppender(recent);
        }
        return recent;
    }

    @Override
    protected void append(ILoggingEvent event) {
        var line = new LogLine(
                event.getTimeStamp() / 1000.0, DaskLineEncoder.level(event.getLevel()), encoder.line(event));
        synchronized (lines) {
            if (lines.size() == linesMax) {
                lines.removeFirst();
            }
            lines.addLast(line);
        }
    }

    /// Newest last.
    public List<LogLine> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }
}
