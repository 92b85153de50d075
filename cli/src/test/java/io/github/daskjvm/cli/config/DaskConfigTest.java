package io.github.daskjvm.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaskConfigTest {
    private static final String ALLOWED_FAILURES = "distributed.scheduler.allowed-failures";
    private static final String ALLOWED_FAILURES_VARIABLE = "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES";

    @TempDir
    private Path home;

    private final Map<String, String> variables = new HashMap<>();

    @BeforeEach
    void noFilesOfThisMachine() {
        variables.put("DASK_ROOT_CONFIG", home.resolve("etc").toString());
    }

    private DaskConfig load() {
        return DaskConfig.load(variables, home);
    }

    private void write(String file, String content) throws IOException {
        Path path = home.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    private static String allowedFailures(int value) {
        return "distributed:\n  scheduler:\n    allowed-failures: " + value + "\n";
    }

    @Test
    void withoutAnythingDasksDefaultsHold() {
        DaskConfig config = load();
        assertThat(config.count(ALLOWED_FAILURES)).hasValue(3);
        assertThat(config.positive("distributed.scheduler.worker-saturation")).contains(1.1);
        assertThat(config.duration("distributed.scheduler.worker-ttl")).contains(Duration.ofMinutes(5));
        assertThat(config.duration("distributed.scheduler.idle-timeout")).isEmpty();
        assertThat(config.text("distributed.dashboard.prometheus.namespace")).contains("dask");
    }

    @Test
    void laterPlacesWin() throws IOException {
        write("etc/a.yaml", allowedFailures(10));
        assertThat(load().count(ALLOWED_FAILURES)).hasValue(10);
        write(".config/dask/a.yaml", allowedFailures(11));
        assertThat(load().count(ALLOWED_FAILURES)).hasValue(11);
        write(".config/dask/b.yaml", allowedFailures(12));
        assertThat(load().count(ALLOWED_FAILURES)).hasValue(12);
        write("own/one.yaml", allowedFailures(13));
        variables.put("DASK_CONFIG", "~/own/one.yaml");
        assertThat(load().count(ALLOWED_FAILURES)).hasValue(13);
        variables.put(ALLOWED_FAILURES_VARIABLE, "14");
        assertThat(load().count(ALLOWED_FAILURES)).hasValue(14);
    }

    @Test
    void filesAreMergedNameByName() throws IOException {
        write(".config/dask/a.yaml", "distributed:\n  scheduler:\n    validate: True\n    allowed_failures: 5\n");
        write(".config/dask/b.yml", "distributed:\n  scheduler:\n    worker-saturation: .inf\n");
        write(".config/dask/c.txt", "not: read");
        DaskConfig config = load();
        assertThat(config.flag("distributed.scheduler.validate")).isTrue();
        assertThat(config.count(ALLOWED_FAILURES)).hasValue(5);
        assertThat(config.positive("distributed.scheduler.worker-saturation")).contains(Double.POSITIVE_INFINITY);
    }

    @Test
    void variablesAreLiteralsElseTexts() {
        variables.put("DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION", "inf");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__UNKNOWN_TASK_DURATION", "20 ms");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__BLOCKED_HANDLERS", "['run', 'run_function']");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__VALIDATE", "true");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__BANDWIDTH", "'64MiB'");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__DEFAULT_TASK_DURATIONS", "{'inc': '1h', 'rechunk-split': 2}");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL", "None");
        DaskConfig config = load();
        assertThat(config.positive("distributed.scheduler.worker-saturation")).contains(Double.POSITIVE_INFINITY);
        assertThat(config.duration("distributed.scheduler.unknown-task-duration"))
                .contains(Duration.ofMillis(20));
        assertThat(config.texts("distributed.scheduler.blocked-handlers")).containsExactly("run", "run_function");
        assertThat(config.flag("distributed.scheduler.validate")).isTrue();
        assertThat(config.bytes("distributed.scheduler.bandwidth")).hasValue(64 << 20);
        assertThat(config.duration("distributed.scheduler.worker-ttl")).isEmpty();
        assertThat(config.durations("distributed.scheduler.default-task-durations"))
                .containsEntry("inc", Duration.ofHours(1))
                .containsEntry("rechunk-split", Duration.ofSeconds(2))
                .containsEntry("split-stage", Duration.ofNanos(1000));
    }

    @Test
    void aProcessInheritsWhatItsParentHandedDown() {
        String json = "{\"distributed\": {\"scheduler\": {\"allowed-failures\": 6, \"validate\": true}}}";
        variables.put(
                "DASK_INTERNAL_INHERIT_CONFIG",
                Base64.getUrlEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8)));
        variables.put(ALLOWED_FAILURES_VARIABLE, "7");
        assertThat(load().count(ALLOWED_FAILURES)).hasValue(7);
        assertThat(load().flag("distributed.scheduler.validate")).isTrue();
    }

    @Test
    void renamedKeysStillWork() {
        variables.put("DASK_ALLOWED_FAILURES", "8");
        assertThat(load().count(ALLOWED_FAILURES)).hasValue(8);
    }

    @Test
    void loggersMayHaveDotsInTheirNames() throws IOException {
        write("etc/l.yaml", "logging:\n  distributed: info\n  distributed.client: warning\n  version: 1\n");
        assertThat(load().words("logging")).isEqualTo(Map.of("distributed", "info", "distributed.client", "warning"));
        assertThat(load().words("distributed.logging")).isEmpty();
    }

    @Test
    void falseIsNoDuration() {
        variables.put("DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL", "False");
        assertThat(load().duration("distributed.scheduler.worker-ttl")).isEmpty();
    }

    @Test
    void aBadValueIsNamedWithItsKeyItsSourceAndWhatIsExpected() throws IOException {
        variables.put(ALLOWED_FAILURES_VARIABLE, "three");
        assertThatThrownBy(() -> load().count(ALLOWED_FAILURES))
                .isInstanceOf(ConfigException.class)
                .hasMessage("the setting distributed.scheduler.allowed-failures is 'three' (from the variable "
                        + "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES), but must be a whole number of 0 or more");
        write("etc/x.yaml", "distributed:\n  scheduler:\n    idle-timeout: 5 parsecs\n");
        assertThatThrownBy(() -> load().duration("distributed.scheduler.idle-timeout"))
                .hasMessageContaining("'5 parsecs'")
                .hasMessageContaining("x.yaml")
                .hasMessageContaining("'500 ms'");
    }

    @Test
    void everyKindOfValueIsChecked() {
        variables.put("DASK_A", "-1");
        DaskConfig config = load();
        assertThatThrownBy(() -> config.count("a")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config.positive("a")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config.duration("a")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config.bytes("a")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config.flag("a")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config.text("a")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config.texts("a")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config.durations("a")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> config.text("distributed.scheduler")).isInstanceOf(ConfigException.class);
    }

    @Test
    void aMalformedFileIsNamed() throws IOException {
        write("etc/broken.yaml", "a: [1, 2\nb: }");
        assertThatThrownBy(this::load).isInstanceOf(ConfigException.class).hasMessageContaining("broken.yaml");
        write("etc/broken.yaml", "- just\n- a list\n");
        assertThatThrownBy(this::load).hasMessageContaining("must hold a mapping");
        write("etc/broken.yaml", "");
        assertThat(load().texts("distributed.scheduler.blocked-handlers")).isEqualTo(List.of());
    }

    @Test
    void aBrokenInheritanceIsSaid() {
        variables.put("DASK_INTERNAL_INHERIT_CONFIG", "not base 64!");
        assertThatThrownBy(this::load).hasMessageContaining("DASK_INTERNAL_INHERIT_CONFIG");
    }
}
