package io.github.daskjvm.comm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.protocol.FrameLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static Object echoOver(Tls serverTls, Tls clientTls) throws Exception {
        try (var server = RpcServer.start(
                        new Address("tls", "127.0.0.1", 0),
                        serverTls,
                        FrameLimits.DEFAULT,
                        Map.of("echo", (request, connection) -> request.get("data")));
                var pool = new RpcPool(clientTls, TIMEOUT)) {
            return pool.call("tls://127.0.0.1:" + server.port(), Map.of("op", "echo", "data", "hello"), TIMEOUT);
        }
    }

    @Test
    void peersOfOneAuthorityTalkWhateverTheFormOfTheirKeys() throws Exception {
        for (String algorithm : new String[] {"RSA", "EC"}) {
            var authority = new TestCertificates(algorithm);
            var one = authority.issue("RSA");
            var other = authority.issue("EC");
            Tls traditional = Tls.fromPem(authority.caPem, one.certPem(), one.keyPem());
            Tls pkcs8 = Tls.fromPem(authority.caPem, other.certPem(), other.keyPkcs8Pem());
            assertThat(echoOver(traditional, pkcs8)).isEqualTo("hello");
            assertThat(echoOver(pkcs8, traditional)).isEqualTo("hello");
        }
    }

    @Test
    void theKeyMayBeInTheFileOfTheCertificate(@TempDir Path folder) throws Exception {
        var authority = new TestCertificates("EC");
        var identity = authority.issue("EC");
        Path both = Files.writeString(folder.resolve("both.pem"), identity.keyPem() + identity.certPem());
        Path ca = Files.writeString(folder.resolve("ca.pem"), authority.caPem);
        Tls tls = Tls.fromPem(ca.toString(), both.toString(), null);
        assertThat(echoOver(tls, tls)).isEqualTo("hello");
    }

    @Test
    void aStrangersCertificateIsRefusedByEitherSide() {
        var authority = new TestCertificates("EC");
        var stranger = new TestCertificates("EC");
        var member = authority.issue("EC");
        var strange = stranger.issue("EC");
        assertThatThrownBy(() -> echoOver(
                        Tls.fromPem(authority.caPem, member.certPem(), member.keyPem()),
                        Tls.fromPem(authority.caPem, strange.certPem(), strange.keyPem())))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> echoOver(
                        Tls.fromPem(stranger.caPem, strange.certPem(), strange.keyPem()),
                        Tls.fromPem(authority.caPem, member.certPem(), member.keyPem())))
                .isInstanceOf(IOException.class);
    }

    @Test
    void whatIsMissingIsNamedWithItsFile(@TempDir Path folder) throws Exception {
        var authority = new TestCertificates("EC");
        var identity = authority.issue("EC");
        Path cert = Files.writeString(folder.resolve("cert.pem"), identity.certPem());
        Path key = Files.writeString(folder.resolve("key.pem"), identity.keyPem());
        Path absent = folder.resolve("absent.pem");
        assertThatThrownBy(() -> Tls.fromPem(absent.toString(), cert.toString(), key.toString()))
                .hasMessageContaining("absent.pem")
                .hasMessageContaining("certificate authority");
        assertThatThrownBy(() -> Tls.fromPem(authority.caPem, cert.toString(), null))
                .hasMessageContaining("no private key in")
                .hasMessageContaining("cert.pem");
        assertThatThrownBy(() -> Tls.fromPem(authority.caPem, key.toString(), null))
                .hasMessageContaining("no certificate in")
                .hasMessageContaining("key.pem");
        assertThatThrownBy(() -> Tls.fromPem("-----BEGIN CERTIFICATE-----\nnonsense", cert.toString(), null))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("given as text");
    }

    @Test
    void aPlainPeerOnATlsPortIsDroppedAndOthersGoOn() throws Exception {
        var authority = new TestCertificates("EC");
        var identity = authority.issue("EC");
        Tls tls = Tls.fromPem(authority.caPem, identity.certPem(), identity.keyPem());
        try (var server = RpcServer.start(
                        new Address("tls", "127.0.0.1", 0),
                        tls,
                        FrameLimits.DEFAULT,
                        Map.of("echo", (request, connection) -> request.get("data")));
                var pool = new RpcPool(tls, TIMEOUT)) {
            assertThatThrownBy(() -> Connection.open(new Address("tcp", "127.0.0.1", server.port()), null, TIMEOUT))
                    .isInstanceOf(IOException.class);
            assertThat(pool.call("tls://127.0.0.1:" + server.port(), Map.of("op", "echo", "data", 1L), TIMEOUT))
                    .isEqualTo(1L);
        }
    }
}
