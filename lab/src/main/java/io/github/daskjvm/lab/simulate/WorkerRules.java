package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerConfig;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerInstruction;
import io.github.daskjvm.core.worker.WorkerState;
import io.github.daskjvm.core.worker.WorkerTaskStatus;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a worker may do with what it was told: so many tasks at a time, the most urgent first, with the resources there
/// are, and nothing while it is paused. Told from outside, by the events and instructions alone; [FetchRules] has what
/// concerns peers, [WorkerEffects] what events do.
final class WorkerRules {
    private final String name;
    private final WorkerState state;
    private final WorkerConfig config;
    private final FetchRules fetching;
    private final WorkerEffects effects;
    /// To be computed here, and not done yet.
    private final Map<TaskKey, WorkerEvent.ComputeTask> asked = new LinkedHashMap<>();
    /// By attempt, until it ends.
    private final Map<Long, Running> running = new HashMap<>();

    private boolean paused;

    private static final class Running {
        final Map<String, Double> resources;
        boolean longRunning;
        /// Was long-running, and is on a thread again, even if there is none free.
        boolean returned;

        Running(Map<String, Double> resources) {
            this.resources = resources;
        }
    }

    WorkerRules(String name, WorkerState state, WorkerConfig config) {
        this.name = name;
        this.state = state;
        this.config = config;
        this.fetching = new FetchRules(name, config, state);
        this.effects = new WorkerEffects(name, state, asked);
    }

    static void require(boolean holds, String rule, String worker, Object found) {
        if (!holds) {
            throw new Finding(rule, worker + ": " + found);
        }
    }

    /// Before the events are applied.
    void expect(List<WorkerEvent> events) {
        effects.expect(events);
        fetching.expect(events);
        events.forEach(this::note);
    }

    private void note(WorkerEvent event) {
        switch (event) {
            case WorkerEvent.ComputeTask task -> asked.putIfAbsent(task.key(), task);
            case WorkerEvent.FreeKeys free -> free.keys().forEach(asked::remove);
            case WorkerEvent.CancelCompute cancel -> asked.remove(cancel.key());
            case WorkerEvent.SetPaused set -> paused = set.paused();
            case WorkerEvent.TaskFinished finished -> running.remove(finished.attempt());
            case WorkerEvent.TaskErred erred -> running.remove(erred.attempt());
            case WorkerEvent.TaskRescheduled rescheduled -> running.remove(rescheduled.attempt());
            case WorkerEvent.TaskLongRunning seceded -> {
                Running run = running.get(seceded.attempt());
                if (run != null) {
                    run.longRunning = true;
                    run.returned = false;
                }
            }
            case WorkerEvent.TaskResumed resumed -> {
                Running run = running.get(resumed.attempt());
                if (run != null && run.longRunning) {
                    run.longRunning = false;
                    run.returned = true;
                }
            }
            case WorkerEvent.RemoveReplicas ignored -> {}
            case WorkerEvent.AcquireReplicas ignored -> {}
            case WorkerEvent.RefreshWhoHas ignored -> {}
            case WorkerEvent.StealRequest ignored -> {}
            case WorkerEvent.RemoveWorker ignored -> {}
            case WorkerEvent.TransferFinished ignored -> {}
            case WorkerEvent.TransferFailed ignored -> {}
            case WorkerEvent.TransferBusy ignored -> {}
            case WorkerEvent.DataPlaced ignored -> {}
            case WorkerEvent.TimerFired ignored -> {}
        }
    }

    /// After it.
    void check(List<WorkerInstruction> instructions) {
        WorkerEvent.@Nullable ComputeTask leastUrgent = null;
        boolean begins = false;
        for (WorkerInstruction instruction : instructions) {
            if (instruction instanceof WorkerInstruction.Execute execute) {
                begins = true;
                WorkerEvent.ComputeTask task = asked.get(execute.key());
                require(task != null, "WorkersRunWhatTheyAreGiven", name, execute);
                if (task != null) {
                    running.put(execute.attempt(), new Running(task.resources()));
                    if (leastUrgent == null || leastUrgent.priority().compareTo(task.priority()) < 0) {
                        leastUrgent = task;
                    }
                }
            }
        }
        require(!paused || !begins, "NothingStartsWhilePaused", name, instructions);
        checkPlaces(leastUrgent);
        fetching.check(instructions, paused);
        effects.check(instructions);
    }

    private void checkPlaces(WorkerEvent.@Nullable ComputeTask leastUrgent) {
        int onThreads = 0;
        int returned = 0;
        Map<String, Double> available = new HashMap<>(config.resources());
        for (Running run : running.values()) {
            onThreads += run.longRunning ? 0 : 1;
            returned += run.returned ? 1 : 0;
            run.resources.forEach((resource, amount) -> available.merge(resource, -amount, Double::sum));
        }
        require(onThreads - returned <= config.nthreads(), "NoMoreTasksRunThanThreads", name, onThreads);
        available.forEach((resource, left) -> require(left >= 0, "ResourcesAreNotExceeded", name, resource + left));
        asked.values().removeIf(task -> isOver(state.status(task.key())));
        for (WorkerEvent.ComputeTask task : asked.values()) {
            WorkerTaskStatus status = state.status(task.key());
            boolean couldRun = status == WorkerTaskStatus.READY
                    || (status == WorkerTaskStatus.CONSTRAINED && fits(task.resources(), available));
            if (couldRun) {
                require(paused || onThreads >= config.nthreads(), "FreeThreadsAreUsed", name, task);
                require(
                        leastUrgent == null || leastUrgent.priority().compareTo(task.priority()) <= 0,
                        "TheMostUrgentStartsFirst",
                        name,
                        leastUrgent + " before " + task);
            }
        }
    }

    private static boolean isOver(@Nullable WorkerTaskStatus status) {
        return status == null
                || switch (status) {
                    case WAITING, READY, CONSTRAINED, EXECUTING, LONG_RUNNING, RESUMED -> false;
                    case RELEASED, FETCH, MISSING, FLIGHT, MEMORY, ERROR, CANCELLED -> true;
                };
    }

    private static boolean fits(Map<String, Double> wanted, Map<String, Double> available) {
        return wanted.entrySet().stream()
                .allMatch(each -> available.getOrDefault(each.getKey(), 0.0) >= each.getValue());
    }

    /// When everything has come to rest.
    void atRest() {
        require(state.peersInFlight() == 0 && state.bytesInFlight() == 0, "NothingIsUnderWayAtRest", name, state);
        require(running.isEmpty(), "NothingRunsAtRest", name, running.keySet());
        fetching.atRest();
    }
}
