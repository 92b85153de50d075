package io.github.daskjvm.cli.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DaskLoggingTest {
    private static String line(String logger, Level level, String text) {
        var event = new LoggingEvent(
                "", new LoggerContext().getLogger(logger), level, text, null, new Object[] {"tcp://a:1"});
        return new String(new DaskLineEncoder().encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void aLineIsOfDasksForm() {
        assertThat(line("distributed.scheduler", Level.INFO, "  Scheduler at: {}"))
                .matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,\\d{3} - distributed\\.scheduler - INFO"
                        + " -   Scheduler at: tcp://a:1\n");
    }

    @Test
    void ourClassesLogUnderDasksNames() {
        assertThat(line("io.github.daskjvm.scheduler.Scheduler", Level.WARN, "x"))
                .endsWith(" - distributed.scheduler - WARNING - x\n");
        assertThat(line("io.github.daskjvm.comm.RpcServer", Level.ERROR, "x")).contains(" - distributed.comm - ERROR");
        assertThat(line("org.other.Library", Level.INFO, "x")).contains(" - org.other.Library - ");
    }

    @Test
    void aLevelThatPythonDoesNotHaveIsRefused() {
        assertThatThrownBy(() -> DaskLogging.setLevels(Map.of("distributed", "loud")))
                .hasMessageContaining("'loud'");
    }
}
