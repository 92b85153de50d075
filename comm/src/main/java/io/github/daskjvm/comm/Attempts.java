package io.github.daskjvm.comm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Connecting to one peer, again and again until it listens or a time is over, as Dask's `connect` does. One thread
/// connects; any may [#close], which ends it.
final class Attempts implements Breakable {
    private static final long FIRST_PAUSE_MILLIS = 10;

    private final Address address;
    private final Duration timeout;
    private final CountDownLatch givenUp = new CountDownLatch(1);
    private volatile @Nullable Socket connecting;

    Attempts(Address address, Duration timeout) {
        this.address = address;
        this.timeout = timeout;
    }

    /// Connects. The first attempt has a fifth of the time, so that one packet lost is not all of it; the pauses are
    /// random, of a bound that doubles.
    ///
    /// @throws IOException in Dask's words after the timeout; at once when closed or the thread is interrupted
    Socket connect() throws IOException {
        long start = System.nanoTime();
        long pauseMillis = FIRST_PAUSE_MILLIS;
        Duration bound = timeout.dividedBy(5);
        while (true) {
            IOException failure;
            try {
                return once(min(bound, left(start)));
            } catch (IOException e) {
                failure = e;
            }
            Duration left = left(start);
            if (left.isZero()) {
                throw new IOException(
                        "Timed out trying to connect to " + address + " after " + timeout.toMillis() / 1000.0 + " s: "
                                + failure.getMessage(),
                        failure);
            }
            bound = timeout;
            pause(ThreadLocalRandom.current().nextLong(1 + Math.min(pauseMillis, left.toMillis())), failure);
            pauseMillis = Math.min(2 * pauseMillis, timeout.toMillis());
        }
    }

    private Socket once(Duration bound) throws IOException {
        Socket socket = new Socket();
        connecting = socket;
        try {
            if (givenUp.getCount() == 0) {
                throw new IOException("given up");
            }
            // The name is looked up each time: it may be the name that was not known yet.
            socket.connect(new InetSocketAddress(InetAddress.getByName(address.host()), address.port()), (int)
                    Math.clamp(bound.toMillis(), 1, Integer.MAX_VALUE));
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        } finally {
            connecting = null;
        }
    }

    private void pause(long millis, IOException failure) throws IOException {
        boolean over;
        try {
            over = givenUp.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            over = true;
        }
        if (over) {
            throw new IOException("cannot connect to " + address + ": " + failure.getMessage(), failure);
        }
    }

    private Duration left(long startNanos) {
        long left = timeout.toNanos() - (System.nanoTime() - startNanos);
        return left <= 0 ? Duration.ZERO : Duration.ofNanos(left);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    @Override
    public void close() {
        givenUp.countDown();
        Socket socket = connecting;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is gone already.
            }
        }
    }
}
