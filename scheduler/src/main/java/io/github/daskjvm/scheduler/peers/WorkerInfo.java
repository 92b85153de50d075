package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a worker said of itself when it registered, and the latest it said in heartbeats. The worker's own
/// connections write, one at a time; anyone reads.
public final class WorkerInfo {
    private static final int THREADS_MAX = 1 << 20;

    private final String address;
    private final Object name;
    private final String host;
    private final Runtime runtime;
    private final Fields registration;
    private final ProgramVersions programVersions;
    private final long memoryLimitBytes;
    private final long nthreads;
    private volatile Map<String, Double> resources;
    /// Order of joining.
    private final long sequence;

    private volatile WorkerStatus status;
    private volatile Map<?, ?> metrics;
    private volatile Map<?, ?> executing = Map.of();
    private volatile double lastSeen = Wire.now();
    private volatile double heartbeatInterval = 0.5;
    private final UnmanagedMemory unmanaged = new UnmanagedMemory();

    /// @throws BadMessageException if the registration lacks something or is mistyped
    WorkerInfo(Fields registration, String address, String host, long sequence) throws BadMessageException {
        this.registration = registration;
        this.address = address;
        this.host = host;
        this.sequence = sequence;
        Object given = registration.get("name");
        this.name = given instanceof String || given instanceof Long ? given : address;
        Map<?, ?> extra = registration.mappingOrEmpty("extra");
        this.runtime = Runtime.JVM.wireName().equals(extra.get("runtime")) ? Runtime.JVM : Runtime.PYTHON;
        this.programVersions = ProgramVersions.of(registration.get("versions"));
        this.resources = Wire.numbers(registration, "resources");
        this.metrics = registration.mappingOrEmpty("metrics");
        String wireStatus = registration.string("status");
        this.status = WorkerStatus.ofWireName(wireStatus)
                .orElseThrow(() -> registration.wrong("status", "a status of a worker"));
        this.nthreads = registration.integer("nthreads");
        memoryLimitBytes = registration.integer("memory_limit", 0);
    }

    /// What is wrong with the numbers the worker gives; null if nothing is.
    @Nullable
    String fault() {
        if (nthreads < 1 || nthreads > THREADS_MAX) {
            return "nthreads must be between 1 and " + THREADS_MAX + ", it is " + nthreads;
        }
        if (memoryLimitBytes < 0) {
            return "memory_limit must be a number of bytes or null, it is " + memoryLimitBytes;
        }
        return null;
    }

    public String address() {
        return address;
    }

    /// Text or a `Long`, as the worker gave it.
    public Object name() {
        return name;
    }

    public String host() {
        return host;
    }

    public Runtime runtime() {
        return runtime;
    }

    public int nthreads() {
        return (int) nthreads;
    }

    /// 0 for no limit.
    public long memoryLimitBytes() {
        return memoryLimitBytes;
    }

    /// Of its process, as it says; 0 if it does not.
    public long pid() {
        return registration.get("pid") instanceof Long pid ? pid : 0;
    }

    /// Unique, as Python's is; the address if it gives none.
    public String serverId() {
        return registration.get("server_id") instanceof String id ? id : address;
    }

    /// What it added to its registration.
    public Map<?, ?> extra() {
        return registration.get("extra") instanceof Map<?, ?> extra ? extra : Map.of();
    }

    public @Nullable String nanny() {
        return registration.get("nanny") instanceof String text && !text.isEmpty() ? text : null;
    }

    public Map<String, Double> resources() {
        return resources;
    }

    public void resources(Map<String, Double> changed) {
        Map<String, Double> merged = new LinkedHashMap<>(resources);
        merged.putAll(changed);
        resources = merged;
    }

    public WorkerStatus status() {
        return status;
    }

    public void status(WorkerStatus now) {
        status = now;
    }

    public long sequence() {
        return sequence;
    }

    /// The latest `metrics` map, as the worker sent it.
    public Map<?, ?> metrics() {
        return metrics;
    }

    /// Seconds that each running task has been running, by key as decoded.
    public Map<?, ?> executing() {
        return executing;
    }

    /// Seconds since 1970.
    public double lastSeen() {
        return lastSeen;
    }

    /// Seconds between heartbeats, as the worker was last told.
    public double heartbeatInterval() {
        return heartbeatInterval;
    }

    void heartbeat(Map<?, ?> latestMetrics, Map<?, ?> latestExecuting, double interval) {
        metrics = latestMetrics;
        executing = latestExecuting;
        heartbeatInterval = interval;
        lastSeen = Wire.now();
        if (latestMetrics.get("memory") instanceof Number process) {
            long managed = latestMetrics.get("managed_bytes") instanceof Number bytes ? bytes.longValue() : 0;
            unmanaged.add(lastSeen, Math.max(0, process.longValue() - managed));
        }
    }

    /// Bytes that are not results and have been there for a while.
    public long unmanagedOldBytes() {
        return unmanaged.oldBytes();
    }

    /// Of a JVM worker.
    ProgramVersions programVersions() {
        return programVersions;
    }

    /// Versions by package, as the worker claims; they may be wrong.
    public Map<?, ?> packages() {
        return registration.get("versions") instanceof Map<?, ?> versions
                        && versions.get("packages") instanceof Map<?, ?> packages
                ? packages
                : Map.of();
    }

    /// What `identity` says of a worker; source: `WorkerState.identity`.
    ///
    /// @param volatiles include `metrics` and `last_seen`
    public Map<String, @Nullable Object> identity(boolean volatiles) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("type", "Worker");
        map.put("id", name);
        map.put("host", host);
        map.put("resources", resources);
        map.put("local_directory", registration.get("local_directory"));
        map.put("name", name);
        map.put("nthreads", registration.get("nthreads"));
        map.put("memory_limit", memoryLimitBytes);
        if (volatiles) {
            map.put("last_seen", lastSeen);
        }
        map.put("services", registration.get("services") instanceof Map<?, ?> services ? services : Map.of());
        if (volatiles) {
            map.put("metrics", metrics);
        }
        map.put("status", status.wireName());
        map.put("nanny", registration.get("nanny"));
        if (registration.get("extra") instanceof Map<?, ?> extra) {
            extra.forEach((key, value) -> map.put(String.valueOf(key), value));
        }
        return map;
    }
}
