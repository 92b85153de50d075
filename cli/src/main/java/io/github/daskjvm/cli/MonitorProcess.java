package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.logging.DaskLogging;
import io.github.daskjvm.cli.options.BadOptionException;
import io.github.daskjvm.cli.options.ListenAddress;
import io.github.daskjvm.cli.options.Parsed;
import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.monitoring.RemoteMonitor;
import io.github.daskjvm.monitoring.remote.RemoteScheduler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Metrics and pages in front of a scheduler that is another process, until it is told to stop.
final class MonitorProcess {
    static final String DEFAULT_ADDRESS = ":8789";

    private static final Logger LOG = LoggerFactory.getLogger("distributed.monitor");
    private static final String DEFAULT_INTERVAL = "5s";

    private MonitorProcess() {}

    /// Returns the exit status, if ever: a signal ends the process.
    static int run(Parsed options) throws InterruptedException {
        DaskConfig config = DaskConfig.load();
        DaskLogging.setLevels(config);
        Duration interval = Durations.option("--interval", options.text("--interval", DEFAULT_INTERVAL));
        if (interval.compareTo(Duration.ofMillis(100)) < 0) {
            throw new BadOptionException(
                    "--interval is shorter than 100 ms, which is more often than a scheduler" + " should be asked");
        }
        Address address = SchedulerAddress.of(options, config, Duration.ZERO);
        Protocols.check(address.protocol(), config);
        Tls tls = address.isTls() ? TlsSettings.load(config, TlsOptions.of(options), "client") : null;
        ListenAddress listen = ListenAddress.parse(options.text("--dashboard-address", DEFAULT_ADDRESS));
        var scheduler = new RemoteScheduler(address.toString(), tls, interval);
        RemoteMonitor monitor = Dashboard.start(
                Dashboard.options(config, listen),
                !options.has("--dashboard-address"),
                given -> RemoteMonitor.start(given, scheduler));
        @Nullable Path pidFile = options.path("--pid-file");
        ProcessFiles.writePidFile(pidFile);
        LOG.info("{} is shown at: port {}, /status, /metrics and /metrics/workers", address, monitor.port());
        scheduler.start();
        @Nullable AutoCloseable push = Push.start(config, metrics -> RemoteMonitor.push(metrics, scheduler));
        var told = new CountDownLatch(1);
        Ending.onSignal(() -> {
            ProcessFiles.remove(pidFile);
            Push.close(push);
            scheduler.close();
            monitor.close();
            LOG.info("End monitor");
            told.countDown();
        });
        told.await();
        return 0;
    }
}
