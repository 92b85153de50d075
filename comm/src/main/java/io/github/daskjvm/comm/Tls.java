package io.github.daskjvm.comm;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// Encrypted sockets that both prove themselves by a certificate of the same authority. Host names are not
/// checked, as in Dask.
public final class Tls {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final SSLContext context;

    public Tls(SSLContext context) {
        this.context = context;
    }

    /// Loads what Dask's configuration names: a certificate authority, a certificate and its key.
    ///
    /// @param ca file of certificates of authorities that peers' certificates must come from
    /// @param cert file of our certificate, and of those between it and the authority, if any
    /// @param key file of the private key (PKCS#1, PKCS#8 or EC, without a passphrase); null if it is in `cert`
    ///
    /// Each may be the PEM text itself instead of a file: it is if it has a line break. Needs Bouncy Castle
    /// (`bcpkix-jdk18on`) on the class path, which this module does not bring along.
    ///
    /// @throws IOException naming the file that cannot be used, and why
    public static Tls fromPem(String ca, String cert, @Nullable String key) throws IOException {
        Pem authorities = Pem.load("the certificate authority", ca);
        Pem own = Pem.load("the certificate", cert);
        Pem keys = key == null ? own : Pem.load("the key", key);
        return new Tls(context(authorities.certificates(), own.certificates(), keys.privateKey()));
    }

    /// For servers of other protocols that show the same certificate.
    public SSLContext context() {
        return context;
    }

    private static SSLContext context(List<X509Certificate> authorities, List<X509Certificate> chain, PrivateKey key)
            throws IOException {
        try {
            char[] noPassword = new char[0];
            KeyStore identity = KeyStore.getInstance("PKCS12");
            identity.load(null, null);
            identity.setKeyEntry("own", key, noPassword, chain.toArray(X509Certificate[]::new));
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keyManagers.init(identity, noPassword);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                trusted.setCertificateEntry("ca-" + i, authorities.get(i));
            }
            TrustManagerFactory trustManagers =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trustManagers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificate and the key cannot be used together: " + e.getMessage(), e);
        }
    }

    Socket client(Socket connected, Address address) throws IOException {
        var socket =
                (SSLSocket) context.getSocketFactory().createSocket(connected, address.host(), address.port(), true);
        socket.setEnabledProtocols(PROTOCOLS);
        socket.startHandshake();
        return socket;
    }

    ServerSocket server() throws IOException {
        var socket = (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
        socket.setEnabledProtocols(PROTOCOLS);
        socket.setNeedClientAuth(true);
        return socket;
    }
}
