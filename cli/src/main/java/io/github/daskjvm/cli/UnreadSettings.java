package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.ConfigException;
import io.github.daskjvm.cli.config.DaskConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Settings that Dask's scheduler reads and this one does not, with the reason. One that is set to something else than
/// Dask's default is told of at start, so that nobody looks for its effect in vain; what would run Python in the
/// scheduler is refused.
///
/// Source: `distributed/distributed.yaml`, 2024.12.1, and what the scheduler's side of it reads.
final class UnreadSettings {
    private static final String NO_PYTHON = "there is no Python in this process";
    private static final String NO_TICKS = "there is no event loop of Python's whose ticks could be late";
    private static final String NO_MONITOR = "the process is measured when its metrics are asked for";
    private static final String NO_COMPRESSION = "payloads are forwarded as they come, compressed or not";

    /// @param usual Dask's default, as YAML has it
    private record Unread(String key, @Nullable Object usual, String reason) {}

    private static final List<Unread> ALL = List.of(
            new Unread("distributed.scheduler.contact-address", null, "Dask itself does nothing with it; use --host"),
            new Unread("distributed.scheduler.default-data-size", "1kiB", "workers tell the size of every result"),
            new Unread("distributed.scheduler.allowed-imports", List.of("dask", "distributed"), NO_PYTHON),
            new Unread("distributed.scheduler.preload-argv", List.of(), NO_PYTHON),
            new Unread("distributed.admin.event-loop", "tornado", NO_PYTHON),
            new Unread("distributed.admin.pdb-on-err", false, NO_PYTHON),
            new Unread(
                    "distributed.admin.max-error-length", 10_000L, "errors of tasks are forwarded as workers cut them"),
            new Unread(
                    "distributed.admin.log-format",
                    "%(asctime)s - %(name)s - %(levelname)s - %(message)s",
                    "lines have Dask's usual format"),
            new Unread("distributed.admin.tick.interval", "20ms", NO_TICKS),
            new Unread("distributed.admin.tick.limit", "3s", NO_TICKS),
            new Unread("distributed.admin.tick.cycle", "1s", NO_TICKS),
            new Unread("distributed.admin.system-monitor.interval", "500ms", NO_MONITOR),
            new Unread("distributed.admin.system-monitor.log-length", 7_200L, NO_MONITOR),
            new Unread("distributed.admin.system-monitor.disk", true, NO_MONITOR),
            new Unread("distributed.admin.system-monitor.host-cpu", false, NO_MONITOR),
            new Unread("distributed.comm.compression", false, NO_COMPRESSION),
            new Unread("distributed.comm.zstd.level", 3L, NO_COMPRESSION),
            new Unread("distributed.comm.zstd.threads", 0L, NO_COMPRESSION),
            new Unread("distributed.comm.shard", "64MiB", "the scheduler cuts up nothing"),
            new Unread(
                    "distributed.comm.offload", "10MiB", "every message is read by a thread of its connection's own"),
            new Unread("distributed.comm.timeouts.tcp", "30s", "connections are kept alive as by Dask's default"),
            new Unread("distributed.comm.retry.count", 0L, "what can be tried again is, where Dask does by default"));

    private UnreadSettings() {}

    /// @return a sentence for each that was set in vain
    /// @throws ConfigException for what would have to run Python here
    static List<String> check(DaskConfig config) {
        if (!config.texts("distributed.scheduler.preload").isEmpty()) {
            throw new ConfigException("the setting distributed.scheduler.preload has Python run in the scheduler, which"
                    + " has none; put what your tasks need on the workers, or write a worker plugin");
        }
        if (config.value("distributed.scheduler.pickle")
                .filter(Boolean.FALSE::equals)
                .isPresent()) {
            throw new ConfigException("the setting distributed.scheduler.pickle can no longer be false, as in Dask;"
                    + " leave it out: this scheduler unpickles nothing in any case");
        }
        var told = new ArrayList<String>();
        for (Unread unread : ALL) {
            Object value = config.value(unread.key).orElse(null);
            if (value != null && !String.valueOf(value).equals(String.valueOf(unread.usual))) {
                told.add("the setting " + unread.key + " has no effect here: " + unread.reason);
            }
        }
        return told;
    }
}
