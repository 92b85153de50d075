package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.scheduler.Scheduler;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LocalClusterTest {
    @Test
    void aClosedClusterLeavesNoThreadsAndNoOpenPort() throws Exception {
        try (LocalCluster first = LocalCluster.builder().workers(1).start()) {
            // Loads what starts threads of the JDK's own.
            first.client().submit(() -> 1).get();
        }
        Await.until("the first cluster's threads end", () -> clusterThreads().isEmpty());
        LocalCluster cluster = LocalCluster.builder().workers(2).start();
        Client client = cluster.client();
        client.gather(client.map(x -> x, List.of(1, 2, 3)));
        assertThat(clusterThreads()).isNotEmpty();

        cluster.close();
        cluster.close();

        Await.until(
                "these are left: " + clusterThreads(), () -> clusterThreads().isEmpty());
        assertThatThrownBy(() -> client.submit(() -> 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(cluster::client).isInstanceOf(java.io.IOException.class);
    }

    /// Platform threads beyond those of the JVM, of JUnit and of surefire.
    private static Set<String> clusterThreads() {
        Set<String> names = new TreeSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            String group = thread.getThreadGroup() == null
                    ? ""
                    : thread.getThreadGroup().getName();
            String name = thread.getName();
            if (group.equals("main")
                    && !name.equals("main")
                    && !name.startsWith("surefire")
                    && !name.startsWith("ForkJoinPool-1-worker")
                    && !name.startsWith("junit")) {
                names.add(name);
            }
        }
        return names;
    }

    @Test
    void aTakenPortIsSaid() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThatThrownBy(() ->
                            LocalCluster.builder().port(taken.getLocalPort()).start())
                    .isInstanceOf(BindException.class);
        }
    }

    @Test
    void aListenerSeesThePartsAsTheyStartAndTheEnd() throws Exception {
        List<String> seen = new ArrayList<>();
        List<Supplier<WorkerSnapshot>> snapshots = new ArrayList<>();
        var listener = new ClusterListener() {
            @Override
            public void schedulerStarted(Scheduler scheduler) {
                scheduler.services(Map.of("dashboard", 1234));
                seen.add("scheduler with " + scheduler.workers().size() + " workers");
            }

            @Override
            public Map<String, Integer> workerStarting(String name, Supplier<WorkerSnapshot> snapshot) {
                seen.add(name + " with " + snapshot.get().threads() + " threads");
                snapshots.add(snapshot);
                return Map.of("dashboard", 5678);
            }

            @Override
            public void clusterClosed() {
                seen.add("closed");
            }
        };
        try (LocalCluster cluster = LocalCluster.builder()
                        .workers(1)
                        .threadsPerWorker(3)
                        .listener(listener)
                        .start();
                Client client = cluster.client()) {
            SchedulerInfo info = client.schedulerInfo();
            assertThat(info.services()).containsEntry("dashboard", 1234);
            assertThat(info.workers().getFirst().services()).containsEntry("dashboard", 5678);
            assertThat(snapshots.getFirst().get().threads()).isEqualTo(3);
        }

        assertThat(seen).containsExactly("scheduler with 0 workers", "local-0 with 0 threads", "closed");
    }

    @Test
    void aClusterThatIsClosedCancelsWhatIsPending() throws Exception {
        LocalCluster cluster = LocalCluster.builder().workers(0).start();
        Future<Integer> pending = cluster.client().submit(() -> 1);

        cluster.close();

        assertThatThrownBy(pending::get).isInstanceOf(CancellationException.class);
    }
}
