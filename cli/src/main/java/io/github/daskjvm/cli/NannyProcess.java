package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.logging.DaskLogging;
import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.worker.MemorySettings;
import io.github.daskjvm.worker.nanny.Nanny;
import io.github.daskjvm.worker.nanny.NannyOptions;
import java.net.BindException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The nannies of one or several workers, each of which is a process of its own. Ends when the last of them does.
final class NannyProcess {
    /// For the data of workers to move to others when the process is told to end, before they are killed. Kubernetes
    /// gives 30 s.
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private static final Duration FAILED_PATIENCE = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger("distributed.nanny");

    private final List<Nanny> nannies = new ArrayList<>();

    private NannyProcess() {}

    /// Returns the exit status when all workers have ended: 0 if they were to.
    ///
    /// @param arguments those of the command line, for the workers' processes
    static int run(WorkerCommand command, List<String> arguments) throws InterruptedException {
        DaskConfig config = DaskConfig.load();
        DaskLogging.setLevels(config);
        Address scheduler = command.schedulerAddress(config);
        Runtime runtime = Runtime.getRuntime();
        int number = command.plans(config, scheduler, runtime.availableProcessors(), runtime.maxMemory())
                .size();
        List<NannyOptions> all = options(command, config, scheduler, number, arguments);
        var process = new NannyProcess();
        Ending ending = Ending.onSignal(() -> {
            process.close(true, PATIENCE);
            ProcessFiles.remove(command.pidFile());
        });
        try {
            ProcessFiles.writePidFile(command.pidFile());
            process.start(all);
            return process.awaitClosed();
        } finally {
            ending.done();
            process.close(false, FAILED_PATIENCE);
            ProcessFiles.remove(command.pidFile());
            LOG.info("End worker");
        }
    }

    private static List<NannyOptions> options(
            WorkerCommand command, DaskConfig config, Address scheduler, int number, List<String> arguments) {
        Tls tls = scheduler.isTls() ? TlsSettings.load(config, command.tls(), "worker") : null;
        List<List<Integer>> ports = command.nannyPorts(number);
        String host = command.host();
        List<String> child = ChildCommand.of(number, arguments);
        MemorySettings memory = WorkerMemoryConfig.of(config);
        var all = new ArrayList<NannyOptions>();
        for (int i = 0; i < number; i++) {
            all.add(new NannyOptions(
                    scheduler.toString(),
                    host.isEmpty() ? null : host,
                    ports.get(i),
                    tls,
                    child,
                    i,
                    command.deathTimeout(),
                    memory.terminate(),
                    memory.monitorInterval()));
        }
        return all;
    }

    /// All at once, as a JVM takes its time.
    private void start(List<NannyOptions> all) throws InterruptedException {
        try (ExecutorService starts = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Nanny>> started = new ArrayList<>();
            for (NannyOptions options : all) {
                started.add(starts.submit(() -> Nanny.start(options)));
            }
            ExecutionException failed = null;
            for (Future<Nanny> one : started) {
                try {
                    Nanny nanny = one.get();
                    synchronized (nannies) {
                        nannies.add(nanny);
                    }
                } catch (ExecutionException e) {
                    failed = e;
                }
            }
            if (failed != null) {
                Throwable cause = failed.getCause() == null ? failed : failed.getCause();
                throw cause instanceof BindException taken
                        ? BindFailures.explain(taken, "", all.getFirst().ports().getLast(), "--nanny-port")
                        : new CommandFailedException(
                                "the nanny can not start its worker: " + cause.getMessage(), cause);
            }
        }
    }

    private int awaitClosed() throws InterruptedException {
        List<Nanny> all;
        synchronized (nannies) {
            all = List.copyOf(nannies);
        }
        int status = 0;
        for (Nanny nanny : all) {
            if (nanny.awaitClosed() != null) {
                status = 1;
            }
        }
        return status;
    }

    /// May be called again, and by the thread that a signal starts.
    private void close(boolean gracefully, Duration patience) {
        List<Nanny> all;
        synchronized (nannies) {
            all = List.copyOf(nannies);
            nannies.clear();
        }
        try (ExecutorService closes = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Nanny nanny : all) {
                closes.submit(() -> {
                    nanny.close(gracefully ? "signal" : "nanny-close", gracefully, patience);
                    return nanny.awaitClosed();
                });
            }
        }
    }
}
