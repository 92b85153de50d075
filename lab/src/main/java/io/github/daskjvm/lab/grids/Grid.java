package io.github.daskjvm.lab.grids;

import java.util.concurrent.CompletableFuture;

/// What the benchmark asks of a client of one of the systems. Every method returns once all results are in the client's
/// process.
interface Grid extends AutoCloseable {
    /// Runs no-op tasks that return the number they were given, all submitted at once in the system's own way of doing
    /// so, and adds up what they return.
    long batch(int tasks) throws Exception;

    /// As [#batch], but each submitted by a call of its own.
    long submitted(int tasks) throws Exception;

    /// One no-op task, submitted and waited for.
    int roundTrip(int value) throws Exception;

    /// What a tree comes to. The members take turns at each level, so that every task that adds has one of its two
    /// inputs where it runs and the other one elsewhere.
    CompletableFuture<Long> tree(Tree tree) throws Exception;

    @Override
    void close() throws Exception;
}
