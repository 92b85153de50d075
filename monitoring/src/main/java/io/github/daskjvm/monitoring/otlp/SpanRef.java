package io.github.daskjvm.monitoring.otlp;

import java.util.concurrent.ThreadLocalRandom;

/// Names a span before there is one: tasks are linked to others whose spans are made later, or elsewhere.
///
/// @param traceId 32 hexadecimal digits
/// @param spanId not 0
record SpanRef(String traceId, long spanId) {
    private static final String HEX = "0123456789abcdef";

    /// The first span of a trace of its own.
    static SpanRef first() {
        var random = ThreadLocalRandom.current();
        return new SpanRef(hex(random.nextLong()) + hex(notZero(random)), notZero(random));
    }

    /// Another span of the same trace.
    SpanRef another() {
        return new SpanRef(traceId, notZero(ThreadLocalRandom.current()));
    }

    /// 16 hexadecimal digits.
    String spanHex() {
        return hex(spanId);
    }

    private static long notZero(ThreadLocalRandom random) {
        long id = random.nextLong();
        return id == 0 ? 1 : id;
    }

    private static String hex(long value) {
        char[] digits = new char[16];
        for (int i = 0; i < 16; i++) {
            digits[i] = HEX.charAt((int) (value >>> (60 - 4 * i)) & 15);
        }
        return new String(digits);
    }
}
