package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks a scheduler in another process, of whatever version, how it does, again and again, and keeps the latest answer.
///
/// It uses three operations that every Dask scheduler has and that need no pickled code: `identity`, `adaptive_target`
/// and `dump_state`, of which everything large is excluded by name. It does not register, so it is not counted as a
/// client. When the scheduler does not answer it is asked again after half a second, then after twice the time, up to
/// half a minute.
public final class RemoteScheduler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("distributed.monitor");
    private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration BACKOFF_FIRST = Duration.ofMillis(500);
    private static final Duration BACKOFF_MAX = Duration.ofSeconds(30);

    /// What a dump of the state leaves out: all that grows with tasks, and what is of no use here. What is left takes
    /// a Python scheduler about 60 µs for each worker and each group of tasks. Names of later versions that are
    /// missing here make an answer larger, not wrong.
    private static final List<String> EXCLUDED = List.of(
            "tasks",
            "transition_log",
            "events",
            "extensions",
            "computations",
            "cumulative_worker_metrics",
            "annotations",
            "memory",
            "wants_what",
            "versions",
            "has_what",
            "processing",
            "actors",
            "executing",
            "long_running",
            "metrics",
            "extra",
            "services",
            "needs_what",
            "scheduler",
            "prefix",
            "dependencies",
            "types",
            "resources",
            "used_resources",
            "local_directory");

    private final String address;
    private final Duration interval;
    private final RpcPool rpc;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile RemoteState state = RemoteState.NEVER;

    /// @param interval between two questions
    public RemoteScheduler(String address, @Nullable Tls tls, Duration interval) {
        this.address = address;
        this.interval = interval;
        this.rpc = new RpcPool(tls, REPLY_TIMEOUT);
    }

    /// Asks from now on, on a virtual thread.
    public void start() {
        Thread.ofVirtual().name("monitor-" + address).start(this::run);
    }

    /// The latest answer; of a scheduler that does not answer that there is none. Never waits.
    public RemoteState state() {
        return state;
    }

    private void run() {
        Duration backoff = BACKOFF_FIRST;
        try {
            do {
                if (ask()) {
                    backoff = BACKOFF_FIRST;
                } else {
                    Duration doubled = backoff.multipliedBy(2);
                    backoff = doubled.compareTo(BACKOFF_MAX) < 0 ? doubled : BACKOFF_MAX;
                }
            } while (!closed.await((state.isUp() ? interval : backoff).toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean ask() {
        RemoteState before = state;
        long start = System.nanoTime();
        try {
            ClusterView cluster = ClusterView.of(map("identity", Map.of("op", "identity")));
            Object desired = call(Map.of("op", "adaptive_target"));
            Map<?, ?> dump = map("dump_state", Map.of("op", "dump_state", "exclude", EXCLUDED));
            double seconds = (System.nanoTime() - start) / 1e9;
            state = before.answered(cluster, dump, desired instanceof Number n ? n.longValue() : 0, seconds);
            if (!before.isUp()) {
                LOG.info(
                        "Connected to the scheduler at {}, with {} workers",
                        address,
                        cluster.workers().size());
            }
            return true;
        } catch (IOException | RpcFailure | RuntimeException e) {
            state = before.failed();
            if (before.isUp() || before == RemoteState.NEVER) {
                LOG.warn("The scheduler at {} does not answer: {}", address, e.getMessage());
            }
            return false;
        }
    }

    private Map<?, ?> map(String op, Map<String, ?> request) throws IOException, RpcFailure {
        Object reply = call(request);
        if (!(reply instanceof Map<?, ?> map)) {
            throw new IOException("it answers the operation " + op + " with something that is no map");
        }
        return map;
    }

    private @Nullable Object call(Map<String, ?> request) throws IOException, RpcFailure {
        return rpc.call(address, request, REPLY_TIMEOUT);
    }

    @Override
    public void close() {
        closed.countDown();
        rpc.close();
    }
}
