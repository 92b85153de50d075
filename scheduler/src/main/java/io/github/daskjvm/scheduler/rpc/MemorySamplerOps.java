package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.peers.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Samples of the cluster's memory at intervals, as Python's `MemorySampler` asks for. A sampler whose client has gone
/// ends; one that has too many samples keeps every second one and goes on half as often.
final class MemorySamplerOps {
    private static final int SAMPLERS_MAX = 1_000;
    private static final int SAMPLES_MAX = 100_000;
    private static final Duration INTERVAL_MIN = Duration.ofMillis(1);
    private static final Duration INTERVAL_MAX = Duration.ofDays(1);

    private final Cluster cluster;
    private final Map<String, Sampler> samplers = new LinkedHashMap<>();

    MemorySamplerOps(Cluster cluster) {
        this.cluster = cluster;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("memory_sampler_start", this::start);
        handlers.put("memory_sampler_stop", this::stop);
    }

    private Object start(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String client = request.string("client");
        String measure = request.string("measure");
        double seconds = Wire.seconds(request.required("interval"), request, "interval");
        if (ClusterMemory.now(cluster).measure(measure).isEmpty()) {
            throw RpcFailure.python(
                    "builtins",
                    "AttributeError",
                    "'MemoryState' object has no attribute '" + measure + "'; it has "
                            + ClusterMemory.now(cluster).map().keySet());
        }
        if (!(seconds > 0)) {
            throw RpcFailure.valueError("the interval must be more than 0 s, it is " + seconds);
        }
        var sampler = new Sampler(
                client, measure, Math.clamp((long) (seconds * 1e3), INTERVAL_MIN.toMillis(), INTERVAL_MAX.toMillis()));
        String key = UUID.randomUUID().toString();
        synchronized (samplers) {
            if (samplers.size() >= SAMPLERS_MAX) {
                throw RpcFailure.python(
                        "builtins", "RuntimeError", "there are " + SAMPLERS_MAX + " memory samplers already");
            }
            samplers.put(key, sampler);
        }
        sampler.sample();
        sampler.thread = Thread.ofVirtual().name("memory-sampler").start(() -> run(key, sampler));
        return key;
    }

    private void run(String key, Sampler sampler) {
        try {
            while (!Thread.interrupted()) {
                Thread.sleep(sampler.intervalMillis);
                if (!cluster.clients().ids().contains(sampler.client)) {
                    synchronized (samplers) {
                        samplers.remove(key);
                    }
                    return;
                }
                sampler.sample();
            }
        } catch (InterruptedException | IllegalStateException e) {
            // Stopped, or the scheduler is closing.
        }
    }

    private Object stop(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String key = request.string("key");
        Sampler sampler;
        synchronized (samplers) {
            sampler = samplers.remove(key);
        }
        if (sampler == null) {
            throw new RpcFailure("KeyError: " + key, Pickle.exception("builtins", "KeyError", key), null);
        }
        if (sampler.thread != null) {
            sampler.thread.interrupt();
        }
        synchronized (sampler) {
            return new ArrayList<>(sampler.samples);
        }
    }

    private final class Sampler {
        final String client;
        final String measure;
        final List<List<Object>> samples = new ArrayList<>();
        volatile long intervalMillis;
        volatile @Nullable Thread thread;

        Sampler(String client, String measure, long intervalMillis) {
            this.client = client;
            this.measure = measure;
            this.intervalMillis = intervalMillis;
        }

        void sample() {
            long bytes = ClusterMemory.now(cluster).measure(measure).orElse(0);
            synchronized (this) {
                if (samples.size() == SAMPLES_MAX) {
                    List<List<Object>> thinned = new ArrayList<>(SAMPLES_MAX);
                    for (int i = 0; i < SAMPLES_MAX; i += 2) {
                        thinned.add(samples.get(i));
                    }
                    samples.clear();
                    samples.addAll(thinned);
                    intervalMillis *= 2;
                }
                samples.add(List.of(Wire.now(), bytes));
            }
        }
    }
}
