package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Makes actions happen in a world.
final class Happenings {
    /// Names of tasks there may be; few, so that they meet.
    static final int KEYS = 240;

    private static final String[] PREFIXES = {"root-", "mid-", "end-"};
    private static final TaskKey[] NAMES = new TaskKey[KEYS];
    private static final int DATA_KEYS = 12;

    static {
        for (int i = 0; i < KEYS; i++) {
            NAMES[i] = TaskKey.of(PREFIXES[i % PREFIXES.length] + i);
        }
    }

    private final World world;

    Happenings(World world) {
        this.world = world;
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
            case SUBMIT, RELEASE, CANCEL, RETRY, DESIRE, FIRE_AND_FORGET, SCATTER, REPORT ->
                onClient(who, c -> byClient(action.kind(), c, dice));
            case REPLICATE -> replicate(who, dice);
            case DROP_REPLICA -> dropReplica(dice);
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
            case RESTRICT -> restrict(dice);
            case RESTART -> world.calls.add(() -> dice.oneIn(4) ? new Event.Restart("restart") : null);
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
            case EXPIRE -> world.remove(worker, false, dice);
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

    // ---- clients ----

    private void byClient(Action.Kind kind, SimClient client, Dice dice) {
        switch (kind) {
            case SUBMIT -> submit(client, dice);
            case RELEASE -> client.letGo(some(client, dice));
            case CANCEL -> {
                List<TaskKey> keys = some(client, dice);
                if (dice.oneIn(3)) {
                    keys.add(NAMES[dice.below(world.names)]);
                }
                client.link.sendUp(new Event.CancelKeys(client.id, keys, dice.oneIn(2), "cancel"));
                client.letGo(keys);
            }
            case RETRY -> {
                List<TaskKey> keys = some(client, dice);
                keys.add(NAMES[dice.below(world.names)]);
                world.calls.add(() -> new Event.RetryKeys(keys, "retry"));
            }
            case DESIRE -> {
                List<TaskKey> keys = List.of(NAMES[dice.below(world.names)]);
                client.hold(keys, SimClient.View.PENDING);
                client.link.sendUp(new Event.ClientDesiresKeys(client.id, keys));
            }
            case FIRE_AND_FORGET ->
                client.link.sendUp(new Event.ClientDesiresKeys("fire-and-forget", some(client, dice)));
            case SCATTER -> scatter(client, dice);
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

    private void submit(SimClient client, Dice dice) {
        int first = dice.below(world.names);
        int count = Math.min(1 + dice.below(dice.oneIn(8) ? 40 : 10), world.names - first);
        List<TaskSpec> specs = new ArrayList<>(count);
        List<TaskKey> wanted = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            List<TaskKey> dependencies = new ArrayList<>(2);
            if (i % PREFIXES.length > 0) {
                for (int d = 1 + dice.below(3); d > 0; d--) {
                    int input = i - 1 - dice.below(Math.min(i, 8));
                    TaskKey key = dice.oneIn(5) ? data(dice) : NAMES[input];
                    boolean there = key == NAMES[input] && input >= first || client.futures.containsKey(key);
                    if ((there || dice.oneIn(20)) && !dependencies.contains(key)) {
                        dependencies.add(key);
                    }
                }
            }
            TaskSpec.TaskOptions options = options(dice, NAMES[i]);
            specs.add(new TaskSpec(NAMES[i], "run", Runtime.PYTHON, dependencies, i, options));
            if (dice.oneIn(3) || i == first + count - 1) {
                wanted.add(NAMES[i]);
            }
        }
        client.hold(wanted, SimClient.View.PENDING);
        TaskKey submitter = dice.oneIn(10) ? NAMES[dice.below(world.names)] : null;
        client.link.sendUp(new Event.UpdateGraph(client.id, specs, wanted, submitter, 60_000_000_000L, "graph"));
    }

    private TaskSpec.TaskOptions options(Dice dice, TaskKey key) {
        return switch (dice.below(10)) {
            case 0 -> options(0, 1 + dice.below(2), null, false, Map.of());
            case 1 -> options(dice.below(3), 0, null, false, Map.of());
            case 2 -> options(0, 0, restriction(dice, key), dice.oneIn(2), Map.of());
            case 4 -> new TaskSpec.TaskOptions(0, 0, null, false, Map.of(), dice.oneIn(2), null, null);
            case 3 -> {
                boolean hopeless = dice.oneIn(20);
                if (hopeless) {
                    world.hopeless.add(key);
                }
                yield options(0, 0, null, false, Map.of("R", hopeless ? 9.0 : 1.0));
            }
            default -> TaskSpec.TaskOptions.NONE;
        };
    }

    private static TaskSpec.TaskOptions options(
            double priority,
            int retries,
            @Nullable List<String> workers,
            boolean allowOthers,
            Map<String, Double> resources) {
        return new TaskSpec.TaskOptions(priority, retries, workers, allowOthers, resources, false, null, null);
    }

    private List<String> restriction(Dice dice, TaskKey key) {
        int slot = dice.below(world.slots);
        return switch (dice.below(16)) {
            case 0 -> {
                world.hopeless.add(key);
                yield List.of("nowhere");
            }
            case 1, 2, 3 -> List.of(SimWorker.host(slot));
            case 4, 5, 6 -> List.of(SimWorker.address(slot));
            default -> List.of("w" + slot, "w" + dice.below(world.slots));
        };
    }

    private static TaskKey data(Dice dice) {
        return TaskKey.of("data-" + dice.below(DATA_KEYS));
    }

    /// Puts data on workers, then tells the scheduler where it still is by then.
    private void scatter(SimClient client, Dice dice) {
        TaskKey key = data(dice);
        List<SimWorker> targets = new ArrayList<>();
        for (int i = 1 + dice.below(2); i > 0; i--) {
            SimWorker target = world.registered(dice.below(world.slots));
            if (target != null && !targets.contains(target)) {
                targets.add(target);
            }
        }
        if (targets.isEmpty() || !world.isConnected(client) || world.isAnywhere(key)) {
            return;
        }
        long size = SimWorker.size(key);
        targets.forEach(target -> target.put(Map.of(key, size)));
        client.hold(List.of(key), SimClient.View.PENDING);
        World.Call place = () -> {
            List<String> addresses = new ArrayList<>();
            for (SimWorker target : targets) {
                if (target.alive && target.stored.containsKey(key)) {
                    addresses.add(target.address);
                }
            }
            Map<TaskKey, List<String>> whoHas = Map.of(key, addresses);
            return new Event.DataPlaced(whoHas, Map.of(key, size), client.id, Runtime.PYTHON, "scatter");
        };
        client.link.sendUp(place);
    }

    // ---- copies and restrictions ----

    private @Nullable TaskState inMemory(Dice dice, int copies) {
        List<TaskState> found = new ArrayList<>();
        for (TaskState task : world.scheduler.tasks()) {
            if (task.status() == TaskStatus.MEMORY && task.whoHas().size() >= copies) {
                found.add(task);
            }
        }
        return found.isEmpty() ? null : found.get(dice.below(found.size()));
    }

    private void replicate(int who, Dice dice) {
        SimWorker target = world.registered(who);
        TaskState task = inMemory(dice, 1);
        if (target != null && task != null) {
            List<String> holders = new ArrayList<>();
            task.whoHas().forEach(holder -> holders.add(holder.address()));
            var copy = new Command.Dependency(task.key(), holders, task.sizeBytes());
            world.command(target, new Command.AcquireReplicas(List.of(copy), "replicate"));
        }
    }

    private void dropReplica(Dice dice) {
        TaskState task = inMemory(dice, 2);
        if (task != null) {
            List<WorkerEntry> holders = new ArrayList<>(task.whoHas());
            SimWorker holder =
                    world.alive(holders.get(dice.below(holders.size())).address());
            if (holder != null) {
                world.command(holder, new Command.RemoveReplicas(List.of(task.key()), "drop"));
            }
        }
    }

    private void restrict(Dice dice) {
        TaskKey key = NAMES[dice.below(world.names)];
        world.hopeless.add(key); // Nobody there may have the resources that it needs.
        Map<TaskKey, @Nullable List<String>> workers = new LinkedHashMap<>();
        workers.put(key, dice.oneIn(2) ? null : restriction(dice, key));
        world.calls.add(() -> new Event.SetRestrictions(workers));
    }
}
