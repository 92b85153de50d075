package io.github.daskjvm.core.worker;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Another worker, as far as there is something to fetch from it.
final class Peer {
    final String address;
    /// Whether it is on the same host.
    final boolean local;
    /// The tasks that list it in `whoHas`.
    final Set<WorkerTask> has = new LinkedHashSet<>();
    /// Those of them in `fetch`.
    final TreeSet<WorkerTask> fetchable = new TreeSet<>(WorkerTask.ORDER);
    /// What is being fetched from it; null for nothing.
    @Nullable
    Transfer transfer;
    /// It said so, and is not to be asked until a timer fires.
    boolean busy;

    Peer(String address, boolean local) {
        this.address = address;
        this.local = local;
    }

    /// @param expectedBytes of all asked for
    record Transfer(Set<WorkerTask> tasks, long expectedBytes) {}
}
