package io.github.daskjvm.monitoring.status;

import java.util.ArrayDeque;
import java.util.Deque;

/// How much one reader may be sent in any second. Used by one thread.
final class ByteBudget {
    /// Bytes in any second, at most; what the page promises is 200 kB with what HTTP adds.
    static final int BYTES_PER_SECOND = 195_000;

    private static final long SECOND_NANOS = 1_000_000_000;

    private record Sent(long nanos, int bytes) {}

    private final Deque<Sent> sent = new ArrayDeque<>();
    private final int most;
    private int bytes;

    ByteBudget(int bytesPerSecond) {
        most = bytesPerSecond;
    }

    /// How long to wait until so many bytes may be sent; -1 if they never may.
    long nanosUntil(int wanted, long now) {
        if (wanted > most) {
            return -1;
        }
        while (!sent.isEmpty() && now - sent.getFirst().nanos >= SECOND_NANOS) {
            bytes -= sent.removeFirst().bytes;
        }
        int left = bytes;
        for (Sent earlier : sent) {
            if (left + wanted <= most) {
                break;
            }
            left -= earlier.bytes;
            if (left + wanted <= most) {
                return earlier.nanos + SECOND_NANOS - now;
            }
        }
        return 0;
    }

    void spend(int count, long now) {
        sent.addLast(new Sent(now, count));
        bytes += count;
    }
}
