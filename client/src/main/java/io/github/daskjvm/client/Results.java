package io.github.daskjvm.client;

import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.ArgumentTree;
import io.github.daskjvm.worker.task.JavaCodec;
import java.io.IOException;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Waits for tasks and brings what they returned, one or many at a time. Any thread may call.
final class Results {
    private final Client client;
    private final Fetcher fetcher;
    private final ClassLoader loader;

    Results(Client client, Fetcher fetcher, ClassLoader loader) {
        this.client = client;
        this.fetcher = fetcher;
        this.loader = loader;
    }

    /// Finds the classes of results.
    ClassLoader loader() {
        return loader;
    }

    /// What waits without a time limit.
    interface Wait<T extends @Nullable Object> {
        T call() throws InterruptedException, ExecutionException, TimeoutException;
    }

    static <T extends @Nullable Object> T patiently(Wait<T> wait) throws InterruptedException, ExecutionException {
        try {
            return wait.call();
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /// In the order of the futures.
    <T extends @Nullable Object> List<T> gather(Collection<? extends Future<? extends T>> futures, Deadline deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        var states = new ArrayList<KeyState>(futures.size());
        for (Future<? extends T> future : futures) {
            states.add(client.own(future).keyState());
        }
        var forms = new ArrayList<byte @Nullable []>(states.size());
        var names = new ArrayList<String>();
        for (KeyState state : states) {
            state.await(deadline);
            byte[] form = state.result();
            forms.add(form);
            if (form == null) {
                names.add(state.key);
            }
        }
        Iterator<CompletableFuture<Payload>> payloads = fetcher.fetch(names).iterator();
        List<T> results = new ArrayList<>(states.size());
        for (int i = 0; i < states.size(); i++) {
            KeyState state = states.get(i);
            byte[] form = forms.get(i);
            if (form != null) {
                results.add(this.<T>value(state, form));
                continue;
            }
            Payload payload = payload(state, payloads.next(), deadline);
            results.add(payload == null ? this.<T>result(state, deadline) : value(state, payload));
        }
        Reference.reachabilityFence(futures);
        return results;
    }

    /// Under the same keys, in the same order.
    <K, V extends @Nullable Object> Map<K, V> gather(Map<K, ? extends Future<? extends V>> futures, Deadline deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<V> values = this.gather(new ArrayList<Future<? extends V>>(futures.values()), deadline);
        Map<K, V> results = LinkedHashMap.newLinkedHashMap(values.size());
        int i = 0;
        for (K key : futures.keySet()) {
            results.put(key, values.get(i++));
        }
        return results;
    }

    /// Of those that finish.
    <T extends @Nullable Object> List<T> gatherFinished(Collection<? extends Future<? extends T>> futures)
            throws InterruptedException, ExecutionException {
        var finished = new ArrayList<Future<? extends T>>(futures.size());
        try {
            for (Future<? extends T> future : futures) {
                client.own(future).keyState().awaitDone(Deadline.NEVER);
                if (future.status() == FutureStatus.FINISHED) {
                    finished.add(future);
                }
            }
            return gather(finished, Deadline.NEVER);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The tree with results in the place of futures, each fetched once.
    @Nullable
    Object gatherNested(@Nullable Object tree) throws InterruptedException, ExecutionException {
        Map<String, Future<?>> found = new LinkedHashMap<>();
        var unused = ArgumentTree.map(tree, leaf -> {
            if (leaf instanceof Future<?> future) {
                found.put(client.own(future).key(), future);
            }
            return leaf;
        });
        Map<String, @Nullable Object> values = new HashMap<>();
        List<@Nullable Object> results = patiently(() -> this.<@Nullable Object>gather(found.values(), Deadline.NEVER));
        int i = 0;
        for (String key : found.keySet()) {
            values.put(key, results.get(i++));
        }
        return ArgumentTree.map(tree, leaf -> leaf instanceof Future<?> future ? values.get(future.key()) : leaf);
    }

    <T extends @Nullable Object> T result(KeyState state, Deadline deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        for (; ; ) {
            state.await(deadline);
            byte[] form = state.result();
            if (form != null) {
                return this.<T>value(state, form);
            }
            Payload payload = payload(state, fetcher.fetch(state.key), deadline);
            if (payload != null) {
                return value(state, payload);
            }
        }
    }

    /// Null if the result was lost meanwhile; the scheduler has then been asked to say what becomes of it.
    private @Nullable Payload payload(KeyState state, CompletableFuture<Payload> fetched, Deadline deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return deadline.isNever() ? fetched.get() : fetched.get(deadline.leftNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException("the result of " + state.key + " did not arrive within " + deadline);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Fetcher.LostException) {
                state.again(FutureStatus.LOST);
                client.keys().tell(Map.of("op", "report-key", "key", state.key));
                return null;
            }
            throw new ResultException(state.key, "could not be fetched", e.getCause());
        }
    }

    /// Of a result that came with the news of it.
    @SuppressWarnings({"unchecked", "NullAway"})
    private <T extends @Nullable Object> T value(KeyState state, byte[] form) throws ExecutionException {
        try {
            return (T) JavaCodec.smallValue(form);
        } catch (IOException e) {
            throw new ResultException(state.key, "cannot be read: " + e.getMessage(), e);
        }
    }

    @SuppressWarnings({"unchecked", "NullAway"})
    private <T extends @Nullable Object> T value(KeyState state, Payload payload) throws ExecutionException {
        try {
            return (T) JavaCodec.value(payload, loader);
        } catch (IOException e) {
            throw new ResultException(state.key, "cannot be read: " + e.getMessage(), e);
        }
    }
}
