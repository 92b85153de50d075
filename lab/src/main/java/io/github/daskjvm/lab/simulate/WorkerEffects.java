package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerInstruction;
import io.github.daskjvm.core.worker.WorkerMessage;
import io.github.daskjvm.core.worker.WorkerState;
import io.github.daskjvm.core.worker.WorkerTaskStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What an event does at a worker at once: told by the event and what was before, compared with what the worker wants
/// done. Only for events that come alone.
final class WorkerEffects {
    private final String name;
    private final WorkerState state;
    private final Map<TaskKey, WorkerEvent.ComputeTask> asked;
    /// The last attempt that the scheduler gave of each task.
    private final Map<TaskKey, Long> runIds = new HashMap<>();
    /// Tasks by attempt, until it ends.
    private final Map<Long, TaskKey> attempts = new HashMap<>();

    private final List<Check> checks = new ArrayList<>();

    @FunctionalInterface
    private interface Check {
        void run(Did did);
    }

    /// What the worker wants done, by kind.
    private static final class Did {
        final Set<TaskKey> stored = new HashSet<>();
        final Set<TaskKey> dropped = new HashSet<>();
        final Set<TaskKey> added = new HashSet<>();
        final Set<Long> interrupted = new HashSet<>();
        final List<WorkerMessage> sent = new ArrayList<>();

        Did(List<WorkerInstruction> instructions) {
            for (WorkerInstruction instruction : instructions) {
                switch (instruction) {
                    case WorkerInstruction.Store store -> stored.add(store.key());
                    case WorkerInstruction.Drop drop -> dropped.add(drop.key());
                    case WorkerInstruction.Interrupt interrupt -> interrupted.add(interrupt.attempt());
                    case WorkerInstruction.Send(WorkerMessage message) -> {
                        sent.add(message);
                        if (message instanceof WorkerMessage.AddKeys(List<TaskKey> keys)) {
                            added.addAll(keys);
                        }
                    }
                    case WorkerInstruction.Execute ignored -> {}
                    case WorkerInstruction.Fetch ignored -> {}
                    case WorkerInstruction.SetTimer ignored -> {}
                }
            }
        }
    }

    /// @param asked what is to be computed and not done, kept by others
    WorkerEffects(String name, WorkerState state, Map<TaskKey, WorkerEvent.ComputeTask> asked) {
        this.name = name;
        this.state = state;
        this.asked = asked;
    }

    private void require(boolean holds, String rule, Object found) {
        WorkerRules.require(holds, rule, name, found);
    }

    void expect(List<WorkerEvent> events) {
        checks.clear();
        for (WorkerEvent event : events) {
            if (event instanceof WorkerEvent.ComputeTask task) {
                runIds.put(task.key(), task.runId());
            }
        }
        if (events.size() == 1) {
            expect(events.getFirst());
        }
    }

    void check(List<WorkerInstruction> instructions) {
        if (!checks.isEmpty()) {
            var did = new Did(instructions);
            checks.forEach(check -> check.run(did));
        }
        for (WorkerInstruction instruction : instructions) {
            if (instruction instanceof WorkerInstruction.Execute execute) {
                // Only the last run counts. One before it may go on, of a task that became a copy meanwhile.
                attempts.values().removeIf(execute.key()::equals);
                attempts.put(execute.attempt(), execute.key());
            }
        }
    }

    private void expect(WorkerEvent event) {
        switch (event) {
            case WorkerEvent.StealRequest steal -> steal(steal, state.status(steal.key()));
            case WorkerEvent.FreeKeys free -> free.keys().forEach(this::freed);
            case WorkerEvent.RemoveReplicas remove -> remove.keys().forEach(key -> removed(key, remove.keys()));
            case WorkerEvent.AcquireReplicas acquire ->
                acquire.replicas().forEach(replica -> {
                    if (state.status(replica.key()) == WorkerTaskStatus.MEMORY) {
                        checks.add(did ->
                                require(did.added.contains(replica.key()), "CopiesThatAreThereAreTold", replica));
                    }
                });
            case WorkerEvent.TaskFinished finished -> finished(finished);
            case WorkerEvent.TaskErred erred -> erred(erred);
            case WorkerEvent.TaskLongRunning seceded -> {
                TaskKey key = attempts.get(seceded.attempt());
                if (isNow(key, WorkerTaskStatus.EXECUTING)) {
                    tells(
                            message -> message instanceof WorkerMessage.LongRunning running
                                    && running.key().equals(key),
                            "WhatSecedesIsTold",
                            seceded);
                }
            }
            case WorkerEvent.TaskRescheduled rescheduled -> {
                TaskKey key = attempts.get(rescheduled.attempt());
                if (isNow(key, WorkerTaskStatus.EXECUTING, WorkerTaskStatus.LONG_RUNNING)) {
                    tells(
                            message -> message instanceof WorkerMessage.Reschedule(TaskKey told) && told.equals(key),
                            "WhatIsToRunElsewhereIsTold",
                            rescheduled);
                }
            }
            case WorkerEvent.TransferFinished finished ->
                finished.received().keySet().forEach(this::arrived);
            case WorkerEvent.DataPlaced placed ->
                checks.add(did -> require(did.stored.equals(placed.data().keySet()), "PlacedDataIsKept", placed));
            default -> {
                // What it does is checked elsewhere, if anywhere.
            }
        }
    }

