package io.github.daskjvm.comm;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/// The certificates and keys in a PEM text. Bouncy Castle reads it, since the JDK has no reader for the key formats
/// that OpenSSL writes.
final class Pem {
    private final String source;
    private final List<X509Certificate> certificates = new ArrayList<>();
    private final List<PrivateKey> keys = new ArrayList<>();

    private Pem(String source) {
        this.source = source;
    }

    /// @param what for messages, such as `the certificate`
    /// @param fileOrText a path, or the PEM text itself if it has a line break
    static Pem load(String what, String fileOrText) throws IOException {
        boolean inline = fileOrText.indexOf('\n') >= 0;
        var pem = new Pem(inline ? what + " given as text" : what + " in " + fileOrText);
        try {
            pem.parse(inline ? fileOrText : Files.readString(Path.of(fileOrText)));
        } catch (IOException | InvalidPathException | GeneralSecurityException e) {
            throw new IOException("cannot read " + pem.source + ": " + e, e);
        }
        return pem;
    }

    private void parse(String text) throws IOException, GeneralSecurityException {
        try (var parser = new PEMParser(new StringReader(text))) {
            var converter = new JcaPEMKeyConverter();
            for (Object item = parser.readObject(); item != null; item = parser.readObject()) {
                switch (item) {
                    case X509CertificateHolder holder ->
                        certificates.add(new JcaX509CertificateConverter().getCertificate(holder));
                    case PEMKeyPair pair -> keys.add(converter.getPrivateKey(pair.getPrivateKeyInfo()));
                    case PrivateKeyInfo info -> keys.add(converter.getPrivateKey(info));
                    case PEMEncryptedKeyPair encrypted -> throw passphrase();
                    case PKCS8EncryptedPrivateKeyInfo encrypted -> throw passphrase();
                    default -> {
                        // Curve parameters and the like, which the key repeats.
                    }
                }
            }
        }
    }

    private static IOException passphrase() {
        return new IOException("the key is protected by a passphrase; give one without");
    }

    /// At least one, in order.
    List<X509Certificate> certificates() throws IOException {
        if (certificates.isEmpty()) {
            throw new IOException("there is no certificate in " + source);
        }
        return certificates;
    }

    PrivateKey privateKey() throws IOException {
        if (keys.isEmpty()) {
            throw new IOException("there is no private key in " + source);
        }
        return keys.getFirst();
    }
}
