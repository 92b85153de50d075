package io.github.daskjvm.client;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Dask's `Variable`: a value under a name for all clients and tasks of a cluster, in Java and Python. The value is
/// a [Future], whose task stays wanted meanwhile, or data that goes through the scheduler, as for [ClusterQueue].
///
/// All methods throw `IOException` if the scheduler can't be reached. Any number of threads may use it.
///
/// @param <T> the value
public final class ClusterVariable<T extends @Nullable Object> {
    private static final Duration KNOWN_WITHIN = Duration.ofSeconds(30);

    private final Coordination coordination;
    private final String name;

    ClusterVariable(Coordination coordination, String name) {
        this.coordination = coordination;
        this.name = name;
    }

    public String name() {
        return name;
    }

    /// Replaces the value.
    ///
    /// @throws IllegalArgumentException if it is neither a future nor data that travels
    /// @throws TimeoutException if it is a future whose task does not become known to the scheduler within 30 s
    public void set(T value) throws IOException, InterruptedException, TimeoutException {
        Map<String, @Nullable Object> request =
                new HashMap<>(coordination.values().entry(value));
        request.put("op", "variable_set");
        request.put("name", name);
        coordination.calls().await(request, Deadline.in(KNOWN_WITHIN));
        java.lang.ref.Reference.reachabilityFence(value);
    }

    /// The value; waits for it if none was set yet.
    public T get() throws IOException, InterruptedException {
        try {
            return get(Deadline.NEVER);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /// As [#get()].
    ///
    /// @throws TimeoutException if none was set in time
    public T get(Duration timeout) throws IOException, InterruptedException, TimeoutException {
        return get(Deadline.in(timeout));
    }

    private T get(Deadline deadline) throws IOException, InterruptedException, TimeoutException {
        Object record = coordination
                .calls()
                .await(Map.of("op", "variable_get", "name", name, "client", coordination.clientId()), deadline);
        Map<String, @Nullable Object> receipt = new HashMap<>();
        receipt.put("op", "variable-future-received-confirm");
        receipt.put("name", name);
        receipt.put("token", record instanceof Map<?, ?> map ? map.get("token") : null);
        return coordination.values().value(record, receipt);
    }

    /// Removes it from the cluster; who asks for its value from now on waits for the next.
    public void delete() {
        coordination.tell(Map.of("op", "variable_delete", "name", name));
    }
}
