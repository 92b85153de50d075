package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.protocol.Pickle;
import java.io.EOFException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A call that waits for its turn, on its connection's own virtual thread. Whoever gives it its turn has taken it off
/// the list of those who wait, under that list's lock; so a call that gave up finds out, by looking whether it is
/// still on the list, whether it has been given what it does not want any more.
final class Waiter<T> {
    /// How often a call looks whether its caller is still there.
    private static final long LOOK_NANOS = 1_000_000_000;

    private final CompletableFuture<T> turn = new CompletableFuture<>();

    void give(T value) {
        turn.complete(value);
    }

    /// Ends the call with an exception at its caller.
    void fail(RpcFailure failure) {
        turn.completeExceptionally(failure);
    }

    /// What was given, if anything, without waiting.
    @Nullable
    T given() {
        return turn.isCompletedExceptionally() ? null : turn.getNow(null);
    }

    /// @return what was given; null when time was up first
    /// @throws EOFException if the caller has gone, whether or not something was given
    /// @throws RpcFailure what the call was failed with
    @Nullable
    T await(Deadline deadline, Connection connection) throws EOFException, RpcFailure, InterruptedException {
        T given = null;
        long left = deadline.nanosLeft();
        while (given == null && left > 0) {
            given = next(Math.min(left, LOOK_NANOS));
            if (connection.peerHasGone()) {
                throw new EOFException(connection.peer() + " has gone while its call waited");
            }
            left = deadline.nanosLeft();
        }
        return given == null ? turn.getNow(null) : given;
    }

    private @Nullable T next(long nanos) throws RpcFailure, InterruptedException {
        try {
            return turn.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return null;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RpcFailure failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /// Python's `asyncio.TimeoutError`.
    static RpcFailure timeout(String text) {
        byte[] pickled = text.isEmpty()
                ? Pickle.exception("asyncio.exceptions", "TimeoutError")
                : Pickle.exception("asyncio.exceptions", "TimeoutError", text);
        return new RpcFailure(text.isEmpty() ? "the time is up" : text, pickled, null);
    }
}
