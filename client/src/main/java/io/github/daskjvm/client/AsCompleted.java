package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.TaskContext;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// Futures in the order in which they get done, whether finished, failed or cancelled; made by [Client#asCompleted].
/// More may be added while it is read, as a search does that goes on where results are good.
///
/// ```java
/// AsCompleted<Future<Double>> running = client.asCompleted(client.map(Search::score, points));
/// for (Future<Double> done : running) {
///     if (done.get() > best) {
///         running.add(client.submit(Search::score, Arg.value(nextTo(done))));
///     }
/// }
/// ```
///
/// It ends when all that were added have been handed out. Each is handed out as often as it was added. Any number of
/// threads may add and take; iterators and streams of several threads share what there is. Futures that are neither
/// held here nor elsewhere are let go of: dropping this one half-read does not keep the rest running.
///
/// @param <F> the futures
public final class AsCompleted<F extends Future<?>> implements Iterable<F> {
    private final LinkedBlockingQueue<F> done = new LinkedBlockingQueue<>();
    private final Map<Long, F> open = new ConcurrentHashMap<>();
    private final AtomicLong ids = new AtomicLong();
    /// Added, and not promised to a reader yet.
    private final AtomicInteger left = new AtomicInteger();

    AsCompleted(Iterable<? extends F> futures) {
        addAll(futures);
    }

    /// One more future, of any client.
    public void add(F future) {
        long id = ids.incrementAndGet();
        open.put(id, future);
        left.incrementAndGet();
        var reader = new WeakReference<>(this);
        future.keyState().onDone(() -> {
            AsCompleted<F> waiting = reader.get();
            if (waiting != null) {
                waiting.completed(id);
            }
        });
    }

    /// More futures, of any client.
    public void addAll(Iterable<? extends F> futures) {
        for (F future : futures) {
            add(future);
        }
    }

    private void completed(long id) {
        F future = open.remove(id);
        if (future != null) {
            done.add(future);
        }
    }

    /// How many are still to be handed out.
    public int count() {
        return left.get();
    }

    /// Whether all that were added have been handed out.
    public boolean isEmpty() {
        return left.get() == 0;
    }

    /// Whether one is done, so that [#next()] would not wait.
    public boolean hasReady() {
        return !done.isEmpty();
    }

    /// The next that is done; waits for it.
    ///
    /// @throws NoSuchElementException if all have been handed out
    public F next() throws InterruptedException {
        claim();
        boolean taken = false;
        try {
            F future = first(Deadline.NEVER);
            if (future == null) {
                throw new IllegalStateException("nothing came");
            }
            taken = true;
            return future;
        } finally {
            giveBack(taken);
        }
    }

    /// As [#next()].
    ///
    /// @throws TimeoutException if none is done by then
    public F next(Duration timeout) throws InterruptedException, TimeoutException {
        claim();
        Deadline deadline = Deadline.in(timeout);
        F future = null;
        try {
            future = first(deadline);
        } finally {
            giveBack(future != null);
        }
        if (future == null) {
            throw new TimeoutException("none of " + count() + " tasks is done after " + deadline);
        }
        return future;
    }

    /// All that are done and not handed out, at least one; waits for that. For results that are cheaper to gather
    /// together.
    ///
    /// @throws NoSuchElementException if all have been handed out
    public List<F> nextBatch() throws InterruptedException {
        List<F> batch = new ArrayList<>();
        batch.add(next());
        while (claimed()) {
            F more = done.poll();
            giveBack(more != null);
            if (more == null) {
                break;
            }
            batch.add(more);
        }
        return batch;
    }

    /// Null after the deadline. A task leaves its place among its worker's threads meanwhile.
    private @Nullable F first(Deadline deadline) throws InterruptedException {
        F ready = done.poll();
        if (ready != null) {
            return ready;
        }
        try (var place = TaskContext.leavePlace()) {
            return deadline.isNever() ? done.take() : done.poll(deadline.leftNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void claim() {
        if (!claimed()) {
            throw new NoSuchElementException("all futures have been handed out");
        }
    }

    private boolean claimed() {
        return left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }

    private void giveBack(boolean taken) {
        if (!taken) {
            left.incrementAndGet();
        }
    }

    /// Waits in `next`.
    ///
    /// @throws CancellationException from `next` if the thread is interrupted, which it then stays
    @Override
    public Iterator<F> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !isEmpty();
            }

            @Override
            public F next() {
                try {
                    return AsCompleted.this.next();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    var interrupted = new CancellationException("interrupted while waiting for a task");
                    interrupted.initCause(e);
                    throw interrupted;
                }
            }
        };
    }

    /// What is handed out from now on, as a sequential stream that waits where the next is not done. Ending it early,
    /// by `limit` or `findFirst` say, leaves the others here.
    public Stream<F> stream() {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(iterator(), Spliterator.ORDERED | Spliterator.NONNULL), false);
    }

    /// What is here and not done; for cancelling it.
    public List<F> notDone() {
        return List.copyOf(open.values());
    }

    @Override
    public String toString() {
        return "AsCompleted[" + count() + " left, " + open.size() + " not done]";
    }
}
