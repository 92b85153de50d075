package io.github.daskjvm.interop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.TaskOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Alerts of the exported rules fire on a real cluster when what they tell of is so, and are resolved when it is over.
class AlertsTest extends WatchedCluster {
    @Test
    void tasksWaitAndThereIsNoWorker() {
        Future<Integer> future = client.submit(() -> 1);
        fires("DaskNoWorkers");
        cluster.addWorker("w0");
        resolved("DaskNoWorkers");
        future.close();
    }

    @Test
    void noWorkerMayRunATask() {
        join("w0");
        Future<Integer> future =
                client.with(TaskOptions.DEFAULT.resource("NOBODY-HAS-THIS", 1)).submit(() -> 1);
        fires("DaskTasksUnrunnable");
        join("owner", "--resources", "NOBODY-HAS-THIS=1");
        resolved("DaskTasksUnrunnable");
        future.close();
    }

    @Test
    void aWorkerThatIsNeededDiesWithTasksInHand() throws Exception {
        join("w0");
        JvmCluster.Node dies = join("dies");
        String gate = folder.resolve("gate").toString();
        List<Future<Integer>> futures = client.map(x -> held(gate, x), range(200));
        prometheus.await("sum(dask_worker_tasks{state='executing'})", 4);
        // Seen once, so that what comes is an increase.
        prometheus.await("sum(dask_scheduler_workers)", 2);
        dies.process().destroyForcibly();
        fires("DaskWorkersLost");
        fires("DaskTasksSuspicious");
        resolved("DaskTasksSuspicious");
        resolved("DaskWorkersLost");
        Files.createFile(Path.of(gate));
        client.gather(futures);
    }

    @Test
    void aWorkerDoesNotAnswer() {
        JvmCluster.Node worker = join("w0");
        prometheus.await("sum(up{kind='worker'})", 1);
        worker.signal("STOP");
        fires("DaskTargetDown");
        worker.signal("CONT");
        resolved("DaskTargetDown");
    }

    @Test
    void aWorkerDoesNotAnswerTheScheduler() throws Exception {
        prometheus.close();
        prometheus = new ExportedMonitoring(cluster, folder, "--via-scheduler")
                .inAHurry()
                .start();
        JvmCluster.Node worker = join("w0");
        prometheus.await("sum(dask_worker_up{cluster='tested', worker=~'tcp://.+'})", 1);
        // One target stands for all workers, and it answers.
        prometheus.await("sum(up{kind='worker'})", 1);
        worker.signal("STOP");
        fires("DaskTargetDown");
        prometheus.await("sum(up{kind='worker'})", 1);
        worker.signal("CONT");
        resolved("DaskTargetDown");
    }

    @Test
    void tasksWaitForOneWorkerWhileAnotherIsIdle() throws Exception {
        join("w0");
        join("idle");
        String gate = folder.resolve("gate").toString();
        List<Future<Integer>> futures =
                client.with(TaskOptions.DEFAULT.workers("w0")).map(x -> held(gate, x), range(30));
        fires("DaskWorkQueuedWorkersIdle");
        Files.createFile(Path.of(gate));
        client.gather(futures);
        resolved("DaskWorkQueuedWorkersIdle");
    }

    @Test
    void aPythonWorkerSpills() throws Exception {
        assumeTrue(StockDask.isThere(), "no stock Dask; interop/stock-dask setup makes it");
        Process worker = StockDask.spillingWorker(cluster.address(), folder.resolve("python.log"));
        Process load = StockDask.load(cluster.address(), folder.resolve("load.log"));
        try {
            fires("DaskWorkersSpilling");
            load.destroyForcibly().waitFor();
            resolved("DaskWorkersSpilling");
        } finally {
            load.destroyForcibly();
            worker.destroyForcibly().waitFor();
        }
    }
}
