package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.ListenAddress;
import io.github.daskjvm.client.ClusterListener;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.monitoring.SchedulerMonitor;
import io.github.daskjvm.monitoring.WorkerMonitor;
import io.github.daskjvm.scheduler.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Serves metrics and pages for the parts of the demo's cluster.
final class DemoMonitors implements ClusterListener {
    private final DaskConfig config;
    private final ListenAddress address;
    private final List<AutoCloseable> monitors = new CopyOnWriteArrayList<>();
    private volatile @Nullable Scheduler scheduler;

    DemoMonitors(DaskConfig config, ListenAddress address) {
        this.config = config;
        this.address = address;
    }

    @Override
    public void schedulerStarted(Scheduler started) {
        scheduler = started;
        SchedulerMonitor monitor = Dashboard.start(
                Dashboard.options(config, address),
                false,
                options -> SchedulerMonitor.start(options, SchedulerProcess.sources(started)));
        monitors.add(monitor);
        started.services(Map.of("dashboard", monitor.port()));
    }

    @Override
    public Map<String, Integer> workerStarting(String name, Supplier<WorkerSnapshot> snapshot) {
        WorkerMonitor monitor = Dashboard.start(
                Dashboard.options(config, new ListenAddress(address.host(), 0)),
                false,
                options -> WorkerMonitor.start(options, snapshot));
        monitors.add(monitor);
        return Map.of("dashboard", monitor.port());
    }

    @Override
    public void clusterClosed() {
        for (AutoCloseable monitor : new ArrayList<>(monitors)) {
            try {
                monitor.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        monitors.clear();
    }

    /// For a signal that ends the process: tells the workers, and Python clients, that this is the end.
    void closeScheduler() {
        Scheduler running = scheduler;
        if (running != null) {
            running.close();
        }
    }
}
