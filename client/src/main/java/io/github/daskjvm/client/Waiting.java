package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.TaskContext;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Waits for futures to be done, in whichever way. Any thread may call.
final class Waiting {
    private Waiting() {}

    static void all(Collection<? extends Future<?>> futures) throws InterruptedException {
        try {
            all(futures, Deadline.NEVER);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /// @throws TimeoutException saying how many are not done
    static void all(Collection<? extends Future<?>> futures, Deadline deadline)
            throws InterruptedException, TimeoutException {
        for (Future<?> future : futures) {
            if (!future.keyState().awaitDone(deadline)) {
                int left = split(futures).notDone().size();
                throw new TimeoutException(left + " of " + futures.size() + " tasks are not done after " + deadline);
            }
        }
        Reference.reachabilityFence(futures);
    }

    /// @throws TimeoutException if none is done by then
    static <F extends Future<?>> DoneAndNotDone<F> any(Collection<F> futures, Deadline deadline)
            throws InterruptedException, TimeoutException {
        if (futures.isEmpty()) {
            throw new IllegalArgumentException("there is no future to wait for");
        }
        DoneAndNotDone<F> split = split(futures);
        if (!split.done().isEmpty()) {
            return split;
        }
        var first = new CountDownLatch(1);
        Runnable listener = first::countDown;
        futures.forEach(future -> future.keyState().onDone(listener));
        try (var place = TaskContext.leavePlace()) {
            if (deadline.isNever()) {
                first.await();
            } else if (!first.await(deadline.leftNanos(), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException("none of " + futures.size() + " tasks is done after " + deadline);
            }
            return split(futures);
        } finally {
            futures.forEach(future -> future.keyState().forget(listener));
            Reference.reachabilityFence(futures);
        }
    }

    private static <F extends Future<?>> DoneAndNotDone<F> split(Collection<F> futures) {
        List<F> done = new ArrayList<>();
        List<F> notDone = new ArrayList<>();
        for (F future : futures) {
            (future.isDone() ? done : notDone).add(future);
        }
        return new DoneAndNotDone<>(List.copyOf(done), List.copyOf(notDone));
    }
}
