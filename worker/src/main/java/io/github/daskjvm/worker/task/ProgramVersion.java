package io.github.daskjvm.worker.task;

import io.github.daskjvm.comm.ProjectVersion;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/// What a program says of itself when it joins a cluster, so that the scheduler can say what differs: the entry
/// `jvm` of its `versions`.
public final class ProgramVersion {
    private static final int JARS_MAX = 2_000;
    private static final int HASH_CHARS = 12;

    private ProgramVersion() {}

    private static final class Own {
        static final Map<String, Object> VERSION = Map.of(
                "java",
                Runtime.version().toString(),
                "dask-jvm",
                ProjectVersion.get(),
                "serializers",
                JavaCodec.FORMS,
                "jars",
                jars(System.getProperty("java.class.path", "")));
    }

    /// `{"java": text, "dask-jvm": text, "serializers": {name: number of its form}, "jars": {file name: hash}}` of
    /// this process; found once.
    public static Map<String, Object> own() {
        return Own.VERSION;
    }

    /// Hashes of the jars on a class path and those that their manifests name, by file name. A hash is the first
    /// twelve digits of the SHA-256 of the names, sizes and checksums of a jar's entries, which stand together at
    /// its end: jars built from the same at different times are equal, and large ones are not read. Folders are
    /// left out.
    static Map<String, String> jars(String classPath) {
        Map<String, String> hashes = new TreeMap<>();
        for (String part : classPath.split(File.pathSeparator, -1)) {
            add(hashes, new File(part), true);
        }
        return new LinkedHashMap<>(hashes);
    }

    private static void add(Map<String, String> hashes, File file, boolean follow) {
        if (!file.getName().endsWith(".jar") || !file.isFile() || hashes.size() >= JARS_MAX) {
            return;
        }
        var entries = new TreeSet<String>();
        try (var jar = new JarFile(file, false)) {
            for (var each = jar.entries(); each.hasMoreElements(); ) {
                JarEntry entry = each.nextElement();
                entries.add(entry.getName() + ' ' + entry.getSize() + ' ' + entry.getCrc());
            }
            byte[] listed = String.join("\n", entries).getBytes(StandardCharsets.UTF_8);
            hashes.putIfAbsent(file.getName(), JarFiles.sha256(listed).substring(0, HASH_CHARS));
            Manifest manifest = follow ? jar.getManifest() : null;
            String more = manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            for (String path : more == null ? new String[0] : more.split(" +", -1)) {
                add(hashes, new File(file.getParentFile(), path), false);
            }
        } catch (IOException e) {
            // It is not what classes come from.
        }
    }
}
