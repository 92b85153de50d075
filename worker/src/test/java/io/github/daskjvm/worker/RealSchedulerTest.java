package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.scheduler.Scheduler;
import io.github.daskjvm.scheduler.SchedulerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The worker and the scheduler of this project, as far as a worker shows by itself. What tasks do is tested with
/// the client.
class RealSchedulerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private Scheduler scheduler(SchedulerOptions.Builder options) throws IOException {
        Scheduler scheduler = Scheduler.start(options.host("127.0.0.1")
                .port(0)
                .onFailure(failure -> {
                    throw new AssertionError(failure);
                })
                .build());
        open.add(scheduler);
        return scheduler;
    }

    private Worker worker(WorkerOptions.Builder options) throws IOException {
        Worker worker = Worker.start(options.nthreads(3).deathTimeout(TIMEOUT).build());
        open.add(worker);
        return worker;
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - start).isLessThan(TIMEOUT.toNanos());
            Thread.sleep(1);
        }
    }

    private static Map<?, ?> shown(Scheduler scheduler, Worker worker) {
        Object workers = scheduler.identity().get("workers");
        Object own = workers instanceof Map<?, ?> all ? all.get(worker.address()) : null;
        return own instanceof Map<?, ?> map ? map : Map.of();
    }

    @Test
    void theSchedulerShowsTheWorkerAndWhatItsHeartbeatsSay() throws Exception {
        Scheduler scheduler = scheduler(SchedulerOptions.builder());
        Worker worker = worker(WorkerOptions.builder(scheduler.address())
                .name("alice")
                .memoryLimitBytes(1 << 30)
                .services(Map.of("dashboard", 4321)));

        await(() -> "running".equals(shown(scheduler, worker).get("status")));

        Map<?, ?> shown = shown(scheduler, worker);
        assertThat(shown.get("name")).isEqualTo("alice");
        assertThat(((Number) shown.get("nthreads")).intValue()).isEqualTo(3);
        assertThat(((Number) shown.get("memory_limit")).longValue()).isEqualTo(1L << 30);
        assertThat(shown.get("services")).isEqualTo(Map.of("dashboard", 4321L));
        assertThat(shown.get("runtime")).isEqualTo("jvm");
        assertThat((Map<?, ?>) shown.get("metrics")).isNotEmpty();
        double first = worker.snapshot().latencySeconds();
        await(() -> worker.snapshot().latencySeconds() != first);
    }

    @Test
    void aNameThatIsTakenIsRefused() throws Exception {
        Scheduler scheduler = scheduler(SchedulerOptions.builder());
        worker(WorkerOptions.builder(scheduler.address()).name("alice"));

        assertThatThrownBy(
                        () -> worker(WorkerOptions.builder(scheduler.address()).name("alice")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("name taken");
    }

    @Test
    void aWorkerThatClosesIsGoneFromTheScheduler() throws Exception {
        Scheduler scheduler = scheduler(SchedulerOptions.builder());
        Worker worker = worker(WorkerOptions.builder(scheduler.address()));

        worker.close();

        await(() -> scheduler.workers().isEmpty());
    }

    @Test
    void workersEndWithTheirScheduler() throws Exception {
        Scheduler scheduler = scheduler(SchedulerOptions.builder());
        Worker worker = worker(WorkerOptions.builder(scheduler.address()));

        scheduler.close();

        assertThat(worker.awaitClosed()).isNotBlank();
    }

    @Test
    void aWorkerJoinsOverTls(@TempDir Path folder) throws Exception {
        Tls tls = new Tls(context(folder));
        Scheduler scheduler = scheduler(SchedulerOptions.builder().tls(tls));
        Worker worker = worker(WorkerOptions.builder(scheduler.address()).tls(tls));

        assertThat(worker.address()).startsWith("tls://");
        await(() -> "running".equals(shown(scheduler, worker).get("status")));
        double first = worker.snapshot().latencySeconds();
        await(() -> worker.snapshot().latencySeconds() != first);
    }

    /// One certificate for all, which is its own authority.
    private static SSLContext context(Path folder) throws Exception {
        Path file = folder.resolve("keys.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        int exit = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "all",
                        "-dname",
                        "CN=test",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret",
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        assertThat(exit).isZero();
        char[] password = "secret".toCharArray();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, password);
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, password);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("all", keys.getCertificate("all"));
        TrustManagerFactory others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        others.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        return context;
    }
}
