package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.logging.DaskLogging;
import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.monitoring.MonitorOptions;
import io.github.daskjvm.monitoring.WorkerMonitor;
import io.github.daskjvm.worker.Worker;
import io.github.daskjvm.worker.WorkerOptions;
import io.github.daskjvm.worker.nanny.NannyLink;
import io.github.daskjvm.worker.profile.ProfileSettings;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One or several workers as a process of their own: started, announced as Dask announces them, ended in order. The
/// process ends when the last of its workers does.
final class WorkerProcess {
    private static final Logger LOG = LoggerFactory.getLogger("distributed.worker");
    /// For data to move to other workers when the process is told to end; Kubernetes gives 30 s.
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private static final String RULE = "-".repeat(49);

    private final WorkerCommand command;
    private final DaskConfig config;
    private final Address scheduler;
    private final @Nullable Tls tls;
    private final @Nullable NannyLink link;
    private final List<Part> parts = new ArrayList<>();

    /// A worker and its pages. The pages listen first: their port is part of the registration.
    private static final class Part {
        private volatile @Nullable Worker worker;
        private @Nullable WorkerMonitor monitor;
        private @Nullable AutoCloseable push;

        WorkerSnapshot snapshot() {
            Worker running = worker;
            return running == null ? WorkerSnapshot.NONE : running.snapshot();
        }

        void closeGracefully(Duration patience) {
            Worker running = worker;
            if (running != null) {
                running.closeGracefully("signal", patience);
            }
            close();
        }

        void close() {
            Push.close(push);
            Worker running = worker;
            if (running != null) {
                running.close();
            }
            if (monitor != null) {
                monitor.close();
            }
        }
    }

    private WorkerProcess(WorkerCommand command, DaskConfig config, Address scheduler, @Nullable NannyLink link) {
        this.link = link;
        this.command = command;
        this.config = config;
        this.scheduler = scheduler;
        this.tls = scheduler.isTls() ? TlsSettings.load(config, command.tls(), "worker") : null;
    }

    /// Returns the exit status when all workers have ended.
    ///
    /// @param link if a nanny started this process, which then is one worker
    static int run(WorkerCommand command, @Nullable NannyLink link) throws InterruptedException {
        DaskConfig config = DaskConfig.load();
        DaskLogging.setLevels(config);
        Address scheduler = command.schedulerAddress(config);
        List<WorkerCommand.Plan> plans = command.plans(
                config, scheduler, Runtime.getRuntime().availableProcessors(), WorkerMemoryConfig.heapBytes());
        var process = new WorkerProcess(command, config, scheduler, link);
        Ending ending = Ending.onSignal(() -> process.end(true, PATIENCE));
        try {
            if (link == null) {
                for (WorkerCommand.Plan plan : plans) {
                    process.start(plan);
                }
                ProcessFiles.writePidFile(command.pidFile());
            } else {
                link.obey((gracefully, patience, reason) -> process.obey(gracefully, patience));
                process.start(plans.get(link.index()));
                process.report(link);
            }
            process.awaitClosed();
        } finally {
            ending.done();
            process.close();
        }
        LOG.info("End worker");
        return 0;
    }

    private void start(WorkerCommand.Plan plan) {
        var part = new Part();
        synchronized (parts) {
            parts.add(part);
        }
        if (command.dashboard()) {
            MonitorOptions options = Dashboard.options(config, plan.dashboard());
            part.monitor = Dashboard.start(options, false, given -> WorkerMonitor.start(given, part::snapshot));
        }
        LOG.info("Waiting to connect to: {}", pad(scheduler.toString()));
        Worker worker = start(plan, part.monitor);
        part.worker = worker;
        part.push = Push.start(config, metrics -> WorkerMonitor.push(metrics, part::snapshot, worker.address()));
        LOG.info("      Start worker at: {}", pad(worker.address()));
        LOG.info("          Worker name: {}", pad(worker.name()));
        if (part.monitor != null) {
            String host = Address.parse(worker.address()).host();
            LOG.info("         dashboard at: {}", pad(host + ":" + part.monitor.port()));
        }
        LOG.info(RULE);
        LOG.info("              Threads: {}", pad(Integer.toString(plan.threads())));
        if (plan.memoryLimitBytes() > 0) {
            LOG.info("               Memory: {}", pad((plan.memoryLimitBytes() >> 20) + " MiB"));
        }
        LOG.info("        Registered to: {}", pad(scheduler.toString()));
        LOG.info(RULE);
    }

