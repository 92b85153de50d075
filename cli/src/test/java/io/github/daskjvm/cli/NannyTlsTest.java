package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.ClientOptions;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.scheduler.Scheduler;
import io.github.daskjvm.scheduler.SchedulerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `dask-jvm worker` with its nanny where all speak TLS, by Dask's settings alone.
@Timeout(120)
class NannyTlsTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    /// One certificate for all, which is its own authority, and its key, as PEM in one file.
    private Path selfSigned() throws Exception {
        Path store = folder.resolve("keys.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        String options =
                " -genkeypair -alias all -keyalg EC -dname CN=test -storetype PKCS12 -storepass secret -keystore ";
        var command = new ProcessBuilder((keytool + options + store).split(" "));
        assertThat(command.redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor())
                .isZero();
        char[] password = "secret".toCharArray();
        KeyStore keys = KeyStore.getInstance(store.toFile(), password);
        return Files.writeString(
                folder.resolve("all.pem"),
                pem("PRIVATE KEY", keys.getKey("all", password).getEncoded())
                        + pem("CERTIFICATE", keys.getCertificate("all").getEncoded()));
    }

    private static String pem(String kind, byte[] bytes) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + kind
                + "-----\n";
    }

    @Test
    void aWorkerAndItsNannyShowTheirCertificateAndTheWorkerComesBack() throws Exception {
        String file = selfSigned().toString();
        Tls tls = Tls.fromPem(file, file, null);
        try (Scheduler scheduler = Scheduler.start(SchedulerOptions.builder()
                        .host("127.0.0.1")
                        .port(0)
                        .tls(tls)
                        .build());
                Client client = Client.connect(scheduler.address(), ClientOptions.DEFAULT.tls(tls));
                RpcPool pool = new RpcPool(tls, SOON)) {
            assertThat(scheduler.address()).startsWith("tls://");
            Process process = NanniesTest.start(
                    List.of(scheduler.address(), "--nthreads", "1", "--death-timeout", "60", "--virtual-threads"),
                    Map.of(
                            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE",
                            file,
                            "DASK_DISTRIBUTED__COMM__TLS__WORKER__CERT",
                            file,
                            "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION",
                            "true"));
            try {
                long first = pid(client);
                var worker = scheduler.workers().getFirst();
                assertThat(worker.address()).startsWith("tls://");
                assertThat(worker.nanny()).startsWith("tls://");
                assertThat(client.submit(() -> Thread.currentThread().isVirtual())
                                .get())
                        .isTrue();

                assertThat(pool.call(String.valueOf(worker.nanny()), Map.of("op", "restart", "timeout", 60), SOON))
                        .isEqualTo("OK");

                long second = pid(client);
                assertThat(second).isNotEqualTo(first);
                process.destroy();
                assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThat(NanniesTest.isGone(second)).isTrue();
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private static long pid(Client client) throws Exception {
        return client.submit(() -> ProcessHandle.current().pid()).get(SOON.toSeconds(), TimeUnit.SECONDS);
    }
}
