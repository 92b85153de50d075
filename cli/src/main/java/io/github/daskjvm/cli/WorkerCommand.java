package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.BadOptionException;
import io.github.daskjvm.cli.options.HostAndPort;
import io.github.daskjvm.cli.options.ListenAddress;
import io.github.daskjvm.cli.options.MemoryLimit;
import io.github.daskjvm.cli.options.NetworkInterfaces;
import io.github.daskjvm.cli.options.Parsed;
import io.github.daskjvm.cli.options.Ports;
import io.github.daskjvm.cli.options.Resources;
import io.github.daskjvm.comm.Address;
import io.github.daskjvm.worker.Lifetime;
import io.github.daskjvm.worker.task.SerialFilter;
import io.github.daskjvm.worker.task.ValueSerializers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the options of `dask-jvm worker` say.
final class WorkerCommand {
    private final Parsed options;

    WorkerCommand(Parsed options) {
        this.options = options;
    }

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
            ListenAddress dashboard,
            Lifetime lifetime) {}

    TlsOptions tls() {
        return TlsOptions.of(options);
    }

    boolean dashboard() {
        return !options.has("--no-dashboard");
    }

    /// Whether tasks run on virtual threads.
    boolean virtualThreads() {
        return options.has("--virtual-threads");
    }

    @Nullable
    Path localDirectory() {
        return options.path("--local-directory");
    }

    @Nullable
    Path pidFile() {
        return options.path("--pid-file");
    }

    /// Whether each worker is a process of its own, with a nanny, as is usual; or all are in this process.
    ///
    /// @throws BadOptionException where both are asked for
    boolean nanny() {
        if (options.has("--nanny") && options.has("--no-nanny")) {
            throw new BadOptionException("--nanny and --no-nanny contradict each other; give one of them");
        }
        return !options.has("--no-nanny");
    }

    /// For each of so many nannies the ports that it may listen on.
    List<List<Integer>> nannyPorts(int workers) {
        return Ports.apportion(Ports.parse(options.text("--nanny-port", "0")), workers);
    }

    private Lifetime lifetime(DaskConfig config) {
        String key = "distributed.worker.lifetime.";
        Duration duration = duration("--lifetime", config.duration(key + "duration"));
        Duration stagger = duration("--lifetime-stagger", config.duration(key + "stagger"));
        boolean restart = !options.has("--no-lifetime-restart")
                && (options.has("--lifetime-restart") || config.flag(key + "restart"));
        if (options.has("--lifetime-restart") && !nanny()) {
            throw new BadOptionException(
                    "--lifetime-restart needs a nanny, which starts the worker again; leave --no-nanny out");
        }
        return new Lifetime(duration, stagger, restart);
    }

    private Duration duration(String option, Optional<Duration> otherwise) {
        String given = options.text(option);
        return given == null ? otherwise.orElse(Duration.ZERO) : Durations.option(option, given);
    }

    /// One plan for each worker, all options considered.
    ///
    /// @param cores of this machine
    /// @param heapBytes the most that the heap of the workers' process may grow to
    /// @throws BadOptionException for what can not be
    List<Plan> plans(DaskConfig config, Address schedulerAddress, int cores, long heapBytes) {
        checkProtocol(config, schedulerAddress);
        int number = workers(cores);
        int threads = options.number("--nthreads", 0, 0);
        Lifetime lifetime = lifetime(config);
        String name = options.text("--name");
        String resources = options.text("--resources");
        List<List<Integer>> ports = Ports.apportion(Ports.parse(options.text("--worker-port", "0")), number);
        long memory = MemoryLimit.parse(options.text("--memory-limit", "auto"), heapBytes, nanny() ? 1 : number);
        var plans = new ArrayList<Plan>();
        for (int i = 0; i < number; i++) {
            plans.add(new Plan(
                    name == null || number == 1 ? name : name + "-" + i,
                    host(),
                    ports.get(i),
                    threads > 0 ? threads : Math.max(1, cores / number),
                    memory,
                    resources == null ? config.amounts("distributed.worker.resources") : Resources.parse(resources),
                    dashboardListen(number),
                    lifetime));
        }
        return plans;
    }

    private void checkProtocol(DaskConfig config, Address scheduler) {
        Protocols.check(scheduler.protocol(), config);
        String protocol = options.text("--protocol", scheduler.protocol());
        if (!protocol.equals(scheduler.protocol())) {
            throw new BadOptionException("--protocol is " + protocol + ", but the scheduler is at " + scheduler
                    + "; a worker speaks its scheduler's protocol, so leave the option out");
        }
    }

    /// Empty for the address by which the scheduler is reached.
    String host() {
        String host = options.text("--host");
        String networkInterface = options.text("--interface");
        if (networkInterface != null && host != null) {
            throw new BadOptionException("--host and --interface both say where to listen; give one of them");
        }
        if (networkInterface != null) {
            return NetworkInterfaces.address(networkInterface);
        }
        return host == null ? "" : HostAndPort.parse(host).host();
    }

    private ListenAddress dashboardListen(int number) {
        ListenAddress address = ListenAddress.parse(options.text("--dashboard-address", ":0"));
        if (dashboard() && number > 1 && address.port() != 0) {
            throw new BadOptionException("--dashboard-address names one port for " + number
                    + " workers; give :0, and each takes a free one");
        }
        return address;
    }

    private int workers(int cores) {
        String workers = options.text("--nworkers", "1");
        int number = workers.equals("auto") ? processes(cores) : options.number("--nworkers", 1, Integer.MIN_VALUE);
        number = number < 0 ? cores + 1 + number : number;
        if (number <= 0) {
            throw new BadOptionException("--nworkers " + workers + " leaves no worker; there must be at least one");
        }
        return number;
    }

    /// Which classes may be made of what others send: by option, or `distributed.jvm.serial-filter`.
    SerialFilter serialFilter(DaskConfig config) {
        String given = options.text("--serial-filter");
        try {
            return SerialFilter.of(
                    given == null ? config.text("distributed.jvm.serial-filter").orElse("") : given);
        } catch (IllegalArgumentException e) {
            throw new BadOptionException(String.valueOf(e.getMessage()));
        }
    }

    /// By option, or `distributed.jvm.serializer`; checked.
    String serializer(DaskConfig config) {
        String given = options.text("--serializer");
        String name = given == null ? config.text("distributed.jvm.serializer").orElse("") : given;
        try {
            ValueSerializers.named(name);
            return name;
        } catch (IllegalArgumentException e) {
            throw new BadOptionException(String.valueOf(e.getMessage()));
        }
    }

    /// What Dask makes of `auto`: up to four cores, a process for each; from there on, as few processes as are no
    /// fewer than the threads of each. So 32 cores are 8 processes of 4 threads.
    private static int processes(int cores) {
        int processes = cores <= 4 ? cores : (int) Math.ceil(Math.sqrt(cores));
        while (cores % processes != 0) {
            processes++;
        }
        return processes;
    }

    /// Zero for never.
    Duration deathTimeout() {
        String given = options.text("--death-timeout");
        return given == null ? Duration.ZERO : Durations.option("--death-timeout", given);
    }

    /// The scheduler's address, by argument, file or setting, waiting for the file.
    Address schedulerAddress(DaskConfig config) throws InterruptedException {
        return SchedulerAddress.of(options, config, deathTimeout());
    }
}
