package io.github.daskjvm.core.scheduler;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/// A client, or something that holds keys as one does: a queue, a variable, a published dataset.
public final class ClientEntry {
    final String id;
    final Set<TaskState> wants = new LinkedHashSet<>();
    /// It has a stream of its own to be told on.
    boolean connected;

    ClientEntry(String id) {
        this.id = id;
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
