package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchedulerCommandTest {
    @TempDir
    private Path home;

    private final Map<String, String> variables = new HashMap<>();

    private DaskConfig config() {
        variables.putIfAbsent("DASK_ROOT_CONFIG", home.toString());
        return DaskConfig.load(variables, home);
    }

    private static SchedulerCommand command(String options) {
        return new SchedulerCommand(
                CommandOptions.SCHEDULER.parse(options.isEmpty() ? List.of() : List.of(options.split(" "))));
    }

    @ParameterizedTest
    @CsvSource({
        "'', tcp, '', 8786",
        "--port 0, tcp, '', 0",
        "--host 10.0.0.1, tcp, 10.0.0.1, 8786",
        "--host 10.0.0.1:99, tcp, 10.0.0.1, 99",
        "--host 10.0.0.1:99 --port 98, tcp, 10.0.0.1, 98",
        "--host tls://10.0.0.1:99, tls, 10.0.0.1, 99",
        "--interface lo, tcp, 127.0.0.1, 8786",
        "--protocol tls, tls, '', 8786",
        "--tls-cert a.pem, tls, '', 8786",
        "--tls-cert a.pem --protocol tcp, tcp, '', 8786",
    })
    void optionsAreCombinedAsInDask(String options, String protocol, String host, int port) {
        assertThat(command(options).listen(config())).isEqualTo(new SchedulerCommand.Listen(protocol, host, port));
    }

    @Test
    void theDefaultSchemeIsConfigured() {
        variables.put("DASK_DISTRIBUTED__COMM__DEFAULT_SCHEME", "tls");
        assertThat(command("").listen(config()).protocol()).isEqualTo("tls");
    }

    @Test
    void whereEncryptionIsRequiredTlsIsMeantAndTcpIsRefused() {
        variables.put("DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION", "True");
        assertThatThrownBy(() -> command("--protocol tcp").listen(config())).hasMessageContaining("require-encryption");
        assertThat(command("").listen(config()).protocol()).isEqualTo("tls");
        assertThat(command("--protocol tls").listen(config()).protocol()).isEqualTo("tls");
    }

    @Test
    void tlsSettingsThatCanNotBeKeptAreRefused() {
        variables.put("DASK_DISTRIBUTED__COMM__TLS__MIN_VERSION", "1.3");
        assertThatThrownBy(() -> command("--protocol tls").listen(config())).hasMessageContaining("min-version");
        assertThat(command("").listen(config()).protocol()).isEqualTo("tcp");
    }

    @Test
    void theIdleTimeoutIsAnOptionElseASetting() {
        assertThat(command("").idleTimeout(config())).isZero();
        variables.put("DASK_DISTRIBUTED__SCHEDULER__IDLE_TIMEOUT", "1h");
        assertThat(command("").idleTimeout(config())).isEqualTo(Duration.ofHours(1));
        assertThat(command("--idle-timeout 90").idleTimeout(config())).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void withoutSettingsTheSchedulerIsAsDasks() {
        assertThat(SchedulerSettings.core(config())).isEqualTo(SchedulerConfig.DEFAULT);
    }

    @Test
    void settingsReachTheScheduler() {
        variables.put("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION", "inf");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__UNKNOWN_TASK_DURATION", "2s");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__DEFAULT_TASK_DURATIONS__SLOW_INC", "1h");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__NO_WORKERS_TIMEOUT", "5s");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING", "False");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING_INTERVAL", "2s");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__BANDWIDTH", "10 MB");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__VALIDATE", "True");
        SchedulerConfig core = SchedulerSettings.core(config());
        assertThat(core.allowedFailures()).isZero();
        assertThat(core.workerSaturation()).isInfinite();
        assertThat(core.unknownTaskDuration()).isEqualTo(Duration.ofSeconds(2));
        assertThat(core.defaultTaskDurations())
                .containsEntry("slow_inc", Duration.ofHours(1))
                .containsKey("split-stage");
        assertThat(core.noWorkersTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(core.workStealing()).isFalse();
        assertThat(core.workStealingInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(core.bandwidthBytesPerSecond()).isEqualTo(10e6);
        assertThat(core.validate()).isTrue();
    }

    @Test
    void aStealingIntervalWithoutUnitIsOfMilliseconds() {
        variables.put("DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING_INTERVAL", "250");
        assertThat(SchedulerSettings.core(config()).workStealingInterval()).isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void aTimeoutOfNothingForUnrunnableTasksIsNotNone() {
        variables.put("DASK_DISTRIBUTED__SCHEDULER__NO_WORKERS_TIMEOUT", "0");
        assertThat(SchedulerSettings.core(config()).noWorkersTimeout()).isPositive();
    }

    @Test
    void theDashboardsLinkIsFilledIn() {
        assertThat(Dashboard.link(config(), "10.0.0.1", 8787)).isEqualTo("http://10.0.0.1:8787/status");
        assertThat(Dashboard.link(config(), "::1", 1)).isEqualTo("http://[::1]:1/status");
        variables.put("DASK_DISTRIBUTED__DASHBOARD__LINK", "https://hub/user/{NO_SUCH_VARIABLE}/proxy/{port}/status");
        assertThat(Dashboard.link(config(), "a", 8787))
                .isEqualTo("https://hub/user/{NO_SUCH_VARIABLE}/proxy/8787/status");
    }
}
