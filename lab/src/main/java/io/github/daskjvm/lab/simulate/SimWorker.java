package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.worker.WorkerConfig;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerInstruction;
import io.github.daskjvm.core.worker.WorkerState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One life of a worker: a real [WorkerState], what it stores, runs and fetches. Another life may follow at the same
/// address, and knows nothing of this one.
final class SimWorker {
    /// Of all tasks but those of shuffles, and of data.
    static final Object VALUE = new Object();
    private static final WorkerConfig.Transfers TRANSFERS =
            new WorkerConfig.Transfers(2, 1_000, 2_000, 3_000, 150_000_000L, 1_000_000_000L);
    /// So much of each resource it really has; what it registers may be more.
    private static final double RESOURCE_AMOUNT = 1;

    final String address;
    final String name;
    final int nthreads;
    final Link link;
    private final World world;
    private final WorkerState state;
    private final WorkerRules rules;
    final Runtime runtime;
    final Map<TaskKey, WorkerEvent.Received> stored = new LinkedHashMap<>();
    final ShufflePart.Parts shuffles;
    /// Copies that it was told to fetch by a request, not over its stream. What it says of an earlier copy on
    /// its stream may come after the answer to that; the scheduler then does not know of the new one. So it is
    /// with Dask.
    final Set<TaskKey> gathered = new HashSet<>();
    final List<Run> runs = new ArrayList<>();
    private final Set<Long> seceded = new HashSet<>();
    final List<Transfer> transfers = new ArrayList<>();
    private final List<DueTimer> timers = new ArrayList<>();
    private WorkerStatus status = WorkerStatus.RUNNING;
    boolean alive = true;

    /// A task on a thread of its own.
    ///
    /// @param shuffling what it does if it is a task of a shuffle
    record Run(long attempt, TaskKey key, @Nullable ShuffleWork shuffling) {}

    private record DueTimer(WorkerInstruction.Timer timer, long dueNanos) {}

    /// Values asked of a peer; `answer` is on its way back once it is set.
    static final class Transfer {
        final String peer;
        final List<TaskKey> keys;
        WorkerEvent answer;

        Transfer(String peer, List<TaskKey> keys) {
            this.peer = peer;
            this.keys = keys;
            this.answer = new WorkerEvent.TransferFailed(peer);
        }

        boolean answered;
    }

    SimWorker(World world, int slot) {
        this.world = world;
        this.address = address(slot);
        this.name = "w" + slot;
        this.runtime = world.runtimeOfWorker(slot);
        this.shuffles = new ShufflePart.Parts(world, this);
        this.nthreads = 1 + (slot + slot / 2) % 2;
        this.link = new Link(this, null);
        Map<String, Double> resources = Map.of("R", RESOURCE_AMOUNT);
        WorkerConfig config = new WorkerConfig(address, nthreads, resources, TRANSFERS);
        this.state = world.tampering.worker(config);
        this.rules = new WorkerRules(name, state, config);
        world.tally.life();
    }

    static String address(int slot) {
        return "tcp://10.0.0." + (1 + slot / 2) + ":" + (9000 + slot);
    }

    static String host(int slot) {
        return "10.0.0." + (1 + slot / 2);
    }

    Event.WorkerJoined registration(int slot) {
        Map<String, Double> resources = slot % 2 == 0 ? Map.of("R", 1.0 + slot % 3) : Map.of();
        return new Event.WorkerJoined(
                address,
                name,
                host(slot),
                runtime,
                nthreads,
                world.memoryLimitBytes(slot),
                resources,
                status,
                null,
                "join " + name);
    }

    // ---- what comes from the scheduler ----

    /// Takes so many messages off the link, together or one by one.
    void receive(int count, boolean together) {
        List<WorkerEvent> batch = new ArrayList<>();
        for (int i = 0; i < count && alive && !link.down.isEmpty(); i++) {
            Object message = link.down.poll();
            if (message == Link.CLOSED) {
                handle(batch);
                die();
                return;
            }
            if (message instanceof Command.ChangeWorkerStatus(WorkerStatus wanted, String stimulus)) {
                handle(batch);
                batch = new ArrayList<>();
                status(wanted);
                continue;
            }
            if (message instanceof Command.ShuffleFail fail) {
                shuffles.fail(fail.shuffle(), fail.runId());
                continue;
            }
            batch.add(Translation.event((Command.WorkerMessage) message));
            if (!together) {
                handle(batch);
                batch = new ArrayList<>();
            }
        }
        handle(batch);
    }

