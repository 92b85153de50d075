package io.github.daskjvm.worker;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// How a worker leaves its cluster: its data moved off first, its nanny told whether it is to come back. Any thread
/// may call.
final class Departure {
    /// For moving data where nobody says how long; a worker that is not done then goes all the same.
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private static final Duration NANNY_TIMEOUT = Duration.ofSeconds(5);

    private final WorkerOptions options;
    private final String address;
    private final RpcPool pool;
    private final WorkerLog log;
    private final AtomicReference<@Nullable String> begun = new AtomicReference<>();
    private volatile boolean nannyConcerned;
    /// The scheduler's stream may end before it has answered.
    private volatile boolean closing;

    Departure(WorkerOptions options, String address, RpcPool pool, WorkerLog log) {
        this.options = options;
        this.address = address;
        this.pool = pool;
        this.log = log;
        this.nannyConcerned = options.nanny() != null;
    }

    /// Calls, once, when the worker has lived for as long as it is meant to.
    void whenLifetimeEnds(Runnable end) {
        if (options.lifetime().isEndless()) {
            return;
        }
        Duration life = options.lifetime().drawn(ThreadLocalRandom.current());
        Thread.ofVirtual().name("lifetime-" + address).start(() -> {
            try {
                Thread.sleep(life);
            } catch (InterruptedException e) {
                return;
            }
            if (options.lifetime().restart()) {
                comesBack();
            }
            end.run();
        });
    }

    /// @return false if it was going already
    boolean begin(String reason) {
        return begun.compareAndSet(null, reason);
    }

    boolean isUnderWay() {
        return begun.get() != null;
    }

    /// Why it goes: what it began to go for, whatever has made it close in the end.
    String reason(String otherwise) {
        String reason = begun.get();
        return reason == null ? otherwise : reason;
    }

    /// Returns when no result is lost with this worker and the scheduler does not count on it any more, or as soon as
    /// that cannot be.
    void retire(Duration patience) {
        try {
            Object retired = pool.call(
                    options.scheduler(),
                    Map.of(
                            "op",
                            "retire_workers",
                            "workers",
                            List.of(address),
                            "close_workers",
                            false,
                            "remove",
                            true,
                            "stimulus_id",
                            "worker-close-gracefully-" + System.currentTimeMillis() / 1e3),
                    patience);
            if (retired instanceof Map<?, ?> map && map.isEmpty()) {
                log.warn("no other worker could take what only this one holds; it goes all the same");
            }
        } catch (IOException | RpcFailure e) {
            if (!closing) {
                log.warn("the scheduler did not move this worker's data: " + e.getMessage());
            }
        }
    }

    /// The nanny, if there is one, is not told to end with the worker.
    void comesBack() {
        nannyConcerned = false;
    }

    /// A nanny starts again what ends without a word: it is told not to.
    void tellNanny(String reason) {
        closing = true;
        String nanny = options.nanny();
        if (nanny == null || !nannyConcerned) {
            return;
        }
        try {
            pool.call(nanny, Map.of("op", "close_gracefully", "reason", reason), NANNY_TIMEOUT);
        } catch (IOException | RpcFailure e) {
            log.warn("the nanny at " + nanny + " does not know that this worker ends: " + e.getMessage());
        }
    }
}
