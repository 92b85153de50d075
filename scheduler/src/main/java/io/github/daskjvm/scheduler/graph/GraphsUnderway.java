package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.TaskSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/// The graphs of all clients that have come and are no tasks yet. They are unpacked side by side, so one may be done
/// before another that brings keys it needs: a future of one client in the graph of a second. Such a graph waits for
/// the other, and for no more than that; Dask, which unpacks one graph after the other, makes all wait for all.
/// Any thread may call.
public final class GraphsUnderway {
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Entry> entries = new LinkedHashSet<>();

    /// Graphs of one client that are unpacked together.
    public static final class Entry {
        private final List<GraphRequest> requests;
        private final CompletableFuture<Void> over = new CompletableFuture<>();
        private final CompletableFuture<Void> givenUp = new CompletableFuture<>();
        private final Set<Entry> waitsFor = new HashSet<>();

        private final Object owner;

        private Entry(List<GraphRequest> requests, Object owner) {
            this.requests = requests;
            this.owner = owner;
        }

        /// Nobody wants these any more: they wait for nothing.
        public void giveUp() {
            givenUp.complete(null);
        }

        private boolean brings(Collection<TaskKey> keys) {
            for (GraphRequest request : requests) {
                for (TaskKey key : keys) {
                    if (request.keys().contains(key)) {
                        return true;
                    }
                }
            }
            return false;
        }

        private boolean waitsForOrIs(Entry other) {
            if (this == other) {
                return true;
            }
            for (Entry each : waitsFor) {
                if (each.waitsForOrIs(other)) {
                    return true;
                }
            }
            return false;
        }
    }

    /// They have come. [#end] must follow.
    ///
    /// @param owner whose they are; its own become tasks one after the other
    public Entry begin(List<GraphRequest> requests, Object owner) {
        var entry = new Entry(requests, owner);
        lock.lock();
        try {
            entries.add(entry);
        } finally {
            lock.unlock();
        }
        return entry;
    }

    /// Whether nobody else has any.
    public boolean areAllOf(Object owner) {
        lock.lock();
        try {
            for (Entry entry : entries) {
                if (entry.owner != owner) {
                    return false;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// The loop has been told of their tasks, or never will be.
    public void end(Entry entry) {
        lock.lock();
        try {
            entries.remove(entry);
        } finally {
            lock.unlock();
        }
        entry.over.complete(null);
    }

    /// Blocks until no graph that is underway brings what these need, whatever becomes of it, or they are given up.
    /// Of two that need each other, the second to ask does not wait.
    ///
    /// @param unknown which of some keys the loop does not know
    public void awaitNeeded(Entry mine, List<GraphOutcome> outcomes, UnaryOperator<Set<TaskKey>> unknown) {
        Set<TaskKey> brought = broughtByOthers(mine);
        if (brought.isEmpty()) {
            return;
        }
        Set<TaskKey> needed = neededOf(brought, outcomes);
        if (!needed.isEmpty()) {
            needed = unknown.apply(needed);
        }
        if (needed.isEmpty()) {
            return;
        }
        for (Entry other : waitFor(mine, needed)) {
            CompletableFuture.anyOf(other.over, mine.givenUp).join();
        }
        lock.lock();
        try {
            mine.waitsFor.clear();
        } finally {
            lock.unlock();
        }
    }

    private Set<TaskKey> broughtByOthers(Entry mine) {
        lock.lock();
        try {
            if (entries.size() == 1 && entries.contains(mine)) {
                return Set.of();
            }
            Set<TaskKey> brought = new HashSet<>();
            for (Entry entry : entries) {
                if (entry != mine) {
                    entry.requests.forEach(request -> brought.addAll(request.keys()));
                }
            }
            return brought;
        } finally {
            lock.unlock();
        }
    }

    /// Those of the keys that the graphs name and do not have.
    private static Set<TaskKey> neededOf(Set<TaskKey> brought, List<GraphOutcome> outcomes) {
        Set<TaskKey> needed = new HashSet<>();
        for (GraphOutcome outcome : outcomes) {
            if (outcome instanceof GraphOutcome.Done(MaterializedGraph graph)) {
                addAllOf(brought, graph.request().keys(), needed);
                for (TaskSpec task : graph.tasks()) {
                    addAllOf(brought, task.dependencies(), needed);
                }
            }
        }
        if (!needed.isEmpty()) {
            for (GraphOutcome outcome : outcomes) {
                if (outcome instanceof GraphOutcome.Done(MaterializedGraph graph)) {
                    graph.tasks().forEach(task -> needed.remove(task.key()));
                }
            }
        }
        return needed;
    }

    private static void addAllOf(Set<TaskKey> wanted, Collection<TaskKey> from, Set<TaskKey> to) {
        for (TaskKey key : from) {
            if (wanted.contains(key)) {
                to.add(key);
            }
        }
    }

    private List<Entry> waitFor(Entry mine, Set<TaskKey> needed) {
        lock.lock();
        try {
            for (Entry entry : entries) {
                if (entry != mine && entry.brings(needed) && !entry.waitsForOrIs(mine)) {
                    mine.waitsFor.add(entry);
                }
            }
            return new ArrayList<>(mine.waitsFor);
        } finally {
            lock.unlock();
        }
    }
}
