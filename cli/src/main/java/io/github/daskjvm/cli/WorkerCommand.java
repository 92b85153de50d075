package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.BadOptionException;
import io.github.daskjvm.cli.options.ListenAddress;
import io.github.daskjvm.cli.options.MemoryLimit;
import io.github.daskjvm.cli.options.NetworkInterfaces;
import io.github.daskjvm.cli.options.Ports;
import io.github.daskjvm.cli.options.Resources;
import io.github.daskjvm.comm.Address;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `dask-jvm worker`, with the options of `dask worker`.
@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Starts a JVM worker, which runs Java tasks. It joins a scheduler of ours or of Python's.",
            "",
            "Task functions come from the class path: CLASSPATH=my-tasks.jar dask-jvm worker ADDRESS",
            ""
        })
final class WorkerCommand implements Callable<Integer> {
    @Parameters(arity = "0..1", paramLabel = "ADDRESS", description = "The scheduler, such as tcp://127.0.0.1:8786.")
    @Nullable
    String scheduler;

    @Option(names = "--nthreads", paramLabel = "N", description = "Threads a worker; default: all cores.")
    int threads;

    @Option(
            names = "--nworkers",
            paramLabel = "N",
            description = "Workers in this process; negative counts from the number of cores; auto.")
    String workers = "1";

    @Option(
            names = "--memory-limit",
            paramLabel = "MEMORY",
            description = "Results a worker may hold: auto (the default), '4 GiB', a fraction of the heap, 0 for all.")
    String memoryLimit = "auto";

    @Option(names = "--name", paramLabel = "NAME", description = "Name; with --nworkers, -0, -1, … is appended.")
    @Nullable
    String name;

    @Option(names = "--resources", paramLabel = "RESOURCES", description = "Such as 'GPU=2 MEM=10e9', a worker.")
    @Nullable
    String resources;

    @Option(names = "--local-directory", paramLabel = "FOLDER", description = "Folder for a worker's files.")
    @Nullable
    Path localDirectory;

    @Option(
            names = "--death-timeout",
            paramLabel = "DURATION",
            description = "End when no scheduler is found for so long; default: never.")
    @Nullable
    String deathTimeout;

    @Option(names = "--host", paramLabel = "HOST", description = "Address to listen on, reachable by the others.")
    @Nullable
    String host;

    @Option(names = "--interface", paramLabel = "NAME", description = "Network interface to listen on, such as eth0.")
    @Nullable
    String networkInterface;

    @Option(names = "--worker-port", paramLabel = "PORTS", description = "3000, or 3000:3026; default: any free port.")
    String workerPort = "0";

    @Option(names = "--protocol", paramLabel = "PROTOCOL", description = "tcp or tls; the scheduler's, that is.")
    @Nullable
    String protocol;

    @Mixin
    TlsOptions tls = new TlsOptions();

    @Option(names = "--scheduler-file", paramLabel = "FILE", description = "File to read the scheduler's address from.")
    @Nullable
    Path schedulerFile;

    @Option(names = "--dashboard-address", paramLabel = "ADDRESS", description = "Where to serve metrics; default :0.")
    String dashboardAddress = ":0";

    @Option(
            names = "--dashboard",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Serve metrics over HTTP; default: yes.")
    boolean dashboard = true;

    @Option(names = "--pid-file", paramLabel = "FILE", description = "File to write the process id to.")
    @Nullable
    Path pidFile;

    @Option(names = "--no-nanny", hidden = true, description = "There is no nanny anyway.")
    boolean noNanny;

    /// What one worker of this process is to be.
    ///
    /// @param name null lets the worker name itself after its address
    /// @param host empty for the address by which the scheduler is reached
    /// @param ports to try in turn; 0 for any free one
    /// @param memoryLimitBytes 0 for none
    record Plan(
            @Nullable String name,
            String host,
            List<Integer> ports,
            int threads,
            long memoryLimitBytes,
            Map<String, Double> resources,
            ListenAddress dashboard) {}

    @Override
    public Integer call() throws Exception {
        return WorkerProcess.run(this, DaskConfig.load());
    }

    /// One plan for each worker, all options considered. `--nworkers auto` is one: the threads of a JVM share its heap
    /// and run at once, where in Python they do not, and `auto` means several processes.
    ///
    /// @param cores of this machine
    /// @param heapBytes the most that the heap may grow to
    /// @throws BadOptionException for what can not be
    List<Plan> plans(DaskConfig config, Address schedulerAddress, int cores, long heapBytes) {
        int number = workers.equals("auto") ? 1 : workers(cores);
        int each = threads > 0 ? threads : Math.max(1, cores / number);
        Protocols.check(schedulerAddress.protocol(), config);
        if (protocol != null && !protocol.equals(schedulerAddress.protocol())) {
            throw new BadOptionException("--protocol is " + protocol + ", but the scheduler is at " + schedulerAddress
                    + "; a worker speaks its scheduler's protocol, so leave the option out");
        }
        if (networkInterface != null && host != null) {
            throw new BadOptionException("--host and --interface both say where to listen; give one of them");
        }
        String where = networkInterface == null ? host : NetworkInterfaces.address(networkInterface);
        List<List<Integer>> ports = Ports.apportion(Ports.parse(workerPort), number);
        long memory = MemoryLimit.parse(memoryLimit, heapBytes, number);
        var plans = new ArrayList<Plan>();
        for (int i = 0; i < number; i++) {
            plans.add(new Plan(
                    name == null || number == 1 ? name : name + "-" + i,
                    where == null ? "" : where,
                    ports.get(i),
                    each,
                    memory,
                    resources == null ? config.amounts("distributed.worker.resources") : Resources.parse(resources),
                    dashboardListen(number)));
        }
        return plans;
    }

    private ListenAddress dashboardListen(int number) {
        ListenAddress address = ListenAddress.parse(dashboardAddress);
        if (dashboard && number > 1 && address.port() != 0) {
            throw new BadOptionException("--dashboard-address names one port for " + number
                    + " workers; give :0, and each takes a free one");
        }
        return address;
    }

    private int workers(int cores) {
        int number;
        try {
            number = Integer.parseInt(workers);
        } catch (NumberFormatException e) {
            throw new BadOptionException("'" + workers + "' is no number of workers; it must be a number or auto");
        }
        number = number < 0 ? cores + 1 + number : number;
        if (number <= 0) {
            throw new BadOptionException("--nworkers " + workers + " leaves no worker; there must be at least one");
        }
        return number;
    }

    /// Zero for never.
    Duration deathTimeout() {
        return deathTimeout == null ? Duration.ZERO : Durations.option("--death-timeout", deathTimeout);
    }

    /// The scheduler's address, by argument, file or setting, waiting for the file.
    Address schedulerAddress(DaskConfig config) throws InterruptedException {
        String address = scheduler;
        if (address == null && schedulerFile != null) {
            address = ProcessFiles.awaitSchedulerAddress(schedulerFile, deathTimeout());
        }
        if (address == null) {
            address = config.text("scheduler-address").orElse(null);
        }
        if (address == null) {
            throw new BadOptionException("name the scheduler, such as tcp://127.0.0.1:8786, or give --scheduler-file");
        }
        try {
            return Address.parse(address);
        } catch (IllegalArgumentException e) {
            throw new BadOptionException(String.valueOf(e.getMessage()));
        }
    }
}
