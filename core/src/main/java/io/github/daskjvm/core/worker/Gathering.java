package io.github.daskjvm.core.worker;

import static io.github.daskjvm.core.worker.WorkerTaskStatus.CANCELLED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.FETCH;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.FLIGHT;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.MISSING;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.RESUMED;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Values that come from peers: who has what, which peer is asked for what next, and what to do when a peer is
/// busy, lacks something or is gone. From one peer there is one transfer at a time.
final class Gathering {
    private final WorkerState state;
    private final Map<String, Peer> peers = new LinkedHashMap<>();
    private final Set<WorkerTask> missing = new LinkedHashSet<>();
    private int transfers;
    private long incomingBytes;
    private boolean askTimerSet;
    /// A task may be due to be asked for.
    private boolean askDue;

    private final WorkerConfig.Transfers limits;
    private final String ownHost;
    /// Of transfers so far.
    private long started;

    Gathering(WorkerState state) {
        this.state = state;
        this.limits = state.config.transfers();
        this.ownHost = host(state.config.address());
    }

    private static String host(String address) {
        int port = address.lastIndexOf(':');
        return port > address.indexOf("://") ? address.substring(0, port) : address;
    }

    int transfers() {
        return transfers;
    }

    long incomingBytes() {
        return incomingBytes;
    }

    /// The value of the task is needed here, and this is where it is said to be.
    void want(WorkerTask task, WorkerEvent.Input input, Priority priority) {
        switch (task.status) {
            case RELEASED -> {
                task.priority = priority;
                located(task, input);
                seek(task);
            }
            case ERROR -> {
                state.lifecycle.toReleased(task);
                task.priority = priority;
                located(task, input);
                seek(task);
            }
            case FETCH, MISSING -> {
                dequeue(task);
                if (priority.compareTo(task.priority) < 0) {
                    task.priority = priority;
                }
                located(task, input);
                place(task);
            }
            case CANCELLED -> {
                located(task, input);
                state.lifecycle.wantedAgain(task);
            }
            case FLIGHT, RESUMED -> located(task, input);
            case WAITING, READY, CONSTRAINED, EXECUTING, LONG_RUNNING, MEMORY -> {}
        }
    }

    private void located(WorkerTask task, WorkerEvent.Input input) {
        task.sizeBytes = input.sizeBytes();
        locate(task, input.workers());
    }

    private void locate(WorkerTask task, List<String> workers) {
        for (String worker : workers) {
            if (!worker.equals(state.config.address())) {
                Peer peer = peers.get(worker);
                if (peer == null) {
                    peer = new Peer(worker, host(worker).equals(ownHost));
                    peers.put(worker, peer);
                }
                peer.has.add(task);
                task.whoHas.add(peer);
            }
        }
    }

    /// Puts a task that has no value on the way to one.
    void seek(WorkerTask task) {
        if (task.whoHas.isEmpty()) {
            state.move(task, MISSING);
            missing.add(task);
            askDue = true;
        } else {
            state.move(task, FETCH);
            index(task);
        }
    }

    /// As [#seek], for one that is in `fetch` or `missing` but in no queue.
    private void place(WorkerTask task) {
        boolean known = !task.whoHas.isEmpty();
        if (known == (task.status == FETCH)) {
            if (known) {
                index(task);
            } else {
                missing.add(task);
                askDue = true;
            }
        } else {
            seek(task);
        }
    }

    private static void index(WorkerTask task) {
        for (Peer peer : task.whoHas) {
            peer.fetchable.add(task);
        }
    }

    void dequeue(WorkerTask task) {
        if (task.status == FETCH) {
            for (Peer peer : task.whoHas) {
                peer.fetchable.remove(task);
            }
        } else if (task.status == MISSING) {
            missing.remove(task);
        }
    }

    void forgetPeers(WorkerTask task) {
        for (Peer peer : task.whoHas) {
            peer.has.remove(task);
            dropIfUnused(peer);
        }
        task.whoHas.clear();
        task.askedAtNanos = null;
    }

    private void dropIfUnused(Peer peer) {
        if (peer.has.isEmpty() && peer.transfer == null && !peer.busy) {
            peers.remove(peer.address);
        }
    }

    /// A task in flight gets its value from elsewhere.
    void detach(WorkerTask task) {
        if (task.status == FLIGHT || task.previous == FLIGHT) {
            for (Peer peer : peers.values()) {
                if (peer.transfer != null && peer.transfer.tasks().remove(task)) {
                    return;
                }
            }
        }
    }

    // ---- starting transfers ----

    void start() {
        while (state.count(FETCH) > 0 && !state.paused && !isThrottled()) {
            Peer peer = best();
            if (peer == null || !fetch(peer)) {
                break;
            }
        }
        askForMissing();
    }

    /// Small values are fetched from any number of peers at a time.
    private boolean isThrottled() {
        return (transfers >= limits.outgoingConnections() && incomingBytes >= limits.throttledFromBytes())
                || (transfers > 0 && incomingBytes >= limits.incomingBytesMax());
    }

