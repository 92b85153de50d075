package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.ClientEntry;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.core.worker.WorkerTaskStatus;
import io.github.daskjvm.lab.simulate.SimClient.View;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What must be so once everything has come to rest: everybody agrees, what can be done is done, nothing is left over.
final class EndCheck {
    private final World world;
    private final Set<TaskState> stuck = new LinkedHashSet<>();

    EndCheck(World world) {
        this.world = world;
    }

    void run() {
        new Settling(world).run();
        for (int slot = 0; slot < world.slots; slot += 2) {
            String worker = SimWorker.address(slot);
            world.calls.add(() -> new Event.SetResources(worker, Map.of("R", 2.0), "resources"));
        }
        new Settling(world).run();
        world.scheduler.checkInvariants();
        tasksAreDone();
        workersAgree();
        clientsAgree();
        holdersAgree();
        everybodyGoes();
    }

    private static void require(boolean holds, String rule, Object found) {
        if (!holds) {
            throw new Finding(rule, String.valueOf(found));
        }
    }

    private void tasksAreDone() {
        for (TaskState task : world.scheduler.tasks()) {
            if (task.status() == TaskStatus.NO_WORKER) {
                require(world.hopeless.contains(task.key()), "WhatCanRunRuns", task);
                waitForStuck(task);
            }
        }
        for (TaskState task : world.scheduler.tasks()) {
            boolean wanted = !task.whoWants().isEmpty();
            switch (task.status()) {
                case MEMORY -> {
                    require(
                            wanted || isNeeded(task) || world.unclaimed.contains(task.key()),
                            "NothingIsHeldThatNobodyWants",
                            task);
                    require(!isStillToRun(task), "WhatWasOnlyToRunIsNotKept", task);
                    require(task.sizeBytes() == SimWorker.size(task.key()), "SizesAreThoseThatWorkersSaid", task);
                }
                case ERRED -> require(!isStillToRun(task), "WhatWasOnlyToRunIsNotKept", task);
                case NO_WORKER -> {}
                case WAITING -> require(stuck.contains(task), "WhatCanRunRuns", task);
                case RELEASED -> require(!wanted || task.runSpec() == null, "WhatIsWantedIsDone", task);
                case QUEUED, PROCESSING, FORGOTTEN -> require(false, "WhatCanRunRuns", task);
            }
        }
        for (WorkerEntry worker : world.scheduler.workers()) {
            require(worker.occupancySeconds() < 1e-9, "IdleWorkersHaveNoOccupancy", worker);
        }
    }

    private static boolean isStillToRun(TaskState task) {
        for (ClientEntry client : task.whoWants()) {
            if (client.id().equals("fire-and-forget")) {
                return true;
            }
        }
        return false;
    }

    private void waitForStuck(TaskState task) {
        if (stuck.add(task)) {
            for (TaskState each : world.scheduler.tasks()) {
                if (each.status() == TaskStatus.WAITING && each.dependencies().contains(task)) {
                    waitForStuck(each);
                }
            }
        }
    }

    /// Something that cannot run now waits with this as its input.
    private boolean isNeeded(TaskState task) {
        for (TaskState each : stuck) {
            if (each.dependencies().contains(task)) {
                return true;
            }
        }
        return false;
    }

    private void workersAgree() {
        for (int slot = 0; slot < world.slots; slot++) {
            SimWorker worker = world.registered(slot);
            WorkerEntry entry = worker == null ? null : world.scheduler.worker(worker.address);
            if (worker == null || entry == null) {
                throw new Finding("EverybodyComesBack", "w" + slot);
            }
            worker.checkAtRest();
            require(!worker.isRetiring(), "RetirementsEnd", worker.name);
            Set<TaskKey> known = new LinkedHashSet<>();
            entry.hasWhat().forEach(task -> known.add(task.key()));
            for (TaskKey key : known) {
                require(
                        worker.stored.containsKey(key),
                        "WhatTheSchedulerKnowsIsThere",
                        worker.name + " does not hold " + key);
            }
            for (TaskKey key : worker.stored.keySet()) {
                require(
                        known.contains(key) || isOrphan(worker, key),
                        "WhatIsThereTheSchedulerKnows",
                        worker.name + " holds " + key);
            }
            for (Map.Entry<TaskKey, WorkerTaskStatus> entries : statuses(worker)) {
                boolean over =
                        entries.getValue() == WorkerTaskStatus.MEMORY || entries.getValue() == WorkerTaskStatus.ERROR;
                require(over, "WorkersHaveNothingLeftToDo", worker.name + ": " + entries);
            }
        }
    }

