package io.github.daskjvm.interop;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.LocalCluster;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/// A scheduler and a JVM worker in this process, a stock Python worker beside, and a Java client.
///
/// @param cluster the part in this process
record MixedCluster(LocalCluster cluster, Client client, Process worker) implements AutoCloseable {

    /// @param folder for the Python worker's log and files
    static MixedCluster start(Path folder) throws Exception {
        return start(folder, StockDask::worker);
    }

    /// As above, with another kind of Python worker.
    static MixedCluster start(Path folder, BiFunction<String, Path, Process> worker) throws Exception {
        LocalCluster cluster =
                LocalCluster.builder().workers(1).threadsPerWorker(2).start();
        return new MixedCluster(
                cluster, cluster.client(), worker.apply(cluster.schedulerAddress(), folder.resolve("worker.log")));
    }

    /// The Python worker ends first: without its scheduler it would seek that.
    @Override
    public void close() throws InterruptedException {
        worker.destroy();
        boolean ended = worker.waitFor(60, TimeUnit.SECONDS);
        client.close();
        cluster.close();
        if (!ended) {
            throw new AssertionError("the Python worker did not end");
        }
    }
}
