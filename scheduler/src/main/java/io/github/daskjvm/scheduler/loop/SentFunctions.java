package io.github.daskjvm.scheduler.loop;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which functions a worker of the JVM has been sent lately, under which numbers, so that each goes to it once and not
/// with every task. The worker keeps what it was sent last under a number. For the loop's thread.
final class SentFunctions {
    private static final int KEPT_MAX = 64;
    /// A larger one is sent with each task rather than kept for every worker.
    private static final int BYTES_MAX = 1 << 16;

    private final Map<byte[], Integer> numbers = new IdentityHashMap<>();
    private final List<byte[]> functions = new ArrayList<>();
    private int next;
    /// What was asked for last, which is mostly what is asked for next.
    private byte @Nullable [] last;

    private int lastNumber;

    /// Whether functions of that size are sent once.
    static boolean takes(byte[] function) {
        return function.length <= BYTES_MAX;
    }

    /// The number under which the worker has the function; -1 if it must be sent, by [#add].
    int number(byte[] function) {
        if (function != last) {
            Integer known = numbers.get(function);
            if (known == null) {
                return -1;
            }
            last = function;
            lastNumber = known;
        }
        return lastNumber;
    }

    /// The number for a function that is sent now, in the place of the one that was sent longest ago.
    int add(byte[] function) {
        int number = next;
        next = (next + 1) % KEPT_MAX;
        if (functions.size() < KEPT_MAX) {
            functions.add(function);
        } else {
            numbers.remove(functions.set(number, function));
        }
        numbers.put(function, number);
        last = function;
        lastNumber = number;
        return number;
    }
}
