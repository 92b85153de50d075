package io.github.daskjvm.interop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daskjvm.client.Future;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Alerts of the exported rules that tell of memory that is full, and of tasks that are moved rather than run. A loop
/// that is saturated has no test of this kind: two cores do not bring enough tasks for it.
class AlertsUnderPressureTest extends WatchedCluster {
    /// Without a queue at the scheduler tasks are at workers, where they can be stolen.
    @Override
    String[] settings() {
        return new String[] {"DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION=inf"};
    }

    @Test
    void aPythonWorkerIsFullAndPauses() throws Exception {
        assumeTrue(StockDask.isThere(), "no stock Dask; interop/stock-dask setup makes it");
        Path gate = folder.resolve("gate");
        Process worker = StockDask.pausingWorker(cluster.address(), folder.resolve("python.log"));
        Process hog = StockDask.hog(cluster.address(), gate, folder.resolve("hog.log"));
        try {
            fires("DaskWorkersPaused");
            fires("DaskMemoryNearLimit");
            Files.createFile(gate);
            resolved("DaskMemoryNearLimit");
            resolved("DaskWorkersPaused");
        } finally {
            hog.destroyForcibly();
            worker.destroyForcibly().waitFor();
        }
    }

    @Test
    void theHeapOfAJvmWorkerIsFull() throws Exception {
        cluster.addWorker(List.of("JDK_JAVA_OPTIONS=-Xmx96m"), "small");
        String gate = folder.resolve("gate").toString();
        Future<Integer> future = client.submit(() -> fillsTheHeap(gate));
        fires("DaskJvmHeapNearLimit");
        Files.createFile(Path.of(gate));
        future.get();
        resolved("DaskJvmHeapNearLimit");
        future.close();
    }

    @Test
    void tasksAreMovedRatherThanRun() throws Exception {
        join("w0");
        String gate = folder.resolve("gate").toString();
        List<Future<Integer>> futures = client.map(x -> held(gate, x), range(2000));
        prometheus.await("sum(dask_worker_tasks{state='ready'})", 1998);
        join("w1");
        fires("DaskStealingStorm");
        resolved("DaskStealingStorm");
        Files.createFile(Path.of(gate));
        client.gather(futures);
    }

    /// Takes memory until a collection of what is old leaves 92 % of its part of the heap in use, and gives it back
    /// when the file is there.
    private static int fillsTheHeap(String gate) {
        List<byte[]> blocks = new ArrayList<>();
        while (oldLive() < 0.92) {
            blocks.add(new byte[1_000_000]);
            System.gc();
        }
        int size = held(gate, blocks.size());
        blocks.clear();
        System.gc();
        return size;
    }

    private static double oldLive() {
        MemoryUsage usage = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getName().contains("Tenured Gen"))
                .findFirst()
                .orElseThrow()
                .getCollectionUsage();
        return (double) usage.getUsed() / usage.getMax();
    }
}