    void die() {
        alive = false;
        link.close();
    }

    void status(WorkerStatus wanted) {
        if (status != wanted) {
            status = wanted;
            link.sendUp(new Event.WorkerStatusChanged(address, wanted, "status"));
            handle(List.of(new WorkerEvent.SetPaused(wanted != WorkerStatus.RUNNING)));
        }
    }

    /// Stops and starts taking up work, unless it is about to go.
    void pause(boolean on) {
        if (status == WorkerStatus.PAUSED || status == WorkerStatus.RUNNING) {
            status(on ? WorkerStatus.PAUSED : WorkerStatus.RUNNING);
        }
    }

    /// It was told to go as soon as others have what it holds.
    boolean isRetiring() {
        return status == WorkerStatus.CLOSING_GRACEFULLY;
    }

    void leave(WorkerStatus last) {
        link.goodbye = true;
        status(last);
        die();
    }

    void put(TaskKey key, Object value, long size) {
        handle(List.of(new WorkerEvent.DataPlaced(Map.of(key, new WorkerEvent.Received(value, size)))));
    }

    /// By a request of its own, not over its stream.
    void free(TaskKey key) {
        handle(List.of(new WorkerEvent.FreeKeys(List.of(key))));
    }

    // ---- what its tasks do ----

    void finish(Dice dice) {
        if (runs.isEmpty()) {
            return;
        }
        Run run = runs.get(dice.below(runs.size()));
        if (run.shuffling == null) {
            finish(run, VALUE, dice);
            return;
        }
        switch (run.shuffling.step(dice)) {
            case ShuffleWork.Step.Goes ignored -> {}
            case ShuffleWork.Step.Finishes(Object value) -> finish(run, value, dice);
            case ShuffleWork.Step.Raises(String why) -> fail(run, why);
            case ShuffleWork.Step.Reschedules ignored -> reschedule(run);
        }
    }

    private void finish(Run run, Object value, Dice dice) {
        runs.remove(run);
        double seconds = dice.fraction();
        handle(List.of(new WorkerEvent.TaskFinished(
                run.attempt,
                value,
                size(run.key),
                "int",
                List.of(new WorkerEvent.StartStop("compute", 0, seconds, null)),
                1)));
    }

    /// A task's result is as large wherever it is computed.
    static long size(TaskKey key) {
        return 1 + Math.floorMod(key.toString().hashCode(), 1_500);
    }

    void fail(Dice dice) {
        if (!runs.isEmpty()) {
            fail(runs.get(dice.below(runs.size())), "E()");
        }
    }

    private void fail(Run run, String why) {
        runs.remove(run);
        handle(List.of(new WorkerEvent.TaskErred(run.attempt, new byte[0], why, "", List.of(), 1)));
    }

    /// One that has seceded comes back.
    void secede(Dice dice) {
        if (!runs.isEmpty()) {
            Run run = runs.get(dice.below(runs.size()));
            double seconds = dice.fraction();
            boolean back = seceded.remove(run.attempt);
            if (!back) {
                seceded.add(run.attempt);
            }
            handle(List.of(
                    back
                            ? new WorkerEvent.TaskResumed(run.attempt)
                            : new WorkerEvent.TaskLongRunning(run.attempt, seconds)));
        }
    }

    /// Tasks of shuffles do so by themselves alone.
    void reschedule(Dice dice) {
        Run run = runs.isEmpty() ? null : runs.get(dice.below(runs.size()));
        if (run != null && run.shuffling == null) {
            reschedule(run);
        }
    }

    private void reschedule(Run run) {
        runs.remove(run);
        handle(List.of(new WorkerEvent.TaskRescheduled(run.attempt)));
    }

    Event heartbeat(Dice dice) {
        Map<TaskKey, Double> executing = new LinkedHashMap<>();
        for (Run run : runs) {
            executing.put(run.key, 3 * dice.fraction());
        }
        double bandwidth = 1e6 + dice.below(1_000_000_000);
        return new Event.WorkerHeartbeat(address, executing, bandwidth, dice.below(100_000), dice.below(1_000), 0);
    }

    // ---- transfers ----

