package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Makes actions happen in a world.
final class Happenings {
    private final World world;
    private final Graphs graphs;
    private final Copies copies;

    Happenings(World world) {
        this.world = world;
        this.graphs = new Graphs(world);
        this.copies = new Copies(world);
    }

    void happen(Action action) {
        var dice = new Dice(action.salt());
        int who = action.who();
        world.pass(100_000L + dice.below(3_000_000));
        switch (action.kind()) {
            case WORKER_TO_SCHEDULER -> world.read(world.workerLinks.get(who), 1 + dice.below(4));
            case SCHEDULER_TO_WORKER -> onLife(who, w -> w.receive(1 + dice.below(4), dice.oneIn(2)));
            case CLIENT_TO_SCHEDULER -> world.read(world.clientLinks.get(who), 1 + dice.below(4));
            case SCHEDULER_TO_CLIENT -> onClient(who, c -> c.receive(1 + dice.below(6)));
            case MANY_TO_SCHEDULER -> readMany(dice);
            case CALL_TO_SCHEDULER -> {
                if (!world.calls.isEmpty()) {
                    world.call(dice.below(world.calls.size()));
                }
            }
            case FINISH -> onLife(who, w -> w.finish(dice));
            case TRANSFER -> onLife(who, w -> w.transfer(dice, false));
            case PASS_TIME -> world.pass(dice.below(2_000) * 1_000_000L);
            case FAIL -> onLife(who, w -> w.fail(dice));
            case SECEDE -> onLife(who, w -> w.secede(dice));
            case RESCHEDULE -> onLife(who, w -> w.reschedule(dice));
            case SUBMIT, SHUFFLE, RELEASE, CANCEL, RETRY, DESIRE, FIRE_AND_FORGET, SCATTER, REPORT ->
                onClient(who, c -> byClient(action.kind(), c, dice));
            case REPLICATE -> copies.replicate(who, dice);
            case DROP_REPLICA -> copies.dropReplica(dice);
            case REBALANCE -> copies.rebalance(dice);
            case HOLD -> hold(dice);
            case LET_GO -> letGo(dice);
            case HEARTBEAT, PAUSE, RESUME, RESOURCES, LEAVE, RETIRE, EXPIRE, KILL, CUT ->
                onLife(who, w -> byWorker(action.kind(), w, dice));
            case JOIN -> world.join(who);
            case CONNECT -> world.connect(who);
            case VANISH ->
                onClient(who, c -> {
                    c.alive = false;
                    c.link.cut(dice);
                });
            case TIDY -> world.calls.add(Event.MemoryManagerTriggered::new);
            case SWITCH -> {
                boolean on = dice.oneIn(2);
                world.calls.add(() -> new Event.MemoryManagerSwitched(on));
            }
            case RESTRICT -> copies.restrict(graphs, dice);
            case RESTART -> restart(dice);
        }
        world.flush();
    }

    private void onLife(int slot, Consumer<SimWorker> what) {
        SimWorker worker = world.workers[slot];
        if (worker != null && worker.alive) {
            what.accept(worker);
        }
    }

    private void onClient(int slot, Consumer<SimClient> what) {
        SimClient client = world.clients[slot];
        if (client != null && client.alive) {
            what.accept(client);
        }
    }

    private void readMany(Dice dice) {
        for (int i = 2 + dice.below(5); i > 0; i--) {
            int at = dice.below(world.slots + World.CLIENTS);
            world.read(
                    at < world.slots ? world.workerLinks.get(at) : world.clientLinks.get(at - world.slots),
                    1 + dice.below(3));
        }
    }

    private void byWorker(Action.Kind kind, SimWorker worker, Dice dice) {
        switch (kind) {
            case HEARTBEAT -> {
                Event heartbeat = worker.heartbeat(dice);
                world.calls.add(() -> heartbeat);
            }
            case PAUSE -> worker.pause(true);
            case RESUME -> worker.pause(false);
            case RESOURCES -> {
                Map<String, Double> resources = Map.of("R", (double) dice.below(3));
                world.calls.add(() -> new Event.SetResources(worker.address, resources, "resources"));
            }
            case RETIRE -> retire(worker, dice);
            case EXPIRE -> world.remove(worker, dice.oneIn(2), dice);
            case LEAVE -> worker.leave(dice.oneIn(2) ? WorkerStatus.CLOSING_GRACEFULLY : WorkerStatus.CLOSING);
            case KILL -> {
                worker.link.cut(dice);
                worker.die();
            }
            case CUT -> worker.link.cut(dice);
            default -> throw new IllegalArgumentException(kind + " is not for workers");
        }
    }

