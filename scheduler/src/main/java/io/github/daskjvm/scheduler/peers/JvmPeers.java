package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.comm.ProjectVersion;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.protocol.Fields;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What JVM workers and clients are told beyond Dask's answer to their registration: which jars there are, and how
/// their versions differ from those of the others. Any thread may call.
public final class JvmPeers {
    private static final Map<String, String> OWN =
            Map.of("java", java.lang.Runtime.version().toString(), "dask-jvm", ProjectVersion.get());
    private static final ProgramVersions SCHEDULER = ProgramVersions.of(Map.of("jvm", OWN));

    private final Workers workers;
    private volatile Supplier<Map<String, String>> jars = Map::of;

    public JvmPeers(Workers workers) {
        this.workers = workers;
    }

    /// The hashes of uploaded jars, by name.
    public void jars(Supplier<Map<String, String>> source) {
        jars = source;
    }

    /// The scheduler's own entry `jvm` of `versions`.
    public static Map<?, ?> own() {
        return OWN;
    }

    /// Why the worker can not join; null if it can.
    @Nullable
    String refusal(WorkerInfo info) {
        String conflict = info.runtime() == Runtime.JVM ? info.programVersions().conflict(others(info)) : null;
        return conflict == null ? null : "this worker can not join: " + conflict;
    }

    /// Added to the answer to a worker.
    Map<String, Object> welcome(WorkerInfo info) {
        if (info.runtime() != Runtime.JVM) {
            return Map.of();
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("jars", jars.get());
        answer.put("short-messages", true);
        String differences = info.programVersions().differences("this worker", SCHEDULER, others(info));
        if (differences != null) {
            answer.put("warning", differences);
        }
        return answer;
    }

    /// Added to the answer to a client: `error` if it can not work with the workers, `warning` if it may not.
    Map<String, String> welcome(Fields client) {
        if (!Runtime.JVM.wireName().equals(client.get("runtime"))) {
            return Map.of();
        }
        ProgramVersions versions = ProgramVersions.of(client.get("versions"));
        Map<String, ProgramVersions> others = others(null);
        String conflict = versions.conflict(others);
        if (conflict != null) {
            return Map.of("error", conflict);
        }
        String differences = versions.differences("this client", SCHEDULER, others);
        return differences == null ? Map.of() : Map.of("warning", differences);
    }

    /// The op `jvm_versions`: those of scheduler and JVM workers, and how the caller's `versions` differ.
    public Object versions(Fields request) {
        Map<String, ProgramVersions> others = others(null);
        Map<String, Object> byWorker = new LinkedHashMap<>();
        others.forEach((address, versions) -> byWorker.put(address, Map.of("jvm", versions.told())));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("scheduler", Map.of("jvm", OWN));
        answer.put("workers", byWorker);
        String differences = ProgramVersions.of(request.get("versions")).differences("this client", SCHEDULER, others);
        if (differences != null) {
            answer.put("differences", differences);
        }
        return answer;
    }

    private Map<String, ProgramVersions> others(@Nullable WorkerInfo except) {
        Map<String, ProgramVersions> others = new LinkedHashMap<>();
        for (WorkerInfo worker : workers.all()) {
            if (worker != except && worker.runtime() == Runtime.JVM) {
                others.put(worker.address(), worker.programVersions());
            }
        }
        return others;
    }
}
