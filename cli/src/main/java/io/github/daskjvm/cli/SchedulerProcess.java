package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.logging.DaskLogging;
import io.github.daskjvm.cli.logging.RecentLines;
import io.github.daskjvm.cli.options.ListenAddress;
import io.github.daskjvm.comm.Address;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.monitoring.MonitorOptions;
import io.github.daskjvm.monitoring.SchedulerMonitor;
import io.github.daskjvm.monitoring.otlp.UnusableSettingsException;
import io.github.daskjvm.monitoring.status.SchedulerStatus;
import io.github.daskjvm.scheduler.Scheduler;
import io.github.daskjvm.scheduler.SchedulerOptions;
import io.github.daskjvm.scheduler.ServiceFigures;
import io.github.daskjvm.scheduler.loop.LoopFigures;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A scheduler as a process of its own: started, announced as Dask announces it, ended in order.
final class SchedulerProcess {
    private static final Logger LOG = LoggerFactory.getLogger("distributed.scheduler");
    private static final String RULE = "-".repeat(47);

    private final SchedulerCommand command;
    private final DaskConfig config;
    private final SchedulerCommand.Listen listen;
    /// Null until it listens; the pages may be asked before.
    private volatile @Nullable Scheduler scheduler;
    private @Nullable SchedulerMonitor monitor;
    private @Nullable AutoCloseable push;
    private final Traces traces = Traces.of(System.getenv());

    private SchedulerProcess(SchedulerCommand command, DaskConfig config) {
        this.command = command;
        this.config = config;
        this.listen = command.listen(config);
    }

    /// Returns the exit status when the scheduler has ended.
    static int run(SchedulerCommand command) throws InterruptedException {
        var process = new SchedulerProcess(command, DaskConfig.load());
        try {
            process.start();
        } catch (RuntimeException e) {
            process.close();
            throw e;
        }
        Ending ending = Ending.onSignal(process::close);
        process.awaitClosed();
        ending.done();
        process.close();
        return 0;
    }

    /// The pages listen before the scheduler does: whoever registers is told their port.
    private void start() {
        DaskLogging.setLevels(config);
        RecentLines recent = RecentLines.ofScheduler(
                (int) Math.min(config.count("distributed.admin.log-length").orElse(10_000), Integer.MAX_VALUE));
        SchedulerOptions options = options();
        UnreadSettings.check(config).forEach(LOG::warn);
        LOG.info(RULE);
        startMonitor();
        Scheduler started;
        try {
            started = Scheduler.start(options);
        } catch (IOException e) {
            throw BindFailures.explain(e, listen.host(), listen.port(), "--port");
        } catch (UnusableSettingsException e) {
            throw Traces.failed(e);
        }
        started.logSource(recent::lines);
        scheduler = started;
        LOG.info(RULE);
        LOG.info("  Scheduler at: {}", pad(started.address()));
        if (monitor != null) {
            started.services(Map.of("dashboard", monitor.port()));
            String host = Address.parse(started.address()).host();
            LOG.info("  dashboard at:  {}", pad(Dashboard.link(config, host, monitor.port())));
            monitor.warmUp();
        }
        push = Push.start(config, metrics -> SchedulerMonitor.push(metrics, sources(), started.address()));
        ProcessFiles.writePidFile(command.pidFile());
        ProcessFiles.writeSchedulerFile(command.schedulerFile(), started.identity());
    }

    private SchedulerOptions options() {
        SchedulerOptions.Builder options = SchedulerOptions.builder()
                .host(listen.host())
                .port(listen.port())
                .core(SchedulerSettings.core(config))
                .idleTimeout(command.idleTimeout(config))
                .workerTtl(config.duration("distributed.scheduler.worker-ttl").orElse(java.time.Duration.ZERO))
                .blockedHandlers(Set.copyOf(config.texts("distributed.scheduler.blocked-handlers")));
        config.duration("distributed.comm.timeouts.connect").ifPresent(options::connectTimeout);
        config.duration("distributed.scheduler.locks.lease-validation-interval")
                .ifPresent(options::leaseValidationInterval);
        config.duration("distributed.scheduler.events-cleanup-delay").ifPresent(options::eventsCleanupDelay);
        options.tracing(traces.tracing());
        options.taskStreamLength(SchedulerSettings.taskStreamLength(config));
        if (listen.protocol().equals("tls")) {
            options.tls(TlsSettings.load(config, command.tls(), "scheduler"));
        }
        return options.build();
    }

    private void startMonitor() {
        if (!command.dashboard()) {
            return;
        }
        ListenAddress address = command.dashboardListen();
        MonitorOptions options = Dashboard.options(config, address);
        SchedulerMonitor.Sources sources = sources();
        monitor =
                Dashboard.start(options, command.isDefaultDashboard(), given -> SchedulerMonitor.start(given, sources));
    }

    private SchedulerMonitor.Sources sources() {
        return new SchedulerMonitor.Sources(
                this::snapshot, this::identity, this::loop, this::services, new SchedulerStatus(() -> scheduler));
    }

    /// What the pages show of a scheduler.
    static SchedulerMonitor.Sources sources(Scheduler scheduler) {
        return new SchedulerMonitor.Sources(
                scheduler::snapshot,
                scheduler::identity,
                scheduler::loopFigures,
                scheduler::serviceFigures,
                new SchedulerStatus(() -> scheduler));
    }

    private SchedulerSnapshot snapshot() {
        Scheduler running = scheduler;
        return running == null ? SchedulerSnapshot.EMPTY : running.snapshot();
    }

    private Map<String, ?> identity() {
        Scheduler running = scheduler;
        return running == null ? Map.of() : running.identity();
    }

    private ServiceFigures services() {
        Scheduler running = scheduler;
        return running == null ? ServiceFigures.NONE : running.serviceFigures();
    }

    private LoopFigures loop() {
        Scheduler running = scheduler;
        return running == null ? LoopFigures.NONE : running.loopFigures();
    }

    private void awaitClosed() throws InterruptedException {
        Scheduler running = scheduler;
        if (running != null) {
            running.awaitClosed();
        }
    }

    /// May be called again, and by the thread that a signal starts.
    private synchronized void close() {
        ProcessFiles.remove(command.schedulerFile());
        ProcessFiles.remove(command.pidFile());
        Push.close(push);
        push = null;
        Scheduler running = scheduler;
        if (running != null) {
            running.close();
            LOG.info("Stopped scheduler at '{}'", running.address());
            scheduler = null;
            traces.close();
        }
        if (monitor != null) {
            monitor.close();
            monitor = null;
            LOG.info("End scheduler");
        }
    }

    /// Right-aligned to 25 columns, as Dask prints addresses.
    private static String pad(String address) {
        return " ".repeat(Math.max(0, 25 - address.length())) + address;
    }
}
