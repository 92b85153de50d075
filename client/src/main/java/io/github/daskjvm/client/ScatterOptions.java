package io.github.daskjvm.client;

import java.time.Duration;
import java.util.List;

/// Where values go that [Client#scatter] places. Immutable; each method returns a changed copy.
///
/// @param broadcast to all workers that may hold it, not just one
/// @param workers addresses or names of workers that may hold it; empty for any
/// @param hash keys are made from the values: what is scattered twice is one result, whoever scattered it first.
///     Equal values count as the same where they serialize to the same bytes, which hash maps and sets need not.
///     Unlike in Dask, false by default
/// @param timeout how long to wait for a first worker; 2 s by default
public record ScatterOptions(boolean broadcast, List<String> workers, boolean hash, Duration timeout) {

    /// Each value to one worker, in turn.
    public static final ScatterOptions DEFAULT = new ScatterOptions(false, List.of(), false, Duration.ofSeconds(2));

    public ScatterOptions {
        workers = List.copyOf(workers);
    }

    /// To all workers that may hold it.
    public ScatterOptions broadcast(boolean toAll) {
        return new ScatterOptions(toAll, workers, hash, timeout);
    }

    /// Addresses or names of workers that may hold it.
    public ScatterOptions workers(String... any) {
        return new ScatterOptions(broadcast, List.of(any), hash, timeout);
    }

    /// Whether keys are made from the values.
    public ScatterOptions hash(boolean fromValue) {
        return new ScatterOptions(broadcast, workers, fromValue, timeout);
    }

    /// How long to wait for a first worker.
    public ScatterOptions timeout(Duration longest) {
        return new ScatterOptions(broadcast, workers, hash, longest);
    }
}
