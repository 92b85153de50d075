package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.ListenAddress;
import io.github.daskjvm.monitoring.MetricOptions;
import io.github.daskjvm.monitoring.otlp.OtlpSettings;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends metrics by OTLP where OpenTelemetry's variables ask for it.
final class Push {
    private static final Logger LOG = LoggerFactory.getLogger(Push.class);
    private static final ListenAddress NOWHERE = new ListenAddress("", 0);

    private Push() {}

    /// Null where nothing is to be sent.
    ///
    /// @throws CommandFailedException for variables that can not be used
    static @Nullable AutoCloseable start(DaskConfig config, Function<MetricOptions, AutoCloseable> starter) {
        try {
            return OtlpSettings.areOn(System.getenv())
                    ? starter.apply(Dashboard.options(config, NOWHERE).metrics())
                    : null;
        } catch (CommandFailedException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CommandFailedException("metrics can not be sent by OTLP: " + e.getMessage(), e);
        }
    }

    /// Sends once more, if it was started.
    static void close(@Nullable AutoCloseable push) {
        if (push != null) {
            try {
                push.close();
            } catch (Exception e) {
                LOG.warn("The last metrics could not be sent: {}", e.getMessage());
            }
        }
    }
}
