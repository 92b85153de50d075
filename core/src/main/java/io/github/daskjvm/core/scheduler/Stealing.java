package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Work stealing: from time to time, while some workers have too much to do and others too little, tasks are taken
/// back from the former for the latter. The victim is asked first (`steal-request`), as it may have begun the task;
/// only if it says that it gave the task up (`steal-response`) does the thief get it. Until then the task counts as
/// the victim's, and as in flight. Who shall give what to whom is [StealingRound]'s to say.
///
/// Nothing is kept up to date task by task: a round looks at what the victims have then. There is a timer only while
/// a worker of a pool lacks work and another has more than threads, and after a round that found nothing only once
/// something happens. Source of the protocol: `distributed.stealing`.
final class Stealing {
    /// A task that its victim was asked for.
    ///
    /// @param victimSeconds what the victim's occupancy is less by, if the task goes
    /// @param thiefSeconds what the thief's will be more by
    /// @param stimulusId of the request; the answer repeats it
    record InFlight(
            WorkerEntry victim, WorkerEntry thief, double victimSeconds, double thiefSeconds, String stimulusId) {}

    private final SchedulerState state;
    private final Outbox outbox;
    final StealingLevels levels = new StealingLevels();
    final Map<TaskState, InFlight> inFlight = new LinkedHashMap<>();
    private long lastRequest;
    private boolean timerSet;
    private boolean due;

    Stealing(SchedulerState state, Outbox outbox) {
        this.state = state;
        this.outbox = outbox;
    }

    void timerFired() {
        timerSet = false;
        due = true;
    }

    /// At the end of a batch: balances if it is time to, or sees to it that it will be.
    void run() {
        if (timerSet || !state.config.workStealing()) {
            return;
        }
        boolean wanted = false;
        for (Pool pool : state.pools.values()) {
            if (pool.isUneven()) {
                wanted |= !due || balance(pool);
            }
        }
        due = false;
        if (wanted) {
            timerSet = true;
            outbox.timer(Timer.STEALING, state.config.workStealingInterval().toNanos());
        }
    }

    /// @return whether anything was asked for
    private boolean balance(Pool pool) {
        List<Command.Steal> steals = new StealingRound(state, this, pool).run();
        if (steals.isEmpty()) {
            return false;
        }
        outbox.steals(steals);
        return true;
    }

    /// Asks the victim for the task.
    void request(TaskState task, WorkerEntry victim, WorkerEntry thief, double victimSeconds, double thiefSeconds) {
        String stimulusId = "steal-" + lastRequest++;
        inFlight.put(task, new InFlight(victim, thief, victimSeconds, thiefSeconds, stimulusId));
        count(victim, 1, -1, -victimSeconds);
        count(thief, 1, 1, thiefSeconds);
        outbox.worker(victim, new Command.StealRequest(task.key, stimulusId));
    }

    private static void count(WorkerEntry worker, int entries, int tasks, double seconds) {
        worker.inFlight += entries;
        worker.inFlightTasks += tasks;
        worker.inFlightSeconds = worker.inFlight == 0 ? 0 : worker.inFlightSeconds + seconds;
    }

    /// The task is off the victim, or the victim has answered.
    @Nullable
    InFlight remove(TaskState task) {
        if (inFlight.isEmpty()) {
            return null;
        }
        InFlight steal = inFlight.remove(task);
        if (steal != null) {
            count(steal.victim, -1, 1, steal.victimSeconds);
            count(steal.thief, -1, -1, -steal.thiefSeconds);
        }
        return steal;
    }

    /// What the worker will have to do if all that is in flight goes as asked for.
    static double occupancySeconds(WorkerEntry worker) {
        return Math.max(0, worker.occupancySeconds + worker.inFlightSeconds);
    }

    static int processing(WorkerEntry worker) {
        return worker.processing.size() + worker.inFlightTasks;
    }

    void answered(Event.StealAnswered event) {
        TaskState task = state.tasks.get(event.key());
        if (task == null) {
            return; // Released in between; the victim was told.
        }
        InFlight steal = inFlight.get(task);
        if (steal == null || !steal.victim.address.equals(event.worker())) {
            log("already-aborted", task, event.state(), event.worker(), event.stimulusId());
            return;
        }
        if (!steal.stimulusId.equals(event.stimulusId())) {
            log("stale-response", task, event.state(), event.worker(), event.stimulusId());
            return;
        }
        remove(task);
        switch (answer(event.state())) {
            case KEPT -> {
                task.unstealable = true;
                log("already-computing", task, event.state(), steal);
            }
            case GAVE_UP -> {
                if (mayTake(steal.thief, task)) {
                    state.placement.move(task, steal.thief);
                    log("confirm", task, event.state(), steal);
                } else {
                    reschedule(task, event, steal);
                }
            }
            case UNKNOWN -> reschedule(task, event, steal);
        }
    }

    /// Whether the thief is still there and fit. Its restrictions may have changed since it was chosen.
    private boolean mayTake(WorkerEntry thief, TaskState task) {
        return state.workers.get(thief.address) == thief
                && thief.status == WorkerStatus.RUNNING
                && task.mayRunOn(thief);
    }

    private void reschedule(TaskState task, Event.StealAnswered event, InFlight steal) {
        boolean thiefGone = state.workers.get(steal.thief.address) != steal.thief;
        log("reschedule", thiefGone, task.key.value(), event.state(), steal);
        state.transitions.transition(task, TaskStatus.RELEASED, event.stimulusId());
    }

    private enum Answer {
        GAVE_UP,
        KEPT,
        UNKNOWN
    }

    /// @param workerState the state in which the worker had the task, by Dask's names; null if it did not know it
    private static Answer answer(@Nullable String workerState) {
        return switch (workerState) {
            case "ready", "constrained", "waiting" -> Answer.GAVE_UP;
            case "memory", "executing", "long-running", "cancelled", "resumed", "error" -> Answer.KEPT;
            case null, default -> Answer.UNKNOWN;
        };
    }

    private void log(String what, TaskState task, @Nullable String workerState, InFlight steal) {
        log(what, task, workerState, steal.victim.address, steal.thief.address, steal.stimulusId);
    }

    private void log(String what, boolean thiefGone, Object key, @Nullable String workerState, InFlight steal) {
        outbox.log(
                "stealing",
                Arrays.asList(
                        what,
                        thiefGone,
                        key,
                        workerState,
                        steal.victim.address,
                        steal.thief.address,
                        steal.stimulusId));
    }

    private void log(String what, TaskState task, @Nullable String workerState, String... more) {
        List<@Nullable Object> message = new ArrayList<>(more.length + 3);
        message.add(what);
        message.add(task.key.value());
        message.add(workerState);
        message.addAll(List.of(more));
        outbox.log("stealing", message);
    }
}