    /// Takes one of its transfers a step further: the request to the peer, or the answer back.
    ///
    /// @param smooth nothing goes wrong with it
    void transfer(Dice dice, boolean smooth) {
        if (transfers.isEmpty()) {
            return;
        }
        int at = dice.below(transfers.size());
        Transfer transfer = transfers.get(at);
        if (!transfer.answered) {
            transfer.answered = true;
            SimWorker peer = world.alive(transfer.peer);
            if (peer == null || (!smooth && dice.oneIn(40))) {
                transfer.answer = new WorkerEvent.TransferFailed(transfer.peer);
            } else if (!smooth && dice.oneIn(12)) {
                transfer.answer = new WorkerEvent.TransferBusy(transfer.peer);
            } else {
                transfer.answer = peer.serve(transfer);
            }
            return;
        }
        transfers.remove(at);
        boolean lost = !smooth && dice.oneIn(40);
        handle(List.of(lost ? new WorkerEvent.TransferFailed(transfer.peer) : transfer.answer));
    }

    private WorkerEvent serve(Transfer transfer) {
        Map<TaskKey, WorkerEvent.Received> values = new HashMap<>();
        for (TaskKey key : transfer.keys) {
            WorkerEvent.Received value = stored.get(key);
            if (value != null) {
                values.put(key, value);
            }
        }
        return new WorkerEvent.TransferFinished(transfer.peer, values, 0, 0.001);
    }

    // ---- time ----

    void fireTimers(long nowNanos) {
        if (timers.isEmpty()) {
            return;
        }
        List<WorkerEvent> due = new ArrayList<>();
        for (Iterator<DueTimer> each = timers.iterator(); each.hasNext(); ) {
            DueTimer timer = each.next();
            if (timer.dueNanos <= nowNanos) {
                each.remove();
                due.add(new WorkerEvent.TimerFired(timer.timer));
            }
        }
        handle(due);
    }

    private void handle(List<WorkerEvent> events) {
        if (events.isEmpty() || !alive) {
            return;
        }
        rules.expect(events);
        List<WorkerEvent> tampered = world.tampering.beforeWorker(state, events);
        List<WorkerInstruction> instructions =
                world.tampering.afterWorker(state, state.handle(tampered, world.nowNanos()));
        rules.check(instructions);
        world.tally.worker(events, instructions);
        for (WorkerInstruction instruction : instructions) {
            carryOut(instruction);
        }
        if (world.checksWorkers()) {
            state.checkInvariants();
        }
    }

    private void carryOut(WorkerInstruction instruction) {
        switch (instruction) {
            case WorkerInstruction.Execute execute -> {
                for (TaskKey input : execute.inputs()) {
                    if (!stored.containsKey(input)) {
                        throw new Finding("TasksStartWithTheirInputs", execute.key() + " lacks " + input);
                    }
                }
                runs.add(new Run(execute.attempt(), execute.key(), shuffling(execute)));
            }
            case WorkerInstruction.Interrupt ignored -> {
                // As a thread of Python's: it goes on to its end.
            }
            case WorkerInstruction.Store store ->
                stored.put(store.key(), new WorkerEvent.Received(store.value(), store.sizeBytes()));
            case WorkerInstruction.Drop drop -> stored.remove(drop.key());
            case WorkerInstruction.Fetch fetch -> transfers.add(new Transfer(fetch.worker(), fetch.keys()));
            case WorkerInstruction.SetTimer timer ->
                timers.add(new DueTimer(timer.timer(), world.nowNanos() + timer.delayNanos()));
            case WorkerInstruction.Send send -> link.sendUp(Translation.event(address, send.message()));
        }
    }

    private @Nullable ShuffleWork shuffling(WorkerInstruction.Execute execute) {
        ShuffleTask task = ShuffleTask.of(execute.key());
        if (task == null) {
            return null;
        }
        List<Long> runIds = new ArrayList<>();
        for (TaskKey input : execute.inputs()) {
            WorkerEvent.Received value = stored.get(input);
            if (value != null && value.value() instanceof Long runId) {
                runIds.add(runId);
            }
        }
        return new ShuffleWork(world, this, execute.key(), task, runIds, execute.inputs());
    }

    /// Whether nothing goes on here but what others must bring.
    boolean isQuiet() {
        return runs.isEmpty() && transfers.isEmpty();
    }

    WorkerState state() {
        return state;
    }

    /// When everything has come to rest.
    void checkAtRest() {
        state.checkInvariants();
        rules.atRest();
    }
}
