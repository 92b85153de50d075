package io.github.daskjvm.cli;

import com.sun.management.OperatingSystemMXBean;
import io.github.daskjvm.cli.config.ConfigException;
import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.worker.MemorySettings;
import io.github.daskjvm.worker.spill.SpillCompression;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What `distributed.worker.memory` says to workers.
final class WorkerMemoryConfig {
    private static final String BASE = "distributed.worker.memory.";

    private WorkerMemoryConfig() {}

    /// @throws ConfigException for what can not be read
    static MemorySettings of(DaskConfig config) {
        MemorySettings usual = MemorySettings.DEFAULT;
        return new MemorySettings(
                fraction(config, "target"),
                fraction(config, "spill"),
                fraction(config, "pause"),
                fraction(config, "terminate"),
                isOff(config, "max-spill")
                        ? Long.MAX_VALUE
                        : config.bytes(BASE + "max-spill").orElse(Long.MAX_VALUE),
                compression(config),
                config.duration(BASE + "monitor-interval").orElse(usual.monitorInterval()));
    }

    private static double fraction(DaskConfig config, String name) {
        return config.isOn(BASE + name) ? config.fraction(BASE + name).orElse(0.0) : 0;
    }

    private static boolean isOff(DaskConfig config, String name) {
        return config.value(BASE + name).filter(Boolean.FALSE::equals).isPresent();
    }

    private static SpillCompression compression(DaskConfig config) {
        String key = BASE + "spill-compression";
        if (isOff(config, "spill-compression")) {
            return SpillCompression.NONE;
        }
        return config.word(
                        key,
                        "must be auto, lz4, zstd or false",
                        name -> SpillCompression.named(name).orElse(null))
                .orElse(SpillCompression.NONE);
    }

    /// The most that results can take: the heap's bound, or what the machine or its container has, if that is less.
    static long heapBytes() {
        long heap = Runtime.getRuntime().maxMemory();
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? Math.min(heap, system.getTotalMemorySize())
                : heap;
    }

    /// Where workers have their folders: the option, `temporary-directory`, or the system's for temporary files.
    static String folder(@Nullable Path option, DaskConfig config) {
        if (option != null) {
            return option.toString();
        }
        return config.text("temporary-directory").orElse(System.getProperty("java.io.tmpdir", "/tmp"));
    }
}
