package io.github.daskjvm.client;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Holds tasks up until a test lets them go on; the workers share this process with the test.
final class Gates {
    private static final Map<String, CountDownLatch> GATES = new ConcurrentHashMap<>();

    private Gates() {}

    private static CountDownLatch gate(String name) {
        return GATES.computeIfAbsent(name, n -> new CountDownLatch(1));
    }

    static void latch(String name, CountDownLatch latch) {
        GATES.put(name, latch);
    }

    static void countDown(String name) {
        gate(name).countDown();
    }

    static void open(String name) {
        gate(name).countDown();
    }

    /// For tasks: returns the value once the gate is open.
    static <T> T pass(String name, T value) throws InterruptedException {
        if (!gate(name).await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("gate " + name + " stayed shut");
        }
        return value;
    }
}
