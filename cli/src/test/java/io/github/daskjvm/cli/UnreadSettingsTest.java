package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.cli.config.ConfigException;
import io.github.daskjvm.cli.config.DaskConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnreadSettingsTest {
    @TempDir
    private Path home;

    private final Map<String, String> variables = new HashMap<>();

    private List<String> check() {
        variables.put("DASK_CONFIG", home.toString());
        return UnreadSettings.check(DaskConfig.load(variables, home));
    }

    @Test
    void withoutSettingsThereIsNothingToSay() {
        assertThat(check()).isEmpty();
    }

    @Test
    void aSettingWithoutEffectIsToldOfUnlessItIsDasksDefault() {
        variables.put("DASK_DISTRIBUTED__COMM__COMPRESSION", "lz4");
        variables.put("DASK_DISTRIBUTED__ADMIN__TICK__LIMIT", "3s");
        variables.put("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_IMPORTS", "['dask', 'distributed']");
        assertThat(check())
                .containsExactly("the setting distributed.comm.compression has no effect here: payloads are forwarded"
                        + " as they come, compressed or not");
    }

    @Test
    void whatWouldRunPythonInTheSchedulerIsRefused() {
        variables.put("DASK_DISTRIBUTED__SCHEDULER__PRELOAD", "['module']");
        assertThatThrownBy(this::check).isInstanceOf(ConfigException.class).hasMessageContaining("worker plugin");
    }

    @Test
    void picklingCanNotBeForbiddenAsInDask() {
        variables.put("DASK_DISTRIBUTED__SCHEDULER__PICKLE", "False");
        assertThatThrownBy(this::check).isInstanceOf(ConfigException.class).hasMessageContaining("pickle");
    }
}
