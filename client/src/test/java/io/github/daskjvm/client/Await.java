package io.github.daskjvm.client;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/// Waits for what another thread brings about.
final class Await {
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private Await() {}

    static void until(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + LONGEST.toSeconds() + " s: " + what);
            }
            Thread.sleep(2);
        }
    }

    static void untilEmpty(String what, Callable<? extends Collection<?>> rest) throws Exception {
        Collection<?>[] last = new Collection<?>[1];
        try {
            until(what, () -> {
                last[0] = rest.call();
                return last[0].isEmpty();
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; still there: " + last[0], e);
        }
    }

    /// What is waited for beside the test, on a virtual thread of its own.
    static <T> CompletableFuture<T> beside(Callable<T> waiting) {
        var result = new CompletableFuture<T>();
        Thread.startVirtualThread(() -> {
            try {
                result.complete(waiting.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }
}
