package io.github.daskjvm.core.scheduler;

import java.util.Collection;
import java.util.Collections;

/// A client, or something that holds keys as one does: a queue, a variable, a published dataset.
public final class ClientEntry implements OrderedSet.Item<ClientEntry> {
    final String id;
    final DenseSet<TaskState> wants = new DenseSet<>();
    /// It has a stream of its own to be told on.
    boolean connected;

    private final OrderedSet<ClientEntry> alone = OrderedSet.of(this);

    ClientEntry(String id) {
        this.id = id;
    }

    @Override
    public OrderedSet<ClientEntry> alone() {
        return alone;
    }

    public String id() {
        return id;
    }

    public boolean connected() {
        return connected;
    }

    public Collection<TaskState> wants() {
        return Collections.unmodifiableCollection(wants);
    }
}
