package io.github.daskjvm.worker;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.worker.task.JarFiles;
import io.github.daskjvm.worker.task.TaskLoader;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Brings the jars that clients uploaded from the scheduler to the loader of tasks. They come from there alone:
/// who reaches the worker's port can have it look, and can give it nothing. Any thread may call.
final class UploadedJars {
    private static final Duration REPLY_MAX = Duration.ofMinutes(10);

    private final RpcPool pool;
    private final String scheduler;
    private final TaskLoader loader;
    private final WorkerLog log;

    UploadedJars(RpcPool pool, String scheduler, TaskLoader loader, WorkerLog log) {
        this.pool = pool;
        this.scheduler = scheduler;
        this.loader = loader;
        this.log = log;
    }

    /// The op `update_jars`: asks the scheduler which jars there are, and returns when all are here.
    ///
    /// @return `status`, and for `OK` the classes that the worker's own class path hides, by jar
    Object update() {
        try {
            return Map.of("status", "OK", "hidden", update(ask(Map.of("op", "get_jars"))));
        } catch (IOException e) {
            log.warn("could not update the uploaded jars: " + e.getMessage());
            return Map.of("status", "error", "message", String.valueOf(e.getMessage()));
        }
    }

    /// @param wanted hashes by name
    /// @return the classes that the worker's own class path hides, by jar
    synchronized Map<String, List<String>> update(@Nullable Object wanted) throws IOException {
        Map<String, List<String>> hidden = new LinkedHashMap<>();
        if (!(wanted instanceof Map<?, ?> hashes)) {
            return hidden;
        }
        Map<String, String> here = loader.jars();
        for (var entry : hashes.entrySet()) {
            if (entry.getKey() instanceof String name
                    && !String.valueOf(entry.getValue()).equals(here.get(name))) {
                if (!(ask(Map.of("op", "get_jar", "filename", name)) instanceof byte[] bytes)) {
                    throw new BadMessageException(scheduler + " answered a request for " + name + " with no bytes");
                }
                loader.addJar(name, bytes);
                log.info("loaded " + name + ", " + bytes.length + " bytes");
                List<String> classes = JarFiles.hidden(bytes, loader.getParent());
                if (!classes.isEmpty()) {
                    hidden.put(name, classes);
                    log.warn("classes of " + name + " are on this worker's class path in another version, which comes"
                            + " first: " + classes);
                }
            }
        }
        return hidden;
    }

    private @Nullable Object ask(Map<String, ?> request) throws IOException {
        try {
            return pool.call(scheduler, request, REPLY_MAX);
        } catch (RpcFailure e) {
            throw new IOException(scheduler + " could not do " + request.get("op") + ": " + e.getMessage(), e);
        }
    }
}
