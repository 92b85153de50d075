package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.Rebalancing;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.core.worker.WorkerEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Data that clients place, and copies that are made and dropped by request.
final class Copies {
    private final World world;

    Copies(World world) {
        this.world = world;
    }

    /// Puts data on workers, then tells the scheduler where it still is by then.
    void scatter(SimClient client, Dice dice) {
        TaskKey key = Names.data(dice);
        List<SimWorker> targets = new ArrayList<>();
        for (int i = 1 + dice.below(2); i > 0; i--) {
            SimWorker target = world.registered(dice.below(world.slots));
            if (target != null && !targets.contains(target) && target.runtime == runtime(targets, target)) {
                targets.add(target);
            }
        }
        if (targets.isEmpty() || !world.isConnected(client) || world.isAnywhere(key)) {
            return;
        }
        long size = SimWorker.size(key);
        targets.forEach(target -> target.put(key, SimWorker.VALUE, size));
        // A task places what its client does not want, at first.
        boolean wanted = !dice.oneIn(6);
        client.hold(List.of(key), SimClient.View.PENDING);
        World.Call place = () -> {
            List<String> addresses = new ArrayList<>();
            for (SimWorker target : targets) {
                if (target.alive && target.stored.containsKey(key)) {
                    addresses.add(target.address);
                }
            }
            Map<TaskKey, List<String>> whoHas = Map.of(key, addresses);
            Runtime runtime = targets.getFirst().runtime;
            return new Event.DataPlaced(whoHas, Map.of(key, size), wanted ? client.id : null, runtime, "scatter");
        };
        client.link.sendUp(place);
        if (!wanted) {
            world.unclaimed.add(key);
            client.link.sendUp(new Event.ClientDesiresKeys(client.id, List.of(key)));
        }
    }

    private static Runtime runtime(List<SimWorker> targets, SimWorker target) {
        return targets.isEmpty() ? target.runtime : targets.getFirst().runtime;
    }

    private @Nullable TaskState inMemory(Dice dice, int copies) {
        List<TaskState> found = new ArrayList<>();
        for (TaskState task : world.scheduler.tasks()) {
            if (task.status() == TaskStatus.MEMORY && task.whoHas().size() >= copies) {
                found.add(task);
            }
        }
        return found.isEmpty() ? null : found.get(dice.below(found.size()));
    }

    void replicate(int who, Dice dice) {
        SimWorker target = world.registered(who);
        TaskState task = inMemory(dice, 1);
        if (target != null && task != null && target.runtime == task.runtime()) {
            List<String> holders = new ArrayList<>();
            task.whoHas().forEach(holder -> holders.add(holder.address()));
            var copy = new Command.Dependency(task.key(), holders, task.sizeBytes());
            world.command(target, new Command.AcquireReplicas(List.of(copy), "replicate"));
        }
    }

    void dropReplica(Dice dice) {
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

    // ---- rebalance ----

    void rebalance(Dice dice) {
        Set<String> workers = new LinkedHashSet<>();
        for (WorkerEntry worker : world.scheduler.workers()) {
            if (!dice.oneIn(8)) {
                workers.add(worker.address());
            }
        }
        Rebalancing.Plan plan = Rebalancing.plan(world.scheduler, workers, null);
        for (Rebalancing.Move move : plan.moves()) {
            check(move, workers);
            world.calls.add(() -> copy(move));
        }
    }

    private void check(Rebalancing.Move move, Set<String> workers) {
        TaskState task = world.scheduler.task(move.key());
        WorkerEntry from = world.scheduler.worker(move.from());
        WorkerEntry to = world.scheduler.worker(move.to());
        boolean makesSense = task != null
                && from != null
                && to != null
                && from.runtime() == to.runtime()
                && workers.contains(move.from())
                && workers.contains(move.to())
                && task.whoHas().contains(from)
                && !task.whoHas().contains(to);
        if (!makesSense) {
            throw new Finding("MovesGoFromHoldersToThoseWithout", String.valueOf(move));
        }
    }

    /// Has the worker fetch it; what comes of it is told by whoever asked, not by the worker.
    private @Nullable Event copy(Rebalancing.Move move) {
        SimWorker from = world.alive(move.from());
        SimWorker to = world.alive(move.to());
        WorkerEvent.Received value = from == null ? null : from.stored.get(move.key());
        if (value == null || to == null || world.streamOf(to) != to.link) {
            return null;
        }
        to.gathered.add(move.key());
        to.put(move.key(), value.value(), value.sizeBytes());
        world.calls.add(() -> drop(move));
        return new Event.ReplicasAdded(move.to(), List.of(move.key()), "rebalance");
    }

    /// The copy that was moved, if the other is there.
    private @Nullable Event drop(Rebalancing.Move move) {
        TaskState task = world.scheduler.task(move.key());
        WorkerEntry to = world.scheduler.worker(move.to());
        SimWorker from = world.alive(move.from());
        if (task == null || to == null || from == null || !task.whoHas().contains(to)) {
            return null;
        }
        from.free(move.key());
        return new Event.ReplicasDropped(move.from(), List.of(move.key()), "rebalance");
    }

    void restrict(Graphs graphs, Dice dice) {
        int number = dice.below(world.names);
        TaskKey key = Names.task(number);
        world.hopeless.add(key); // Nobody there may have the resources that it needs.
        Map<TaskKey, @Nullable List<String>> workers = new LinkedHashMap<>();
        workers.put(key, dice.oneIn(2) ? null : graphs.restriction(dice, key, world.runtime(number)));
        world.calls.add(() -> new Event.SetRestrictions(workers));
    }
}
