package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.JarFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings code to the cluster: the work of [Client#uploadJar]. A scheduler that is started again has no jars, so
/// their bytes are kept here, and brought again to a scheduler that lacks them. Any thread may call.
final class ClusterCode {
    private static final Logger log = LoggerFactory.getLogger(ClusterCode.class);

    private final Calls scheduler;
    private final ReentrantLock lock = new ReentrantLock();
    /// What this client has uploaded, by name, in that order. Guarded by the lock.
    private final Map<String, byte[]> uploaded = new LinkedHashMap<>();

    ClusterCode(Calls scheduler) {
        this.scheduler = scheduler;
    }

    /// Asks the scheduler.
    interface Calls {
        @Nullable
        Object call(Map<String, ?> request) throws IOException;
    }

    void upload(Path jar) throws IOException {
        Path fileName = jar.getFileName();
        String name = fileName == null ? "" : fileName.toString();
        byte[] bytes = Files.readAllBytes(jar);
        JarFiles.check(name, bytes);
        lock.lock();
        try {
            Object replies = scheduler.call(request(name, bytes));
            // Some workers may not have been able to take it: the scheduler has it all the same.
            uploaded.remove(name);
            uploaded.put(name, bytes);
            check(name, replies);
        } finally {
            lock.unlock();
        }
    }

    /// For a scheduler that was just found: uploads what it has nothing of by that name. What others have
    /// brought is left alone.
    void bringAgain() {
        lock.lock();
        try {
            if (uploaded.isEmpty() || !(scheduler.call(Map.of("op", "get_jars")) instanceof Map<?, ?> there)) {
                return;
            }
            for (var jar : uploaded.entrySet()) {
                if (!there.containsKey(jar.getKey())) {
                    check(jar.getKey(), scheduler.call(request(jar.getKey(), jar.getValue())));
                    log.info("brought {} to the scheduler again", jar.getKey());
                }
            }
        } catch (IOException e) {
            log.error("could not bring uploaded jars to the scheduler again: {}", e.getMessage());
        } finally {
            lock.unlock();
        }
    }

    private static Map<String, ?> request(String name, byte[] bytes) {
        return Map.of("op", "upload_jar", "filename", name, "data", bytes);
    }

    private static void check(String name, @Nullable Object replies) throws IOException {
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
