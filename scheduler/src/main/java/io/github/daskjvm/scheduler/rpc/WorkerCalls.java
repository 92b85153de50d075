package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.RpcPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Calls to many workers at once, each on a virtual thread of its own.
public final class WorkerCalls {
    private final RpcPool rpc;

    public WorkerCalls(RpcPool rpc) {
        this.rpc = rpc;
    }

    /// What a call came to: the reply, or why there is none.
    public record Outcome(@Nullable Object reply, @Nullable Exception failure) {}

    /// Calls each address, patiently ([RpcPool#callPatiently]), and waits for all.
    ///
    /// @param timeout for each reply; zero for none
    /// @return by address, in the order given
    public Map<String, Outcome> all(
            Collection<String> addresses, Function<String, Map<String, ?>> request, Duration timeout) {
        Map<String, Callable<@Nullable Object>> calls = LinkedHashMap.newLinkedHashMap(addresses.size());
        for (String address : addresses) {
            calls.put(address, () -> rpc.callPatiently(address, request.apply(address), timeout));
        }
        return concurrently(calls);
    }

    /// Runs all at once and waits for all.
    static <K> Map<K, Outcome> concurrently(Map<K, ? extends Callable<? extends @Nullable Object>> calls) {
        List<FutureTask<@Nullable Object>> tasks = new ArrayList<>(calls.size());
        for (Callable<? extends @Nullable Object> call : calls.values()) {
            var task = new FutureTask<@Nullable Object>(call::call);
            Thread.ofVirtual().name("call-worker").start(task);
            tasks.add(task);
        }
        Map<K, Outcome> outcomes = LinkedHashMap.newLinkedHashMap(calls.size());
        int i = 0;
        for (K key : calls.keySet()) {
            outcomes.put(key, outcome(tasks.get(i++)));
        }
        return outcomes;
    }

    private static Outcome outcome(FutureTask<@Nullable Object> task) {
        try {
            return new Outcome(task.get(), null);
        } catch (ExecutionException e) {
            return new Outcome(null, e.getCause() instanceof Exception cause ? cause : e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome(null, e);
        }
    }
}