    private void report(NannyLink nanny) {
        Worker worker = parts.getFirst().worker;
        if (worker == null) {
            return;
        }
        try {
            nanny.joined(worker.address(), worker.memoryLimitBytes(), tls);
        } catch (IOException e) {
            throw new CommandFailedException("the worker can not tell its nanny that it runs: " + e.getMessage(), e);
        }
    }

    /// Does what the nanny wants. A worker that has not started yet has nothing to say to anybody.
    private void obey(boolean gracefully, Duration patience) {
        synchronized (parts) {
            if (parts.isEmpty() || parts.getFirst().worker == null) {
                Runtime.getRuntime().halt(0);
            }
        }
        end(gracefully, patience);
    }

    /// Tries the ports in turn.
    private Worker start(WorkerCommand.Plan plan, @Nullable WorkerMonitor monitor) {
        BindException taken = null;
        for (int port : plan.ports()) {
            try {
                return Worker.start(options(plan, monitor, port));
            } catch (BindException e) {
                taken = e;
            } catch (IOException e) {
                throw new CommandFailedException("the worker can not join: " + e.getMessage(), e);
            }
        }
        if (taken == null) {
            throw new CommandFailedException("there is no port to listen on; give one with --worker-port");
        }
        throw BindFailures.explain(taken, plan.host(), plan.ports().getLast(), "--worker-port");
    }

    private WorkerOptions options(WorkerCommand.Plan plan, @Nullable WorkerMonitor monitor, int port) {
        WorkerOptions.Builder options = WorkerOptions.builder(scheduler.toString())
                .host(plan.host().isEmpty() ? null : plan.host())
                .port(port)
                .name(plan.name())
                .nthreads(plan.threads())
                .virtualThreads(command.virtualThreads())
                .memoryLimitBytes(plan.memoryLimitBytes())
                .resources(plan.resources())
                .tls(tls)
                .deathTimeout(command.deathTimeout())
                .serialFilter(command.serialFilter(config))
                .serializer(command.serializer(config))
                .lifetime(plan.lifetime())
                .profile(profile(config))
                .nanny(link == null ? null : link.nanny());
        TransferSettings.apply(config, options);
        options.localDirectory(WorkerMemoryConfig.folder(command.localDirectory(), config))
                .memory(WorkerMemoryConfig.of(config))
                .fileLocking(config.flag("distributed.worker.use-file-locking"));
        if (monitor != null) {
            options.services(Map.of("dashboard", monitor.port()));
        }
        return options.build();
    }

    private static ProfileSettings profile(DaskConfig config) {
        String key = "distributed.worker.profile.";
        ProfileSettings usual = ProfileSettings.DEFAULT;
        return new ProfileSettings(
                config.flag(key + "enabled"),
                config.interval(key + "interval").orElse(usual.interval()),
                config.interval(key + "cycle").orElse(usual.cycle()));
    }

    private void awaitClosed() throws InterruptedException {
        List<Part> all;
        synchronized (parts) {
            all = List.copyOf(parts);
        }
        for (Part part : all) {
            Worker running = part.worker;
            if (running != null) {
                String reason = running.awaitClosed();
                LOG.info("Stopped worker at '{}': {}", running.address(), reason);
            }
        }
    }

    /// All workers at once, their data moved to others first where so wished. Their nanny has them end, or starts
    /// another if it does not.
    private void end(boolean gracefully, Duration patience) {
        List<Part> all;
        synchronized (parts) {
            all = List.copyOf(parts);
        }
        try (ExecutorService ends = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Part part : all) {
                Worker running = part.worker;
                if (running != null) {
                    running.leaveNannyAlone();
                }
                ends.execute(() -> {
                    if (gracefully) {
                        part.closeGracefully(patience);
                    } else {
                        part.close();
                    }
                });
            }
        }
        close();
    }

    /// May be called again, and by the thread that a signal starts.
    private void close() {
        if (link == null) {
            ProcessFiles.remove(command.pidFile());
        }
        List<Part> all;
        synchronized (parts) {
            all = List.copyOf(parts);
            parts.clear();
        }
        all.forEach(Part::close);
    }

    /// Right-aligned to 26 columns, as Dask prints them.
    private static String pad(String value) {
        return " ".repeat(Math.max(0, 26 - value.length())) + value;
    }
}
