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
import io.github.daskjvm.worker.task.SerialFilter;
import io.github.daskjvm.worker.task.ValueSerializers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
            ListenAddress dashboard) {}

    TlsOptions tls() {
        return TlsOptions.of(options);
    }

    boolean dashboard() {
        return !options.has("--no-dashboard");
    }

    @Nullable
    Path localDirectory() {
        return options.path("--local-directory");
    }

    @Nullable
    Path pidFile() {
        return options.path("--pid-file");
    }

    /// One plan for each worker, all options considered. `--nworkers auto` is one: the threads of a JVM share its heap
    /// and run at once, where in Python they do not, and `auto` means several processes.
    ///
    /// @param cores of this machine
    /// @param heapBytes the most that the heap may grow to
    /// @throws BadOptionException for what can not be
    List<Plan> plans(DaskConfig config, Address schedulerAddress, int cores, long heapBytes) {
        checkProtocol(config, schedulerAddress);
        int number = workers(cores);
        int threads = options.number("--nthreads", 0, 0);
        String name = options.text("--name");
        String resources = options.text("--resources");
        List<List<Integer>> ports = Ports.apportion(Ports.parse(options.text("--worker-port", "0")), number);
        long memory = MemoryLimit.parse(options.text("--memory-limit", "auto"), heapBytes, number);
        var plans = new ArrayList<Plan>();
        for (int i = 0; i < number; i++) {
            plans.add(new Plan(
                    name == null || number == 1 ? name : name + "-" + i,
                    host(),
                    ports.get(i),
                    threads > 0 ? threads : Math.max(1, cores / number),
                    memory,
                    resources == null ? config.amounts("distributed.worker.resources") : Resources.parse(resources),
                    dashboardListen(number)));
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

    private String host() {
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
        int number = workers.equals("auto") ? 1 : options.number("--nworkers", 1, Integer.MIN_VALUE);
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
