package io.github.daskjvm.client;

import java.time.Duration;
import java.util.List;

/// Where values go that [Client#scatter] places. Immutable; each method returns a changed copy.
///
/// @param broadcast to all workers that may hold it, not just one
/// @param workers addresses or names of workers that may hold it; empty for any
/// @param timeout how long to wait for a first worker; 2 s by default
public record ScatterOptions(boolean broadcast, List<String> workers, Duration timeout) {

    /// Each value to one worker, in turn.
    public static final ScatterOptions DEFAULT = new ScatterOptions(false, List.of(), Duration.ofSeconds(2));

    public ScatterOptions {
        workers = List.copyOf(workers);
    }

    /// To all workers that may hold it.
    public ScatterOptions broadcast(boolean toAll) {
        return new ScatterOptions(toAll, workers, timeout);
    }

    /// Addresses or names of workers that may hold it.
    public ScatterOptions workers(String... any) {
        return new ScatterOptions(broadcast, List.of(any), timeout);
    }

    /// How long to wait for a first worker.
    public ScatterOptions timeout(Duration longest) {
        return new ScatterOptions(broadcast, workers, longest);
    }
}