    /// First others get what it holds; then it is closed, or kept if it cannot be without.
    private void retire(SimWorker worker, Dice dice) {
        if (worker.link != world.streamOf(worker)) {
            return;
        }
        if (!worker.isRetiring()) {
            world.calls.add(() -> new Event.RetireWorkers(List.of(worker.address), "retire"));
            return;
        }
        switch (world.scheduler.retirement(worker.address)) {
            case DONE -> world.remove(worker, true, dice);
            case NO_RECIPIENTS, HOLDS_ACTORS ->
                world.command(worker, new Command.ChangeWorkerStatus(WorkerStatus.RUNNING, "keep"));
            case NONE, MOVING -> {}
        }
    }

    /// Of everything, or of some workers, which have lost all when they are back.
    private void restart(Dice dice) {
        boolean all = dice.oneIn(4);
        if (all) {
            world.calls.add(() -> new Event.Restart("restart"));
        }
        for (int slot = 0; slot < world.slots; slot++) {
            SimWorker worker = world.registered(slot);
            if (worker != null && dice.oneIn(all ? 2 : 6)) {
                world.remove(worker, true, dice);
            }
        }
    }

    // ---- what holds keys as clients do ----

    private static String holder(Dice dice) {
        return dice.oneIn(2) ? "queue-q" : "variable-v";
    }

    /// A future is put into a queue or variable: once its task is known, it is wanted by it as by a client.
    private void hold(Dice dice) {
        String holder = holder(dice);
        TaskKey key = Names.task(dice.below(world.names));
        world.calls.add(() -> {
            if (world.scheduler.task(key) == null) {
                return null;
            }
            world.held(holder).add(key);
            return new Event.ClientDesiresKeys(holder, List.of(key));
        });
    }

    private void letGo(Dice dice) {
        String holder = holder(dice);
        List<TaskKey> some = new ArrayList<>(world.held(holder));
        some.removeIf(key -> dice.oneIn(2));
        world.held(holder).removeAll(some);
        world.calls.add(() -> new Event.ClientReleasesKeys(holder, some, "let-go"));
    }

    // ---- clients ----

    private void byClient(Action.Kind kind, SimClient client, Dice dice) {
        switch (kind) {
            case SUBMIT -> graphs.submit(client, dice);
            case SHUFFLE -> graphs.shuffle(client, dice);
            case RELEASE -> client.letGo(some(client, dice));
            case CANCEL -> {
                List<TaskKey> keys = some(client, dice);
                if (dice.oneIn(3)) {
                    keys.add(Names.task(dice.below(world.names)));
                }
                client.link.sendUp(new Event.CancelKeys(client.id, keys, dice.oneIn(2), "cancel"));
                client.letGo(keys);
            }
            case RETRY -> {
                List<TaskKey> keys = some(client, dice);
                keys.add(Names.task(dice.below(world.names)));
                world.calls.add(() -> new Event.RetryKeys(keys, "retry"));
            }
            case DESIRE -> {
                List<TaskKey> keys = List.of(dice.oneIn(6) ? Names.data(dice) : Names.task(dice.below(world.names)));
                client.hold(keys, SimClient.View.PENDING);
                client.link.sendUp(new Event.ClientDesiresKeys(client.id, keys));
            }
            case FIRE_AND_FORGET ->
                client.link.sendUp(new Event.ClientDesiresKeys("fire-and-forget", some(client, dice)));
            case SCATTER -> copies.scatter(client, dice);
            case REPORT -> {
                for (TaskKey key : some(client, dice)) {
                    client.asked.add(key);
                    client.link.sendUp(new Event.ReportKey(client.id, key));
                }
            }
            default -> throw new IllegalArgumentException(kind + " is not for clients");
        }
    }

    /// Some of what the client has futures of.
    private static List<TaskKey> some(SimClient client, Dice dice) {
        List<TaskKey> some = new ArrayList<>();
        int one = 1 + dice.below(4);
        for (TaskKey key : client.futures.keySet()) {
            if (dice.oneIn(one)) {
                some.add(key);
            }
        }
        return some;
    }
}
