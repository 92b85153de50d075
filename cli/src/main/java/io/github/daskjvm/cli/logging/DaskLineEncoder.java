package io.github.daskjvm.cli.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/// Dask's `distributed.admin.log-format`: `2026-01-31 12:00:00,123 - distributed.scheduler - INFO - text`.
public final class DaskLineEncoder extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS").withZone(ZoneId.systemDefault());
    private static final String OURS = "io.github.daskjvm.";

    @Override
    public byte[] encode(ILoggingEvent event) {
        String text = line(event) + "\n";
        if (event.getThrowableProxy() != null) {
            text += ThrowableProxyUtil.asString(event.getThrowableProxy());
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /// The line without its end, and without the trace of an exception.
    String line(ILoggingEvent event) {
        var line = new StringBuilder(160);
        TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
        line.append(" - ")
                .append(name(event.getLoggerName()))
                .append(" - ")
                .append(level(event.getLevel()))
                .append(" - ")
                .append(event.getFormattedMessage());
        return line.toString();
    }

    /// Classes of the package `….scheduler` log as `distributed.scheduler`, which is the name in Dask.
    static String name(String logger) {
        if (!logger.startsWith(OURS)) {
            return logger;
        }
        int classStart = logger.lastIndexOf('.');
        return "distributed." + logger.substring(OURS.length(), Math.max(classStart, OURS.length()));
    }

    /// Python's names of the levels.
    static String level(Level level) {
        return level.levelInt == Level.WARN_INT ? "WARNING" : level.toString();
    }

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }
}
