package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/// What is logged while it is open.
final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final List<String> lines = new ArrayList<>();
    private final Level least;

    LogLines(Level least) {
        this.least = least;
        setContext((ch.qos.logback.classic.LoggerContext) LoggerFactory.getILoggerFactory());
        start();
        root().addAppender(this);
        ours().setLevel(Level.INFO);
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private static Logger ours() {
        return (Logger) LoggerFactory.getLogger("io.github.daskjvm");
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (event.getLevel().isGreaterOrEqual(least)) {
            synchronized (lines) {
                lines.add(event.getFormattedMessage());
            }
        }
    }

    List<String> naming(String text) {
        synchronized (lines) {
            return lines.stream().filter(line -> line.contains(text)).toList();
        }
    }

    /// Waits for the line that names it, and says that there is no other.
    void assertOneLineNaming(String text) throws InterruptedException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (naming(text).isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(1);
        }
        assertThat(naming(text)).as("lines of the log that name " + text).hasSize(1);
    }

    @Override
    public void close() {
        root().detachAppender(this);
        ours().setLevel(null);
        stop();
    }
}