    /// The peer that has the most urgent of what can be fetched now; of several, one on this host, or the one that
    /// has most of what is needed, or any: not all workers are to ask the same one for what all of them need.
    private @Nullable Peer best() {
        Peer best = null;
        for (Peer peer : peers.values()) {
            if (peer.transfer == null
                    && !peer.busy
                    && !peer.fetchable.isEmpty()
                    && (best == null || isBetter(peer, best))) {
                best = peer;
            }
        }
        return best;
    }

    private boolean isBetter(Peer peer, Peer than) {
        int order = WorkerTask.ORDER.compare(peer.fetchable.first(), than.fetchable.first());
        if (order != 0) {
            return order < 0;
        }
        if (peer.local != than.local) {
            return peer.local;
        }
        int size = Integer.compare(peer.fetchable.size(), than.fetchable.size());
        return size != 0 ? size > 0 : lot(peer) < lot(than);
    }

    /// Another one for every worker, peer and transfer.
    private int lot(Peer peer) {
        int mixed = 31 * (31 * state.config.address().hashCode() + peer.address.hashCode()) + (int) started;
        mixed *= 0x9E3779B1;
        return (mixed ^ (mixed >>> 15)) * 0x85EBCA77;
    }

    private boolean fetch(Peer peer) {
        WorkerTask first = peer.fetchable.first();
        if (transfers > 0 && incomingBytes + first.sizeBytes > limits.incomingBytesMax()) {
            return false;
        }
        var tasks = new LinkedHashSet<WorkerTask>();
        var keys = new ArrayList<TaskKey>();
        long bytes = 0;
        while (!peer.fetchable.isEmpty()) {
            WorkerTask task = peer.fetchable.first();
            long with = bytes + task.sizeBytes;
            if (!tasks.isEmpty()
                    && (with > limits.messageBytesMax() || incomingBytes + with > limits.incomingBytesMax())) {
                break;
            }
            dequeue(task);
            state.move(task, FLIGHT);
            tasks.add(task);
            keys.add(task.key);
            bytes = with;
        }
        peer.transfer = new Peer.Transfer(tasks, bytes);
        transfers++;
        started++;
        incomingBytes += bytes;
        state.instruct(new WorkerInstruction.Fetch(peer.address, keys, bytes));
        return true;
    }

    // ---- transfers that end ----

    private Set<WorkerTask> ended(@Nullable Peer peer) {
        if (peer == null || peer.transfer == null) {
            return Set.of();
        }
        Peer.Transfer transfer = peer.transfer;
        peer.transfer = null;
        transfers--;
        incomingBytes -= transfer.expectedBytes();
        return transfer.tasks();
    }

    void finished(WorkerEvent.TransferFinished event) {
        Peer peer = peers.get(event.worker());
        Set<WorkerTask> asked = ended(peer);
        if (peer == null) {
            return;
        }
        noteTransfer(asked, event);
        var added = new ArrayList<TaskKey>();
        for (WorkerTask task : asked) {
            WorkerEvent.Received received = event.received().get(task.key);
            if (received == null) {
                lacks(peer, task);
                failed(task);
            } else if (task.status == CANCELLED) {
                failed(task);
            } else {
                boolean computed = task.status == RESUMED;
                state.lifecycle.putInMemory(task, received.value(), received.sizeBytes());
                if (computed) {
                    state.send(new WorkerMessage.TaskFinished(
                            task.key, task.runId, received.sizeBytes(), task.typeName, List.of(), 0));
                } else {
                    added.add(task.key);
                }
            }
        }
        if (!added.isEmpty()) {
            state.send(new WorkerMessage.AddKeys(added));
        }
        dropIfUnused(peer);
    }

    /// The time goes to the first task that waited for any of it.
    private static void noteTransfer(Set<WorkerTask> asked, WorkerEvent.TransferFinished event) {
        for (WorkerTask task : asked) {
            for (WorkerTask waiter : task.waiters) {
                if (waiter.transfers == null) {
                    waiter.transfers = new ArrayList<>(1);
                }
                waiter.transfers.add(
                        new WorkerEvent.StartStop("transfer", event.start(), event.stop(), event.worker()));
                return;
            }
        }
    }

    private void lacks(Peer peer, WorkerTask task) {
        task.whoHas.remove(peer);
        peer.has.remove(task);
        peer.fetchable.remove(task);
    }

    /// A task's transfer ended without its value, or with one that is not wanted.
    private void failed(WorkerTask task) {
        switch (task.status) {
            case FLIGHT -> seek(task);
            case RESUMED -> state.lifecycle.toWaiting(task);
            case CANCELLED -> {
                state.lifecycle.toReleased(task);
                state.lifecycle.settle(task);
            }
            case RELEASED, WAITING, READY, CONSTRAINED, EXECUTING, LONG_RUNNING, FETCH, MISSING, MEMORY, ERROR ->
                WorkerState.require(false, task, "was in flight");
        }
    }