    private static List<Map.Entry<TaskKey, WorkerTaskStatus>> statuses(SimWorker worker) {
        List<Map.Entry<TaskKey, WorkerTaskStatus>> entries =
                new ArrayList<>(worker.state().statuses().entrySet());
        entries.sort((a, b) -> a.getKey().toString().compareTo(b.getKey().toString()));
        return entries;
    }

    /// Data that was put on a worker without the scheduler's hearing of it, as the one who put it there was gone.
    private static boolean isOrphan(SimWorker worker, TaskKey key) {
        return Names.isData(key) || worker.gathered.contains(key);
    }

    private void holdersAgree() {
        for (ClientEntry client : world.scheduler.clients()) {
            if (!client.connected() && !client.id().equals("fire-and-forget")) {
                for (TaskState task : client.wants()) {
                    require(
                            world.held(client.id()).contains(task.key()),
                            "NothingIsWantedForAClientThatDoesNotWantIt",
                            client.id() + ": " + task);
                }
            }
        }
    }

    private void clientsAgree() {
        for (SimClient client : world.clients) {
            if (client == null || !client.alive) {
                continue;
            }
            ClientEntry entry = world.scheduler.client(client.id);
            if (entry == null) {
                throw new Finding("ConnectedClientsAreKnown", client.id);
            }
            for (TaskState task : entry.wants()) {
                require(
                        client.futures.containsKey(task.key()),
                        "NothingIsWantedForAClientThatDoesNotWantIt",
                        client.id + ": " + task);
            }
            for (var future : client.futures.entrySet()) {
                TaskState task = world.scheduler.task(future.getKey());
                View view = future.getValue();
                if (task != null && (stuck.contains(task) || isUnheardOf(task))) {
                    continue; // What it was told of an earlier one of this name may be its last news.
                }
                boolean agree = task != null && entry.wants().contains(task)
                        ? (task.status() == TaskStatus.MEMORY) == (view == View.FINISHED)
                                && (task.status() == TaskStatus.ERRED) == (view == View.ERRED)
                        : view != View.PENDING && (view != View.FINISHED || client.asked.contains(future.getKey()));
                require(agree, "ClientsKnowWhatBecameOfTheirTasks", client.id + ": " + future + ", " + task);
            }
        }
    }

    /// Somebody wants it, nobody has said yet what it is.
    private static boolean isUnheardOf(TaskState task) {
        return task.status() == TaskStatus.RELEASED && task.runSpec() == null;
    }

    /// When nobody wants anything, nothing is left.
    private void everybodyGoes() {
        List<TaskKey> all = new ArrayList<>();
        world.scheduler.tasks().forEach(task -> all.add(task.key()));
        for (SimClient client : world.clients) {
            if (client != null && client.alive) {
                client.alive = false;
                client.link.close();
            }
        }
        for (ClientEntry client : world.scheduler.clients()) {
            if (!client.connected()) {
                world.calls.add(() -> new Event.ClientReleasesKeys(client.id(), all, "over"));
            }
        }
        new Settling(world).run();
        for (TaskState task : world.scheduler.tasks()) {
            require(world.unclaimed.contains(task.key()), "WhatNobodyWantsIsForgotten", task);
        }
        require(world.scheduler.clients().isEmpty(), "ClientsThatHoldNothingAreForgotten", world.scheduler.clients());
        require(world.scheduler.shuffles().isEmpty(), "ShufflesEndWithTheirTasks", world.scheduler.shuffles());
        for (SimWorker worker : world.workers) {
            if (worker != null) {
                for (var entry : statuses(worker)) {
                    require(
                            isOrphan(worker, entry.getKey()),
                            "WorkersForgetWhatNobodyWants",
                            worker.name + ": " + entry);
                }
                require(worker.shuffles.isEmpty(), "WorkersForgetShufflesThatAreOver", worker.name);
            }
        }
    }
}
