package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// `benchmark_hardware`: what the Python workers' disks, memories and connections are capable of, in bytes a second by
/// size, averaged over workers. Source of the form: `Scheduler.benchmark_hardware`.
final class BenchmarkOps {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Cluster cluster;

    BenchmarkOps(Cluster cluster) {
        this.cluster = cluster;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("benchmark_hardware", this::benchmark);
    }

    private Object benchmark(Fields request, Connection connection) throws RpcFailure {
        List<String> workers = new ArrayList<>();
        for (WorkerInfo worker : cluster.workers().all()) {
            if (worker.runtime() == Runtime.PYTHON) {
                workers.add(worker.address());
            }
        }
        if (workers.isEmpty() && !cluster.workers().all().isEmpty()) {
            throw RpcFailure.python(
                    "builtins",
                    "RuntimeError",
                    "op benchmark_hardware: Python workers measure the hardware, and the cluster has none");
        }
        Map<String, Object> results = new LinkedHashMap<>();
        for (String mode : List.of("disk", "memory")) {
            results.put(
                    mode,
                    averages(cluster.calls()
                            .all(workers, worker -> Map.of("op", "benchmark_" + mode), TIMEOUT)
                            .values()));
        }
        // Workers of one host often come one after another; in random order more pairs are of two hosts.
        Collections.shuffle(workers);
        Map<String, Callable<@Nullable Object>> pairs = new LinkedHashMap<>();
        for (int i = 0; i + 1 < workers.size(); i += 2) {
            String one = workers.get(i);
            Map<String, ?> call = Map.of("op", "benchmark_network", "address", workers.get(i + 1));
            pairs.put(one, () -> cluster.rpc().call(one, call, TIMEOUT));
        }
        results.put("network", averages(WorkerCalls.concurrently(pairs).values()));
        return results;
    }

    private static Map<String, Double> averages(Iterable<WorkerCalls.Outcome> outcomes) {
        Map<String, List<Double>> bySize = new LinkedHashMap<>();
        for (WorkerCalls.Outcome outcome : outcomes) {
            if (outcome.reply() instanceof Map<?, ?> rates) {
                rates.forEach((size, rate) -> {
                    if (size != null && rate instanceof Number number) {
                        bySize.computeIfAbsent(size.toString(), s -> new ArrayList<>())
                                .add(number.doubleValue());
                    }
                });
            }
        }
        Map<String, Double> averages = new LinkedHashMap<>();
        bySize.forEach((size, rates) -> averages.put(
                size, rates.stream().mapToDouble(Double::doubleValue).average().orElse(0)));
        return averages;
    }
}