    void failed(WorkerEvent.TransferFailed event) {
        Peer peer = peers.get(event.worker());
        if (peer != null) {
            Set<WorkerTask> asked = ended(peer);
            loseAll(peer);
            for (WorkerTask task : asked) {
                failed(task);
            }
            dropIfUnused(peer);
        }
    }

    void removeWorker(WorkerEvent.RemoveWorker event) {
        Peer peer = peers.get(event.worker());
        if (peer != null) {
            loseAll(peer);
            dropIfUnused(peer);
        }
    }

    private void loseAll(Peer peer) {
        for (WorkerTask task : List.copyOf(peer.has)) {
            if (task.status == FETCH) {
                dequeue(task);
                lacks(peer, task);
                place(task);
            } else {
                lacks(peer, task);
            }
        }
    }

    void busy(WorkerEvent.TransferBusy event) {
        Peer peer = peers.get(event.worker());
        if (peer == null || peer.transfer == null) {
            return;
        }
        peer.busy = true;
        state.instruct(new WorkerInstruction.SetTimer(
                new WorkerInstruction.PeerNoLongerBusy(peer.address), limits.busyRetryNanos()));
        var keys = new ArrayList<TaskKey>();
        for (WorkerTask task : ended(peer)) {
            failed(task);
            if (task.status == FETCH && task.whoHas.stream().allMatch(each -> each.busy)) {
                keys.add(task.key);
            }
        }
        if (!keys.isEmpty()) {
            // There may be copies by now that nobody here has heard of.
            state.send(new WorkerMessage.RequestRefreshWhoHas(keys));
        }
    }

    // ---- values that nobody is known to have ----

    void refresh(WorkerEvent.RefreshWhoHas event) {
        event.whoHas().forEach((key, workers) -> {
            WorkerTask task = state.tasks.get(key);
            if (task == null || !task.isAny(FETCH, MISSING, FLIGHT)) {
                return;
            }
            dequeue(task);
            for (Peer peer : List.copyOf(task.whoHas)) {
                if (!workers.contains(peer.address)) {
                    lacks(peer, task);
                    dropIfUnused(peer);
                }
            }
            locate(task, workers);
            if (task.status != FLIGHT) {
                place(task);
            }
        });
    }

    void timerFired(WorkerInstruction.Timer timer) {
        switch (timer) {
            case WorkerInstruction.PeerNoLongerBusy(String worker) -> {
                Peer peer = peers.get(worker);
                if (peer != null) {
                    peer.busy = false;
                    dropIfUnused(peer);
                }
            }
            case WorkerInstruction.AskForMissing() -> {
                askTimerSet = false;
                askDue = true;
            }
        }
    }

    private void askForMissing() {
        if (!askDue) {
            return;
        }
        askDue = false;
        if (missing.isEmpty()) {
            return;
        }
        var keys = new ArrayList<TaskKey>();
        long next = Long.MAX_VALUE;
        for (WorkerTask task : missing) {
            Long asked = task.askedAtNanos;
            long since = asked == null ? Long.MAX_VALUE : state.nowNanos - asked;
            if (since >= limits.missingRetryNanos()) {
                task.askedAtNanos = state.nowNanos;
                keys.add(task.key);
                since = 0;
            }
            next = Math.min(next, limits.missingRetryNanos() - since);
        }
        if (!keys.isEmpty()) {
            state.send(new WorkerMessage.RequestRefreshWhoHas(keys));
        }
        if (!askTimerSet) {
            askTimerSet = true;
            state.instruct(new WorkerInstruction.SetTimer(new WorkerInstruction.AskForMissing(), next));
        }
    }

    /// @throws IllegalStateException naming the first invariant that does not hold
    void check() {
        for (Peer peer : peers.values()) {
            for (WorkerTask task : peer.fetchable) {
                WorkerState.require(task.status == FETCH && task.whoHas.contains(peer), task, "is not to be fetched");
            }
            if (peer.transfer != null) {
                for (WorkerTask task : peer.transfer.tasks()) {
                    boolean flying = task.status == FLIGHT || task.previous == FLIGHT;
                    WorkerState.require(flying, task, "is in a transfer");
                }
            }
        }
        for (WorkerTask task : state.allTasks()) {
            WorkerState.require(missing.contains(task) == (task.status == MISSING), task, "among the missing");
            for (Peer peer : task.whoHas) {
                WorkerState.require(
                        peers.get(peer.address) == peer && peer.has.contains(task), task, "is at an unknown peer");
                WorkerState.require(
                        peer.fetchable.contains(task) == (task.status == FETCH), task, "in its peers' queues");
            }
            WorkerState.require((task.status != FETCH) || !task.whoHas.isEmpty(), task, "has no peer");
        }
    }
}
