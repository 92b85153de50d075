package io.github.daskjvm.cli.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.github.daskjvm.cli.config.ConfigException;
import io.github.daskjvm.cli.config.DaskConfig;
import java.util.Locale;
import java.util.Map;
import org.slf4j.LoggerFactory;

/// Sets logging up in code, which takes a tenth of the time that reading a `logback.xml` does. Logback finds it by
/// `META-INF/services`.
public final class DaskLogging extends ContextAwareBase implements Configurator {
    private static final Map<String, Level> LEVELS = Map.of(
            "debug", Level.DEBUG,
            "info", Level.INFO,
            "warning", Level.WARN,
            "warn", Level.WARN,
            "error", Level.ERROR,
            "critical", Level.ERROR);

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        var encoder = new DaskLineEncoder();
        encoder.setContext(context);
        encoder.start();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(appender);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /// Sets the levels that Dask's settings `logging` or `distributed.logging` name. A Python logging configuration,
    /// which may be there instead, means nothing here and is passed over.
    ///
    /// @throws ConfigException for a level that Python does not have
    public static void setLevels(DaskConfig config) {
        for (String key : new String[] {"logging", "distributed.logging"}) {
            try {
                setLevels(config.words(key));
            } catch (IllegalArgumentException e) {
                throw new ConfigException("the setting " + key + " can not be used: " + e.getMessage());
            }
        }
    }

    /// Sets levels, logger name to level; `distributed.scheduler` stands for the package of that name here as well.
    ///
    /// @throws IllegalArgumentException for a level that Python does not have
    public static void setLevels(Map<String, String> levels) {
        levels.forEach((name, text) -> {
            Level level = LEVELS.get(text.toLowerCase(Locale.ROOT));
            if (level == null) {
                throw new IllegalArgumentException("the logging level of " + name + " is '" + text
                        + "', but must be debug, info, warning, error or critical");
            }
            setLevel(name, level);
            if (name.equals("distributed") || name.startsWith("distributed.")) {
                setLevel("io.github.daskjvm" + name.substring("distributed".length()), level);
            }
        });
    }

    private static void setLevel(String name, Level level) {
        if (LoggerFactory.getLogger(name) instanceof ch.qos.logback.classic.Logger logger) {
            logger.setLevel(level);
        }
    }
}
