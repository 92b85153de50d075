package io.github.daskjvm.client;

import io.github.daskjvm.core.scheduler.GraphTracing;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.scheduler.Scheduler;
import java.io.IOException;
import java.util.Map;
import java.util.function.Supplier;

/// Is told of the parts of a [LocalCluster] as they start, to attach something to them: HTTP servers for metrics
/// and pages, say. Called by the thread that starts the cluster, one part after the other.
public interface ClusterListener {

    /// Does nothing.
    ClusterListener NONE = new ClusterListener() {};

    /// Who is to be told of graphs and their tasks. Asked once, before the scheduler starts.
    default GraphTracing tracing() {
        return GraphTracing.NONE;
    }

    /// The scheduler listens; no worker has registered yet.
    ///
    /// @throws IOException and the cluster does not start
    default void schedulerStarted(Scheduler scheduler) throws IOException {}

    /// A worker is about to register.
    ///
    /// @param name of the worker
    /// @param snapshot what the worker was a moment ago; all zero until it is up. Never blocks
    /// @return ports by name that the worker is to announce, such as `dashboard`
    /// @throws IOException and the cluster does not start
    default Map<String, Integer> workerStarting(String name, Supplier<WorkerSnapshot> snapshot) throws IOException {
        return Map.of();
    }

    /// The cluster is closed, or failed to start. Called once.
    default void clusterClosed() {}
}
