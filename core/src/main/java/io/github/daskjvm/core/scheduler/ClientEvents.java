package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What clients want, no longer want, cancel, retry and bring.
final class ClientEvents {
    private final SchedulerState state;
    private final Outbox outbox;

    ClientEvents(SchedulerState state, Outbox outbox) {
        this.state = state;
        this.outbox = outbox;
    }

    void connected(Event.ClientConnected event) {
        state.clientOrNew(event.client()).connected = true;
        state.counters.clientsAdded++;
    }

    void disconnected(Event.ClientDisconnected event) {
        ClientEntry client = state.clients.get(event.client());
        if (client == null) {
            return;
        }
        client.connected = false;
        state.clients.remove(event.client());
        state.counters.clientsRemoved++;
        for (Slices.Job job : state.slices.jobs()) {
            if (job instanceof GraphIntake intake && intake.isOf(client)) {
                intake.drop();
            }
        }
        leave(client, "client-disconnected");
    }

    /// Releases what the client, which is known no more, wants.
    private void leave(ClientEntry client, String stimulus) {
        if (client.wants.size() > state.slices.size) {
            state.leaving.add(client);
            state.slices.add(new ClientJobs.Leave(state, client, stimulus));
        } else {
            releaseAll(client, stimulus);
        }
    }

    private void releaseAll(ClientEntry client, String stimulus) {
        var recommendations = new Recommendations();
        for (TaskState task : List.copyOf(client.wants)) {
            state.transitions.release(client, task, recommendations);
        }
        state.transitions.run(recommendations, stimulus);
    }

    void desires(Event.ClientDesiresKeys event) {
        ClientEntry client = state.clientOrNew(event.client());
        boolean onlyToRun = client.id.equals(SchedulerState.FIRE_AND_FORGET);
        var recommendations = new Recommendations();
        for (TaskKey key : event.keys()) {
            TaskState task = GraphUpdates.known(state, key);
            if (task == null && !onlyToRun) {
                // Its graph may still be on its way from another client; until then there is nothing to run.
                task = state.newTask(key, Runtime.PYTHON);
            }
            boolean hasRun = task != null && (task.status == TaskStatus.MEMORY || task.status == TaskStatus.ERRED);
            if (task != null && !(onlyToRun && hasRun)) {
                task.whoWants = task.whoWants.with(client);
                client.wants.add(task);
                report(task, client, outbox);
                if (task.status == TaskStatus.RELEASED && task.runSpec != null) {
                    recommendations.add(task, TaskStatus.WAITING);
                }
            }
        }
        state.transitions.run(recommendations, "client-desires-keys");
        forgetUnused(state, client);
    }

    /// What holds keys as a client does is known as long as it holds any.
    static void forgetUnused(SchedulerState state, ClientEntry client) {
        if (!client.connected && client.wants.isEmpty()) {
            state.clients.remove(client.id, client);
        }
    }

    void releases(Event.ClientReleasesKeys event) {
        ClientEntry client = state.clients.get(event.client());
        if (client == null) {
            return;
        }
        var job = new ClientJobs.Release(state, client, event.keys().iterator(), event.stimulusId());
        if (!job.step()) {
            state.slices.add(job);
        }
    }

    void cancel(Event.CancelKeys event) {
        ClientEntry client = state.clients.get(event.client());
        if (client == null) {
            return;
        }
        var job = new ClientJobs.Cancel(state, outbox, client, event);
        if (!job.step()) {
            state.slices.add(job);
        }
    }

    void report(Event.ReportKey event) {
        ClientEntry client = state.clients.get(event.client());
        if (client == null) {
            return;
        }
        TaskState task = state.tasks.get(event.key());
        if (task == null) {
            outbox.client(client, new Command.CancelledKeys(List.of(event.key())));
        } else {
            report(task, client, outbox);
        }
    }

    /// Tells the client what became of a task that is done, if it is.
    static void report(TaskState task, ClientEntry client, Outbox outbox) {
        switch (task.status) {
            case MEMORY -> outbox.client(client, new Command.KeyInMemory(task.key, task.type));
            case ERRED -> outbox.client(client, FailureTransitions.message(task));
            case FORGOTTEN -> outbox.client(client, new Command.CancelledKeys(List.of(task.key)));
            case RELEASED, WAITING, NO_WORKER, QUEUED, PROCESSING -> {
                // It will be told when there is something to tell.
            }
        }
    }

    void retry(Event.RetryKeys event) {
        var job = new ClientJobs.Retry(state, event);
        if (!job.step()) {
            state.slices.add(job);
        }
    }