    private void tells(Predicate<WorkerMessage> which, String rule, Object event) {
        checks.add(did -> require(did.sent.stream().anyMatch(which), rule, event));
    }

    private boolean isNow(@Nullable TaskKey key, WorkerTaskStatus... any) {
        WorkerTaskStatus status = key == null ? null : state.status(key);
        return status != null && List.of(any).contains(status);
    }

    private static boolean isWaiting(@Nullable WorkerTaskStatus status) {
        return status == WorkerTaskStatus.WAITING
                || status == WorkerTaskStatus.READY
                || status == WorkerTaskStatus.CONSTRAINED;
    }

    private void steal(WorkerEvent.StealRequest steal, @Nullable WorkerTaskStatus before) {
        var answer = new WorkerMessage.StealResponse(steal.key(), before, steal.stimulusId());
        tells(answer::equals, "ThievesAreAnswered", steal);
        if (isWaiting(before)) {
            checks.add(did -> require(!isWaiting(state.status(steal.key())), "WhatIsGivenUpDoesNotRun", steal));
        }
    }

    private void freed(TaskKey key) {
        WorkerTaskStatus before = state.status(key);
        if (before == WorkerTaskStatus.MEMORY) {
            dropped(key);
        } else if (before == WorkerTaskStatus.EXECUTING || before == WorkerTaskStatus.LONG_RUNNING) {
            checks.add(did -> require(
                    did.interrupted.stream().anyMatch(attempt -> key.equals(attempts.get(attempt))),
                    "WhatIsFreedIsInterrupted",
                    key));
        }
    }

    private void dropped(TaskKey key) {
        tells(new WorkerMessage.ReleaseWorkerData(key)::equals, "WhatIsDroppedIsTold", key);
        checks.add(did -> require(did.dropped.contains(key), "WhatIsFreedIsDropped", key));
    }

    private void removed(TaskKey key, Collection<TaskKey> all) {
        if (state.status(key) != WorkerTaskStatus.MEMORY || all.size() > 1) {
            return;
        }
        if (isNeeded(key)) {
            checks.add(did ->
                    require(did.added.contains(key) && !did.dropped.contains(key), "WhatTasksWaitForIsKept", key));
        } else {
            dropped(key);
        }
    }

    private boolean isNeeded(TaskKey key) {
        for (WorkerEvent.ComputeTask task : asked.values()) {
            WorkerTaskStatus status = state.status(task.key());
            boolean waits = isWaiting(status) || status == WorkerTaskStatus.RESUMED;
            if (waits && task.inputs().stream().anyMatch(input -> input.key().equals(key))) {
                return true;
            }
        }
        return false;
    }

    private void finished(WorkerEvent.TaskFinished finished) {
        TaskKey key = attempts.remove(finished.attempt());
        if (key == null) {
            return;
        }
        if (isNow(key, WorkerTaskStatus.EXECUTING, WorkerTaskStatus.LONG_RUNNING)) {
            long runId = runIds.getOrDefault(key, -1L);
            checks.add(did -> require(did.stored.contains(key), "ResultsAreKept", key));
            tells(
                    message -> message instanceof WorkerMessage.TaskFinished told
                            && told.key().equals(key)
                            && told.runId() == runId
                            && told.sizeBytes() == finished.sizeBytes(),
                    "ResultsAreTold",
                    key + " of attempt " + runId);
        } else if (isNow(key, WorkerTaskStatus.CANCELLED)) {
            checks.add(did -> require(!did.stored.contains(key), "WhatIsCancelledIsNotKept", key));
        }
    }

    private void erred(WorkerEvent.TaskErred erred) {
        TaskKey key = attempts.remove(erred.attempt());
        if (key != null && isNow(key, WorkerTaskStatus.EXECUTING, WorkerTaskStatus.LONG_RUNNING)) {
            long runId = runIds.getOrDefault(key, -1L);
            tells(
                    message -> message instanceof WorkerMessage.TaskErred told
                            && told.key().equals(key)
                            && told.runId() == runId,
                    "FailuresAreTold",
                    key);
        }
    }

    private void arrived(TaskKey key) {
        if (isNow(key, WorkerTaskStatus.FLIGHT)) {
            checks.add(did -> require(
                    did.stored.contains(key) && did.added.contains(key), "CopiesThatArriveAreKeptAndTold", key));
        } else if (isNow(key, WorkerTaskStatus.CANCELLED)) {
            checks.add(did -> require(!did.stored.contains(key), "WhatIsCancelledIsNotKept", key));
        }
    }
}
