package io.github.daskjvm.interop;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daskjvm.client.Client;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A cluster for each test, watched by a Prometheus with the exported rules, in seconds where they have minutes.
/// Needs `prometheus` on the `PATH`.
@Timeout(180)
abstract class WatchedCluster {
    JvmCluster cluster;
    PrometheusProcess prometheus;
    Client client;

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(PrometheusProcess.find("prometheus").isPresent(), "no prometheus on the PATH");
        cluster = new JvmCluster(folder, settings());
        prometheus = new ExportedMonitoring(cluster, folder).inAHurry().start();
        client = Client.connect(cluster.address());
    }

    /// Variables of the scheduler's environment.
    String[] settings() {
        return new String[0];
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

    JvmCluster.Node join(String name, String... options) {
        JvmCluster.Node node = cluster.addWorker(name, options);
        prometheus.await("sum(dask_scheduler_workers)", cluster.workers().size());
        return node;
    }

    void fires(String alert) {
        prometheus.await("count(ALERTS{alertname='%s', alertstate='firing', cluster='tested'})".formatted(alert), 1);
    }

    void resolved(String alert) {
        prometheus.await("count(ALERTS{alertname='%s'}) or vector(0)".formatted(alert), 0);
    }

    static List<Integer> range(int n) {
        return IntStream.range(0, n).boxed().toList();
    }

    /// Holds a worker's thread until the file is there.
    static int held(String gate, int value) {
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
