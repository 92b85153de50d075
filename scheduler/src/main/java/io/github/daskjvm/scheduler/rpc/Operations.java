package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.scheduler.LogLine;
import io.github.daskjvm.scheduler.coordination.Coordination;
import io.github.daskjvm.scheduler.peers.TaskRecords;
import io.github.daskjvm.scheduler.shuffle.ShuffleOps;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// All operations by name.
public final class Operations {
    private final Map<String, RpcHandler> handlers = new HashMap<>();
    private final PluginOps plugins;
    private final JarOps jars;
    private final RestartOps restarts;

    /// What the operations need beyond the cluster.
    ///
    /// @param idleSince seconds since 1970, 0 while busy
    /// @param waitingKeys keys of graphs that wait for a Python worker
    /// @param logLines the scheduler's last log lines, newest last
    /// @param close ends the scheduler, and runs what it is given once workers have been told and nothing listens
    /// @param coordination queues, locks and the like
    public record Surroundings(
            DoubleSupplier idleSince,
            LongSupplier waitingKeys,
            Supplier<List<LogLine>> logLines,
            Consumer<Runnable> close,
            Coordination coordination) {}

    public Operations(Cluster cluster, IdentityOps identity, TaskRecords records, Surroundings surroundings) {
        var broadcasts = new BroadcastOps(cluster);
        var replicas = new ReplicaOps(cluster);
        plugins = new PluginOps(cluster, broadcasts);
        jars = new JarOps(cluster, broadcasts);
        jars.register(handlers);
        restarts = new RestartOps(cluster);
        identity.register(handlers);
        broadcasts.register(handlers);
        replicas.register(handlers);
        plugins.register(handlers);
        restarts.register(handlers);
        new TaskOps(cluster).register(handlers);
        new DataOps(cluster).register(handlers);
        handlers.put("scatter", new ScatterOps(cluster, replicas));
        var retirements = new RetireOps(cluster);
        retirements.register(handlers);
        new MemoryManagerOps(cluster.loop()).register(handlers);
        new EventOps(cluster, records, surroundings.logLines()).register(handlers);
        var profiles = new ProfileOps(cluster);
        profiles.register(handlers);
        new ReportOps(cluster, records, profiles).register(handlers);
        new SpanOps(cluster).register(handlers);
        new BenchmarkOps(cluster).register(handlers);
        new RunOps(cluster).register(handlers);
        new ProgressOps(cluster, records).register(handlers);
        new MemorySamplerOps(cluster).register(handlers);
        new StateOps(cluster, identity).register(handlers);
        new DumpOps(cluster).register(handlers);
        new LifecycleOps(
                        cluster,
                        retirements,
                        surroundings.idleSince(),
                        surroundings.waitingKeys(),
                        surroundings.close())
                .register(handlers);
        surroundings.coordination().register(handlers);
        new ShuffleOps(cluster).register(handlers);
        handlers.replaceAll(Signatures::checked);
    }

    public Map<String, RpcHandler> handlers() {
        return handlers;
    }

    public PluginOps plugins() {
        return plugins;
    }

    /// Hashes of uploaded jars, by name.
    public Map<String, String> jars() {
        return jars.hashes();
    }

    public RestartOps restarts() {
        return restarts;
    }
}