    void dataPlaced(Event.DataPlaced event) {
        ClientEntry before = event.client() == null ? null : state.clients.get(event.client());
        if (before != null) {
            state.slices.settle(before);
        }
        var recommendations = new Recommendations();
        for (Map.Entry<TaskKey, List<String>> entry : event.whoHas().entrySet()) {
            TaskKey key = entry.getKey();
            List<WorkerEntry> holders = holders(entry.getValue());
            TaskState task = GraphUpdates.known(state, key);
            if (holders.isEmpty()) {
                lostOnTheWay(event.client(), key, task);
                continue;
            }
            if (task == null) {
                task = state.newTask(key, event.runtime());
            } else if (task.status != TaskStatus.MEMORY && task.status != TaskStatus.RELEASED) {
                state.transitions.step(task, TaskStatus.RELEASED, recommendations);
                recommendations.remove(task);
            }
            if (task.status == TaskStatus.RELEASED) {
                task.options = task.options.withoutActor();
                if (task.runSpec == null) {
                    task.runtime = event.runtime(); // Of one that was only heard of it was a guess.
                }
            }
            state.occupancy.resize(task, event.sizeBytes().getOrDefault(key, -1L));
            for (WorkerEntry worker : holders) {
                state.occupancy.addReplica(worker, task);
            }
            if (event.client() != null) {
                ClientEntry client = state.clientOrNew(event.client());
                task.whoWants = task.whoWants.with(client);
                client.wants.add(task);
            }
            if (task.status == TaskStatus.RELEASED) {
                // Placed data that nobody wants yet stays until somebody who wanted it lets go.
                boolean unwanted = task.whoWants.isEmpty();
                state.transitions.step(task, TaskStatus.MEMORY, recommendations);
                if (unwanted) {
                    recommendations.remove(task);
                }
            } else {
                for (ClientEntry client : task.whoWants) {
                    report(task, client, outbox);
                }
            }
        }
        state.transitions.run(recommendations, event.stimulusId());
    }

    /// All who were given the data are gone already.
    private void lostOnTheWay(@Nullable String id, TaskKey key, @Nullable TaskState task) {
        ClientEntry client = id == null ? null : state.clients.get(id);
        if (client != null && (task == null || !task.whoWants.contains(client))) {
            outbox.client(client, new Command.CancelledKeys(List.of(key)));
        }
    }

    private List<WorkerEntry> holders(List<String> addresses) {
        List<WorkerEntry> holders = new ArrayList<>(addresses.size());
        for (String address : addresses) {
            WorkerEntry worker = state.workers.get(address);
            if (worker != null && worker.status != WorkerStatus.CLOSED) {
                holders.add(worker);
            }
        }
        return holders;
    }

    void restart(Event.Restart event) {
        for (Slices.Job job : state.slices.jobs()) {
            if (job instanceof GraphIntake intake) {
                intake.drop();
            }
        }
        if (state.tasks.size() > state.slices.size || !state.slices.isIdle()) {
            restartInSlices(event);
            return;
        }
        for (ClientEntry client : List.copyOf(state.clients.values())) {
            outbox.client(client, new Command.Restarted());
            releaseAll(client, event.stimulusId());
        }
        var recommendations = new Recommendations();
        for (TaskState task : state.tasks) {
            if (task.dependents.isEmpty()) {
                recommendations.add(task, TaskStatus.FORGOTTEN);
            }
        }
        state.transitions.run(recommendations, event.stimulusId());
        state.computations.clear();
    }

    /// What clients do next comes after it.
    private void restartInSlices(Event.Restart event) {
        for (ClientEntry client : List.copyOf(state.clients.values())) {
            outbox.client(client, new Command.Restarted());
            state.clients.remove(client.id);
            if (client.connected) {
                state.clientOrNew(client.id).connected = true;
                client.connected = false;
            }
            state.leaving.add(client);
            state.slices.add(new ClientJobs.Leave(state, client, event.stimulusId()));
        }
        state.slices.add(new ClientJobs.ForgetAll(state, event.stimulusId()));
        state.slices.holdClientsBack();
    }

    void setRestrictions(Event.SetRestrictions event) {
        for (var entry : event.workers().entrySet()) {
            TaskState task = state.tasks.get(entry.getKey());
            if (task == null) {
                continue;
            }
            task.restrict(entry.getValue());
            if (task.status == TaskStatus.QUEUED || task.status == TaskStatus.NO_WORKER) {
                // Where it may run now decides anew where it belongs.
                state.transitions.transition(task, TaskStatus.WAITING, "set-restrictions");
            }
        }
    }
}
