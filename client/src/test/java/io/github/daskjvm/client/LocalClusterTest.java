package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.scheduler.Scheduler;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalClusterTest {
    @Test
    void aClosedClusterLeavesNoThreadsAndNoOpenPort() throws Exception {
        try (LocalCluster first = LocalCluster.builder().workers(1).start()) {
            // Loads what starts threads of the JDK's own.
            first.client().submit(() -> 1).get();
        }
        Await.untilEmpty("the first cluster's threads end", LocalClusterTest::clusterThreads);
        LocalCluster cluster = LocalCluster.builder().workers(2).start();
        Client client = cluster.client();
        client.gather(client.map(x -> x, List.of(1, 2, 3)));
        assertThat(clusterThreads()).isNotEmpty();

        cluster.close();
        cluster.close();

        Await.until(
                "these are left: " + clusterThreads(), () -> clusterThreads().isEmpty());
        assertThatThrownBy(() -> client.submit(() -> 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(cluster::client).isInstanceOf(IOException.class).hasMessageContaining("cluster is closed");
        assertThatThrownBy(cluster::addWorker).isInstanceOf(IOException.class);
    }

    /// Threads, virtual ones too, beyond those of the JVM, of JUnit, of surefire, and the one that all clients share.
    static Set<String> clusterThreads() throws Exception {
        Set<String> names = new TreeSet<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            String group = thread.getThreadGroup() == null
                    ? ""
                    : thread.getThreadGroup().getName();
            if (group.equals("main") && !FOREIGN.matcher(thread.getName()).matches()) {
                names.add(thread.getName());
            }
        }
        Path dump = Files.createTempDirectory("threads").resolve("dump.txt");
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
        Matcher virtual = VIRTUAL.matcher(Files.readString(dump));
        while (virtual.find()) {
            if (!virtual.group(1).equals("released-futures")
                    && !virtual.group(1).startsWith("SubPoller")) {
                names.add(virtual.group(1) + " (virtual)");
            }
        }
        Files.delete(dump);
        Files.delete(dump.getParent());
        return names;
    }

    private static final Pattern FOREIGN = Pattern.compile("main|surefire.*|junit.*|process reaper.*|ForkJoinPool-.*");
    private static final Pattern VIRTUAL = Pattern.compile("^#\\d+ \"([^\"]*)\" virtual", Pattern.MULTILINE);

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

    @Test
    void aClusterCanSpeakTls(@TempDir Path folder) throws Exception {
        Tls tls = selfSigned(folder.resolve("keys.p12"));
        try (LocalCluster cluster = LocalCluster.builder().workers(2).tls(tls).start();
                Client client = cluster.client()) {
            assertThat(cluster.schedulerAddress()).startsWith("tls://127.0.0.1:");
            assertThat(cluster.workers()).allMatch(worker -> worker.address().startsWith("tls://"));

            assertThat(client.gather(client.map(x -> x + 1, List.of(1, 2, 3)))).containsExactly(2, 3, 4);
        }
    }

    /// One certificate for all, which is its own authority.
    private static Tls selfSigned(Path file) throws Exception {
        var keytool = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "all",
                "-keyalg",
                "EC",
                "-dname",
                "CN=test",
                "-storetype",
                "PKCS12",
                "-storepass",
                "secret",
                "-keystore",
                file.toString());
        assertThat(keytool.redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor())
                .isZero();
        char[] password = "secret".toCharArray();
        KeyStore keys = KeyStore.getInstance(file.toFile(), password);
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        trusted.setCertificateEntry("all", keys.getCertificate("all"));
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, password);
        TrustManagerFactory others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        others.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        return new Tls(context);
    }

    @Test
    void aClientOutlivesItsScheduler() throws Exception {
        LocalCluster first = LocalCluster.builder().workers(1).start();
        try (Client client = Client.connect(first.schedulerAddress())) {
            assertThat(client.submit(() -> 1).get()).isEqualTo(1);
            Future<Integer> pending =
                    client.with(TaskOptions.DEFAULT.resource("none", 1)).submit(() -> 1);
            first.close();
            assertThatThrownBy(pending::get).isInstanceOf(CancellationException.class);

            try (LocalCluster second = Restart.at(Restart.port(first))) {
                Await.until(
                        "the client is back",
                        () -> second.scheduler().snapshot().clients() == 1);
                assertThat(client.submit(() -> 2).get()).isEqualTo(2);
            }
        }
    }
}
