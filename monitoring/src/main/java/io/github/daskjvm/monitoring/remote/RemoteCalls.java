package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.protocol.FrameLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Calls operations of a scheduler in another process, none of which needs pickled code. Each answer has a bound in
/// bytes and in time, whatever is at the other end. Any virtual thread may call.
final class RemoteCalls implements AutoCloseable {
    static final int ANSWER_MAX_BYTES = 32 << 20;

    private static final int FRAMES_MAX = 1 << 16;

    private final String address;
    private final Duration timeout;
    private final RpcPool rpc;

    /// @param timeout for an answer as a whole, and for connecting
    RemoteCalls(String address, @Nullable Tls tls, Duration timeout) {
        this.address = address;
        this.timeout = timeout;
        rpc = new RpcPool(tls, timeout, new FrameLimits(ANSWER_MAX_BYTES, ANSWER_MAX_BYTES, FRAMES_MAX));
    }

    String address() {
        return address;
    }

    /// @param arguments names and values in turn
    /// @throws IOException if it does not answer in time, or not as Dask does; its text is for people
    @Nullable
    Object call(String op, Object... arguments) throws IOException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("op", op);
        for (int i = 0; i < arguments.length; i += 2) {
            request.put((String) arguments[i], arguments[i + 1]);
        }
        Thread caller = Thread.currentThread();
        // The time for a read begins anew with each byte; a virtual thread that is interrupted stops reading.
        Thread watch = Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(timeout);
                caller.interrupt();
            } catch (InterruptedException e) {
                // It answered.
            }
        });
        try {
            return rpc.call(address, request, timeout);
        } catch (RpcFailure e) {
            throw new RefusedException(op, e);
        } catch (IllegalArgumentException | IllegalStateException | ClassCastException e) {
            throw new IOException("its answer to " + op + " is not Dask's: " + e.getMessage(), e);
        } finally {
            stop(watch);
        }
    }

    /// An interruption that the watch still sends is its own; the caller does not see it.
    private static void stop(Thread watch) {
        watch.interrupt();
        while (watch.isAlive()) {
            try {
                watch.join();
            } catch (InterruptedException e) {
                continue;
            }
        }
        Thread.interrupted();
    }

    Map<?, ?> map(String op, Object... arguments) throws IOException {
        Object reply = call(op, arguments);
        if (!(reply instanceof Map<?, ?> map)) {
            throw new IOException("it answers the operation " + op + " with something that is no map");
        }
        return map;
    }

    List<?> list(String op, Object... arguments) throws IOException {
        Object reply = call(op, arguments);
        if (!(reply instanceof List<?> list)) {
            throw new IOException("it answers the operation " + op + " with something that is no list");
        }
        return list;
    }

    /// The scheduler is there, but an operation failed in it.
    static final class RefusedException extends IOException {
        RefusedException(String op, RpcFailure cause) {
            super("its operation " + op + " fails: " + cause.getMessage(), cause);
        }
    }

    @Override
    public void close() {
        rpc.close();
    }
}
