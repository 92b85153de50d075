package io.github.daskjvm.client;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/// Dask's `Event`: a flag under a name, which is not set at first, and which all clients and tasks of a cluster, in
/// Java and Python, set, clear and wait for. All methods throw `IOException` if the scheduler can't be reached. Any
/// number of threads may use it.
public final class ClusterEvent {
    private final SchedulerCalls calls;
    private final String name;

    ClusterEvent(SchedulerCalls calls, String name) {
        this.calls = calls;
        this.name = name;
    }

    public String name() {
        return name;
    }

    /// Lets everybody go on who waits for it.
    public void set() throws IOException {
        calls.call(Map.of("op", "event_set", "name", name));
    }

    /// Makes everybody wait who comes from now on.
    public void clear() throws IOException {
        calls.call(Map.of("op", "event_clear", "name", name));
    }

    public boolean isSet() throws IOException {
        return Boolean.TRUE.equals(calls.call(Map.of("op", "event_is_set", "name", name)));
    }

    /// Waits until it is set; not at all if it is.
    public void await() throws IOException, InterruptedException {
        await(Deadline.NEVER);
    }

    /// As [#await()].
    ///
    /// @return false if it was not set in time
    public boolean await(Duration timeout) throws IOException, InterruptedException {
        return await(Deadline.in(timeout));
    }

    private boolean await(Deadline deadline) throws IOException, InterruptedException {
        try {
            return Boolean.TRUE.equals(calls.await(Map.of("op", "event_wait", "name", name), deadline));
        } catch (TimeoutException e) {
            return false;
        }
    }
}
