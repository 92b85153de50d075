package io.github.daskjvm.monitoring.discovery;

import io.github.daskjvm.core.model.Runtime;
import java.util.Map;

/// A worker as a scheduler's `identity` describes it. What is missing or mistyped there is empty or 0.
///
/// @param name as text, where a worker may have a number too
/// @param host where the scheduler saw it, without brackets
/// @param runtime `jvm` if it says so, else `python`
/// @param memoryLimitBytes 0 for none
/// @param dashboardPort where it says it serves `/metrics`; 0 for nowhere
/// @param metrics of its latest heartbeat
/// @param lastSeenSeconds since 1970, by the scheduler's clock; 0 if not known
public record WorkerView(
        String address,
        String name,
        String host,
        String runtime,
        String status,
        int nthreads,
        long memoryLimitBytes,
        int dashboardPort,
        Map<?, ?> metrics,
        double lastSeenSeconds) {

    static WorkerView of(String address, Map<?, ?> identity) {
        return new WorkerView(
                address,
                Values.text(identity.get("name"), address),
                host(address, Values.text(identity.get("host"), "")),
                Runtime.JVM.wireName().equals(identity.get("runtime")) ? "jvm" : "python",
                Values.text(identity.get("status"), ""),
                (int) Math.clamp(Values.number(identity.get("nthreads")), 0, Integer.MAX_VALUE),
                (long) Values.number(identity.get("memory_limit")),
                Values.port(Values.map(identity.get("services")).get("dashboard")),
                Values.map(identity.get("metrics")),
                Values.number(identity.get("last_seen")));
    }

    /// The address is what others connect to; the host only how it was found.
    private static String host(String address, String otherwise) {
        String fromAddress = Values.hostOf(address);
        return fromAddress.isEmpty() ? otherwise : fromAddress;
    }
}
