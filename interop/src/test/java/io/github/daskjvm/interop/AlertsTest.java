package io.github.daskjvm.interop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.TaskOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Alerts of the exported rules fire on a real cluster when what they tell of is so, and are resolved when it is over.
/// Needs `prometheus` on the `PATH`.
@Timeout(180)
class AlertsTest {
    private JvmCluster cluster;
    private PrometheusProcess prometheus;
    private Client client;

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(PrometheusProcess.find("prometheus").isPresent(), "no prometheus on the PATH");
        cluster = new JvmCluster(folder);
        prometheus = new ExportedMonitoring(cluster, folder).inAHurry().start();
        client = Client.connect(cluster.address());
    }

    @AfterEach
    void stop() throws Exception {
        if (client != null) {
            client.close();
        }
        if (prometheus != null) {
            prometheus.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

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

    private JvmCluster.Node join(String name, String... options) {
        JvmCluster.Node node = cluster.addWorker(name, options);
        prometheus.await("sum(dask_scheduler_workers)", cluster.workers().size());
        return node;
    }

    private void fires(String alert) {
        prometheus.await("count(ALERTS{alertname='%s', alertstate='firing', cluster='tested'})".formatted(alert), 1);
    }

    private void resolved(String alert) {
        prometheus.await("count(ALERTS{alertname='%s'}) or vector(0)".formatted(alert), 0);
    }

    private static List<Integer> range(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    /// Holds a worker's thread until the file is there.
    private static int held(String gate, int value) {
        while (!Files.exists(Path.of(gate))) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return value;
    }
}
