package io.github.daskjvm.worker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Stands before a worker, under an address of its own, and passes on what goes between it and its callers, until so
/// many bytes have come from the worker. Then the worker has died, or is not heard of any more.
final class CutProxy implements AutoCloseable {
    private final ServerSocket server;
    private final URI worker;
    private final boolean silent;
    private final AtomicLong bytesLeft;
    private final AtomicInteger callers = new AtomicInteger();
    final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    /// @param bytes of the worker that are passed on
    /// @param silent whether connections stay open after that
    CutProxy(String worker, long bytes, boolean silent) throws IOException {
        this.worker = URI.create(worker);
        this.bytesLeft = new AtomicLong(bytes);
        this.silent = silent;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("proxy").start(this::accept);
    }

    String address() {
        return "tcp://127.0.0.1:" + server.getLocalPort();
    }

    /// Connections that were made to it.
    int callers() {
        return callers.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket caller = server.accept();
                callers.incrementAndGet();
                Socket behind = new Socket(worker.getHost(), worker.getPort());
                Thread.ofVirtual().start(() -> pass(caller, behind, new AtomicLong(Long.MAX_VALUE)));
                Thread.ofVirtual().start(() -> pass(behind, caller, bytesLeft));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void pass(Socket from, Socket to, AtomicLong left) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            var buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                long before = left.getAndAdd(-n);
                out.write(buffer, 0, (int) Math.clamp(before, 0, n));
                if (before <= n) {
                    reached.countDown();
                    if (silent) {
                        closed.await();
                    }
                    server.close();
                    return;
                }
            }
        } catch (IOException | InterruptedException e) {
            // One of the two has closed.
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        server.close();
    }
}
