package io.github.daskjvm.worker.task;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/// Jars as bytes.
public final class JarFiles {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,199}\\.jar");

    private JarFiles() {}

    /// In lower-case hexadecimal.
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// @throws IOException if the name is not that of a jar in no folder, or the bytes are no archive
    public static void check(String name, byte[] bytes) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IOException(
                    "\"" + name + "\" is no name for a jar: letters, digits and ._+- and .jar at the end");
        }
        try (var zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            if (zip.getNextEntry() == null) {
                throw new IOException(name + " is no jar: it has no entries");
            }
        }
    }

    /// Classes of the jar that the loader finds by itself with other bytes, at most ten.
    ///
    /// @param loader null for that of the JDK
    public static List<String> hidden(byte[] jar, @Nullable ClassLoader loader) throws IOException {
        List<String> names = new ArrayList<>();
        if (loader == null) {
            return names;
        }
        try (var zip = new ZipInputStream(new ByteArrayInputStream(jar))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null && names.size() < 10; entry = zip.getNextEntry()) {
                String name = entry.getName();
                if (!name.endsWith(".class") || name.startsWith("META-INF/")) {
                    continue;
                }
                try (InputStream own = loader.getResourceAsStream(name)) {
                    if (own != null && !Arrays.equals(own.readAllBytes(), zip.readAllBytes())) {
                        names.add(name.substring(0, name.length() - 6).replace('/', '.'));
                    }
                }
            }
        }
        return names;
    }
}
