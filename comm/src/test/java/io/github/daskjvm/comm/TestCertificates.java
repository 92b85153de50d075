package io.github.daskjvm.comm;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.util.Date;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemObjectGenerator;

/// A certificate authority made for a test, and what it signs, as PEM text.
final class TestCertificates {
    private final KeyPair keys;
    private final X500Name name;
    final String caPem;

    TestCertificates(String algorithm) {
        keys = keys(algorithm);
        name = new X500Name("CN=test authority");
        caPem = pem(sign(keys, name, keys, true));
    }

    /// A certificate with its key, in each of the forms a key comes in.
    record Identity(String certPem, String keyPem, String keyPkcs8Pem) {}

    Identity issue(String algorithm) {
        KeyPair own = keys(algorithm);
        try {
            return new Identity(
                    pem(sign(own, new X500Name("CN=member"), keys, false)),
                    traditional(own.getPrivate()),
                    pem(new JcaPKCS8Generator(own.getPrivate(), null)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KeyPair keys(String algorithm) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(algorithm.equals("RSA") ? 2048 : 256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// As OpenSSL writes keys: PKCS#1, or SEC 1 with the curve inside.
    private static String traditional(PrivateKey key) throws IOException {
        if (!key.getAlgorithm().equals("EC")) {
            return pem(key);
        }
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
        ECPrivateKey bare = ECPrivateKey.getInstance(info.parsePrivateKey());
        var whole = new ECPrivateKey(
                256, bare.getKey(), info.getPrivateKeyAlgorithm().getParameters());
        return pem((PemObjectGenerator) () -> new PemObject("EC PRIVATE KEY", encoded(whole)));
    }

    private static byte[] encoded(ECPrivateKey key) {
        try {
            return key.getEncoded();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// An old-style certificate, without a key usage.
    private X509CertificateHolder sign(KeyPair subject, X500Name subjectName, KeyPair issuer, boolean authority) {
        try {
            String algorithm = issuer.getPrivate().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
            long now = System.currentTimeMillis();
            var builder = new JcaX509v3CertificateBuilder(
                    name,
                    BigInteger.valueOf(System.nanoTime()),
                    new Date(now - 60_000),
                    new Date(now + 3_600_000),
                    subjectName,
                    subject.getPublic());
            if (authority) {
                builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            }
            return builder.build(new JcaContentSignerBuilder(algorithm).build(issuer.getPrivate()));
        } catch (OperatorCreationException | CertIOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(Object item) {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            if (item instanceof PemObjectGenerator generator) {
                writer.writeObject(generator);
            } else {
                writer.writeObject(item);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
