package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.cli.config.ConfigException;
import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.worker.MemorySettings;
import io.github.daskjvm.worker.spill.SpillCompression;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerMemoryConfigTest {
    private static final String BASE = "DASK_DISTRIBUTED__WORKER__MEMORY__";

    @TempDir
    private Path home;

    private DaskConfig config(Map<String, String> given) {
        Map<String, String> variables = new HashMap<>(given);
        variables.put("DASK_ROOT_CONFIG", home.toString());
        return DaskConfig.load(variables, home);
    }

    @Test
    void defaultsAreDasks() {
        assertThat(WorkerMemoryConfig.of(config(Map.of()))).isEqualTo(MemorySettings.DEFAULT);
    }

    @Test
    void everySettingIsRead() {
        assertThat(WorkerMemoryConfig.of(config(Map.of(
                        BASE + "TARGET", "0.5",
                        BASE + "SPILL", "False",
                        BASE + "PAUSE", "0.75",
                        BASE + "TERMINATE", "false",
                        BASE + "MAX_SPILL", "10 GB",
                        BASE + "SPILL_COMPRESSION", "zstd",
                        BASE + "MONITOR_INTERVAL", "1s"))))
                .isEqualTo(new MemorySettings(
                        0.5, 0, 0.75, 0, 10_000_000_000L, SpillCompression.ZSTD, Duration.ofSeconds(1)));
        assertThat(WorkerMemoryConfig.of(config(Map.of(BASE + "SPILL_COMPRESSION", "False")))
                        .compression())
                .isEqualTo(SpillCompression.NONE);
    }

    @Test
    void whatCanNotBeReadIsRefusedByName() {
        assertThatThrownBy(() -> WorkerMemoryConfig.of(config(Map.of(BASE + "PAUSE", "1.5"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("distributed.worker.memory.pause");
        assertThatThrownBy(() -> WorkerMemoryConfig.of(config(Map.of(BASE + "SPILL_COMPRESSION", "snappy"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("auto, lz4, zstd or false");
    }

    @Test
    void foldersAreWhereTheOptionOrTheSettingSays() {
        DaskConfig config = config(Map.of("DASK_TEMPORARY_DIRECTORY", "/fast"));
        assertThat(WorkerMemoryConfig.folder(null, config)).isEqualTo("/fast");
        assertThat(WorkerMemoryConfig.folder(Path.of("/here"), config)).isEqualTo("/here");
        assertThat(WorkerMemoryConfig.folder(null, config(Map.of()))).isEqualTo(System.getProperty("java.io.tmpdir"));
    }
}
