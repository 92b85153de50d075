package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskKey;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The whole scheduler as a function of what happened: `handle(events, now) -> commands`. Owned by one thread.
public final class SchedulerState {
    final SchedulerConfig config;
    final Map<TaskKey, TaskState> tasks = new LinkedHashMap<>();
    final Map<String, WorkerEntry> workers = new LinkedHashMap<>();
    final Map<String, ClientEntry> clients = new LinkedHashMap<>();

    public SchedulerState(SchedulerConfig config) {
        this.config = config;
    }

    /// Applies the events in order, places what became ready, and says what to do.
    ///
    /// @param nowNanos monotonic
    /// @throws IllegalStateException if an invariant does not hold; the state is then not to be used further
    public List<Command> handle(List<? extends Event> events, long nowNanos) {
        return List.of();
    }

    public @Nullable TaskState task(TaskKey key) {
        return tasks.get(key);
    }

    public Collection<TaskState> tasks() {
        return Collections.unmodifiableCollection(tasks.values());
    }

    public @Nullable WorkerEntry worker(String address) {
        return workers.get(address);
    }

    /// In order of joining.
    public Collection<WorkerEntry> workers() {
        return Collections.unmodifiableCollection(workers.values());
    }

    public @Nullable ClientEntry client(String id) {
        return clients.get(id);
    }

    public Collection<ClientEntry> clients() {
        return Collections.unmodifiableCollection(clients.values());
    }

    /// How many workers the present load could use, if each load should be done within the target duration.
    public int adaptiveTarget(double targetSeconds) {
        return 0;
    }

    public SchedulerSnapshot snapshot() {
        return SchedulerSnapshot.EMPTY;
    }

    /// @throws IllegalStateException naming the first invariant that does not hold
    public void checkInvariants() {}
}
