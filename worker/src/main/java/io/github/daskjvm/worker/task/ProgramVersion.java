package io.github.daskjvm.worker.task;

import io.github.daskjvm.comm.ProjectVersion;
import java.io.File;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;

/// What a program says of itself when it joins a cluster, so that the scheduler can say what differs: the entry
/// `jvm` of its `versions`.
public final class ProgramVersion {
    private static final int JARS_MAX = 2_000;

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

    /// Hashes of the jars on a class path and those that their manifests name, by file name, see [JarDirectory#hash].
    /// Folders are left out.
    static Map<String, String> jars(String classPath) {
        Map<String, String> hashes = new TreeMap<>();
        for (String part : classPath.split(File.pathSeparator, -1)) {
            var file = new File(part);
            if (add(hashes, file)) {
                for (String path : manifestPath(file)) {
                    add(hashes, new File(file.getParentFile(), path));
                }
            }
        }
        return new LinkedHashMap<>(hashes);
    }

    private static boolean add(Map<String, String> hashes, File file) {
        if (!file.getName().endsWith(".jar") || !file.isFile() || hashes.size() >= JARS_MAX) {
            return false;
        }
        try {
            String hash = JarDirectory.hash(file);
            return hash != null && hashes.putIfAbsent(file.getName(), hash) == null;
        } catch (IOException e) {
            // It is not what classes come from.
            return false;
        }
    }

    private static String[] manifestPath(File file) {
        try (var jar = new JarFile(file, false)) {
            Manifest manifest = jar.getManifest();
            String path = manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            return path == null ? new String[0] : path.split(" +", -1);
        } catch (IOException e) {
            return new String[0];
        }
    }
}
