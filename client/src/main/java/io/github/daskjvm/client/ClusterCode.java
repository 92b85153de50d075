package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.JarFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings code to the cluster: the work of [Client#uploadJar].
final class ClusterCode {
    private static final Logger log = LoggerFactory.getLogger(ClusterCode.class);

    private ClusterCode() {}

    /// Asks the scheduler.
    interface Calls {
        @Nullable
        Object call(Map<String, ?> request) throws IOException;
    }

    static void upload(Calls scheduler, Path jar) throws IOException {
        Path fileName = jar.getFileName();
        String name = fileName == null ? "" : fileName.toString();
        byte[] bytes = Files.readAllBytes(jar);
        JarFiles.check(name, bytes);
        Object replies = scheduler.call(Map.of("op", "upload_jar", "filename", name, "data", bytes));
        var failures = new ArrayList<String>();
        if (replies instanceof Map<?, ?> byWorker) {
            byWorker.forEach((worker, reply) -> {
                if (!(reply instanceof Map<?, ?> map)) {
                    failures.add(worker + " could not be reached");
                } else if (!"OK".equals(map.get("status"))) {
                    failures.add(worker + ": " + map.get("message"));
                } else if (map.get("hidden") instanceof Map<?, ?> hidden
                        && hidden.get(name) instanceof List<?> classes) {
                    log.warn(
                            "{} has other versions of these classes of {} on its own class path, which come first: {}",
                            worker,
                            name,
                            classes);
                }
            });
        }
        if (!failures.isEmpty()) {
            throw new IOException("these workers do not have " + name + ": " + String.join("; ", failures));
        }
    }
}
