package io.github.daskjvm.lab.simulate;

import static io.github.daskjvm.lab.simulate.WorkerRules.require;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerConfig;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerInstruction;
import io.github.daskjvm.core.worker.WorkerInstruction.Fetch;
import io.github.daskjvm.core.worker.WorkerInstruction.PeerNoLongerBusy;
import io.github.daskjvm.core.worker.WorkerInstruction.SetTimer;
import io.github.daskjvm.core.worker.WorkerMessage;
import io.github.daskjvm.core.worker.WorkerState;
import io.github.daskjvm.core.worker.WorkerTaskStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How a worker may fetch: from peers that are said to have what it asks for and are not busy, one transfer a peer at a
/// time, no more at once than its limits, and from all that have it before it asks the scheduler for others.
final class FetchRules {
    private final String name;
    private final WorkerConfig config;
    private final WorkerState state;
    /// Who may have it by all that was told; none that turned out not to.
    private final Map<TaskKey, Set<String>> mayHave = new HashMap<>();
    /// Who has it for all that is known, where that is known for sure.
    private final Map<TaskKey, Set<String>> surelyHave = new HashMap<>();

    private final Map<String, Fetch> underWay = new HashMap<>();
    private final Set<String> busy = new HashSet<>();

    FetchRules(String name, WorkerConfig config, WorkerState state) {
        this.name = name;
        this.config = config;
        this.state = state;
    }

    void expect(List<WorkerEvent> events) {
        for (WorkerEvent event : events) {
            switch (event) {
                case WorkerEvent.ComputeTask task -> told(task.inputs(), events.size() == 1);
                case WorkerEvent.AcquireReplicas acquire -> told(acquire.replicas(), events.size() == 1);
                case WorkerEvent.RefreshWhoHas refresh ->
                    refresh.whoHas().forEach((key, workers) -> {
                        mayHave(key).addAll(workers);
                        surelyHave.remove(key);
                    });
                case WorkerEvent.FreeKeys free -> free.keys().forEach(surelyHave::remove);
                case WorkerEvent.RemoveWorker remove -> lost(remove.worker());
                case WorkerEvent.TransferFailed failed -> {
                    underWay.remove(failed.worker());
                    lost(failed.worker());
                }
                case WorkerEvent.TransferBusy isBusy -> {
                    underWay.remove(isBusy.worker());
                    busy.add(isBusy.worker());
                }
                case WorkerEvent.TransferFinished finished -> finished(finished);
                case WorkerEvent.TimerFired(PeerNoLongerBusy(String peer)) -> busy.remove(peer);
                default -> {
                    // Nothing is said of who has what.
                }
            }
        }
    }

    private Set<String> mayHave(TaskKey key) {
        return mayHave.computeIfAbsent(key, k -> new HashSet<>());
    }

    private void told(List<WorkerEvent.Input> inputs, boolean alone) {
        for (WorkerEvent.Input input : inputs) {
            mayHave(input.key()).addAll(input.workers());
            if (alone && state.status(input.key()) == null) {
                Set<String> others = new LinkedHashSet<>(input.workers());
                others.remove(config.address());
                surelyHave.put(input.key(), others);
            } else {
                surelyHave.remove(input.key());
            }
        }
    }

    private void lost(String peer) {
        mayHave.values().forEach(holders -> holders.remove(peer));
        surelyHave.values().forEach(holders -> holders.remove(peer));
    }

    private void finished(WorkerEvent.TransferFinished finished) {
        Fetch fetch = underWay.remove(finished.worker());
        finished.received().keySet().forEach(surelyHave::remove);
        for (TaskKey key : fetch == null ? List.<TaskKey>of() : fetch.keys()) {
            if (!finished.received().containsKey(key)) {
                mayHave(key).remove(finished.worker());
                surelyHave.getOrDefault(key, new HashSet<>()).remove(finished.worker());
            }
        }
    }

    void check(List<WorkerInstruction> instructions, boolean paused) {
        Set<String> timers = new HashSet<>();
        for (WorkerInstruction instruction : instructions) {
            switch (instruction) {
                case Fetch fetch -> {
                    require(!paused, "NothingIsFetchedWhilePaused", name, fetch);
                    check(fetch);
                    underWay.put(fetch.worker(), fetch);
                }
                case WorkerInstruction.Send(WorkerMessage.RequestRefreshWhoHas request) -> asks(request.keys());
                case SetTimer(PeerNoLongerBusy(String peer), long ignored) -> timers.add(peer);
                default -> {
                    // Of no concern to peers.
                }
            }
        }
        // Of what is here nobody keeps in mind who else has it.
        surelyHave.keySet().removeIf(key -> {
            WorkerTaskStatus status = state.status(key);
            return status == null || status == WorkerTaskStatus.MEMORY;
        });
    }

    private void check(Fetch fetch) {
        require(!underWay.containsKey(fetch.worker()), "OneTransferAPeer", name, fetch);
        require(!busy.contains(fetch.worker()), "BusyPeersAreLeftAlone", name, fetch);
        for (TaskKey key : fetch.keys()) {
            require(mayHave(key).contains(fetch.worker()), "PeersAreAskedForWhatTheyHave", name, fetch);
        }
        WorkerConfig.Transfers limits = config.transfers();
        long bytes = 0;
        for (Fetch each : underWay.values()) {
            bytes += each.expectedBytes();
        }
        require(
                underWay.size() < limits.outgoingConnections() || bytes < limits.throttledFromBytes(),
                "NoMorePeersAreAskedAtATimeThanAllowed",
                name,
                fetch);
        require(
                fetch.keys().size() == 1 || fetch.expectedBytes() <= limits.messageBytesMax(),
                "NoMoreIsAskedOfAPeerAtOnceThanAllowed",
                name,
                fetch);
        require(
                underWay.isEmpty() || bytes + fetch.expectedBytes() <= limits.incomingBytesMax(),
                "NoMoreBytesAreUnderWayThanAllowed",
                name,
                fetch);
    }

    private void asks(List<TaskKey> keys) {
        for (TaskKey key : keys) {
            List<String> others = new ArrayList<>(surelyHave.getOrDefault(key, Set.of()));
            others.removeAll(busy);
            require(others.isEmpty(), "AllCopiesAreTriedBeforeOthersAreAskedFor", name, key + " is at " + others);
        }
    }

    void atRest() {
        require(underWay.isEmpty(), "NothingIsUnderWayAtRest", name, underWay);
        require(busy.isEmpty(), "BusyPeersAreAskedAgain", name, busy);
    }
}
