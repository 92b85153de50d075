package io.github.daskjvm.comm;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/// Certificates and keys in the PEM form of Dask's settings. Each is the path of a file, or, where it contains a line
/// break, the content itself (`distributed.security.Security`).
///
/// @param authority the certificates that a peer's must come from; null trusts those that the JDK does
/// @param certificate own certificate, then those that lead to the authority; may hold the key as well
/// @param key own key, in any of OpenSSL's unencrypted forms; null where it is in `certificate`
public record PemFiles(
        @Nullable String authority,
        String certificate,
        @Nullable String key) {
    private static final char[] NO_PASSWORD = {};

    /// Everything that is needed for both ends of an encrypted connection.
    ///
    /// @throws IOException naming the file that is missing, or that holds no certificate or no key
    public SSLContext context() throws IOException {
        // Dask accepts an authority without the extensions that say it is one, such as a self-signed certificate.
        System.setProperty("jdk.security.allowNonCaAnchor", "true");
        try {
            var keys = KeyManagerFactory.getInstance("PKIX");
            keys.init(ownStore(), NO_PASSWORD);
            var trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(authority == null ? null : authorityStore(authority));
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "the certificate and key in " + name(certificate) + " can not be used: " + e.getMessage(), e);
        }
    }

    private KeyStore ownStore() throws IOException, GeneralSecurityException {
        List<Object> own = read(certificate);
        List<X509Certificate> chain = certificates(own, certificate);
        PrivateKey privateKey = privateKey(key == null ? own : read(key), key == null ? certificate : key);
        KeyStore store = emptyStore();
        store.setKeyEntry("own", privateKey, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
        return store;
    }

    private static KeyStore authorityStore(String authority) throws IOException, GeneralSecurityException {
        KeyStore store = emptyStore();
        int number = 0;
        for (X509Certificate trusted : certificates(read(authority), authority)) {
            store.setCertificateEntry("authority-" + number++, trusted);
        }
        return store;
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static List<X509Certificate> certificates(List<Object> content, String source)
            throws IOException, GeneralSecurityException {
        var converter = new JcaX509CertificateConverter();
        var certificates = new ArrayList<X509Certificate>();
        for (Object item : content) {
            if (item instanceof X509CertificateHolder holder) {
                certificates.add(converter.getCertificate(holder));
            }
        }
        if (certificates.isEmpty()) {
            throw new IOException("there is no certificate in " + name(source));
        }
        return certificates;
    }

    private static PrivateKey privateKey(List<Object> content, String source) throws IOException {
        var converter = new JcaPEMKeyConverter();
        for (Object item : content) {
            if (item instanceof PEMKeyPair pair) {
                return converter.getPrivateKey(pair.getPrivateKeyInfo());
            }
            if (item instanceof PrivateKeyInfo info) {
                return converter.getPrivateKey(info);
            }
        }
        throw new IOException("there is no unencrypted private key in " + name(source));
    }

    private static List<Object> read(String source) throws IOException {
        var items = new ArrayList<Object>();
        try (var parser = new PEMParser(new StringReader(text(source)))) {
            for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
                items.add(item);
            }
        } catch (IOException e) {
            throw new IOException("can not read " + name(source) + ": " + e.getMessage(), e);
        }
        return items;
    }

    private static String text(String source) throws IOException {
        return source.indexOf('\n') >= 0 ? source : Files.readString(Path.of(source), StandardCharsets.ISO_8859_1);
    }

    /// For messages: content is not shown, as it may be a key.
    private static String name(String source) {
        return source.indexOf('\n') >= 0 ? "what was given in-line" : source;
    }
}
