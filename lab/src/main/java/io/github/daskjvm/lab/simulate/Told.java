package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.ClientEntry;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.GraphPlan;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.lab.simulate.SimClient.View;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// That clients are told what becomes of their tasks: what each was told last of what it wants, whether it has arrived
/// or not.
final class Told {
    private final SchedulerState scheduler;
    private final Map<String, Map<TaskKey, View>> told = new HashMap<>();
    /// Something is, or was before the last batch, applied in slices: when a client wants something is not known.
    private boolean inSlices;

    Told(SchedulerState scheduler) {
        this.scheduler = scheduler;
    }

    void connected(String client) {
        told.put(client, new HashMap<>());
    }

    void disconnected(String client) {
        told.remove(client);
    }

    void tell(String client, Command.ClientMessage message) {
        Map<TaskKey, View> views = told.get(client);
        if (views != null) {
            TaskKey done = inSlices ? SimClient.done(message) : null;
            if (done != null) {
                views.putIfAbsent(done, View.PENDING);
            }
            SimClient.told(message, views);
        }
    }

    /// Before the batch is applied.
    void expect(List<Event> events) {
        inSlices = scheduler.isInSlices();
        for (Event event : events) {
            switch (event) {
                case Event.UpdateGraph graph -> expect(graph.client(), graph.wanted());
                case Event.LargeGraph(Event.UpdateGraph graph, GraphPlan plan) -> {
                    inSlices = true;
                    expect(graph.client(), graph.wanted());
                }
                case Event.ClientDesiresKeys desires -> expect(desires.client(), desires.keys());
                case Event.DataPlaced placed ->
                    expect(placed.client(), placed.whoHas().keySet());
                default -> {
                    // No client wants something new.
                }
            }
        }
    }

    private boolean isWanted(String client, TaskKey key) {
        TaskState task = scheduler.task(key);
        ClientEntry entry = scheduler.client(client);
        return task != null && entry != null && entry.wants().contains(task);
    }

    private void expect(@Nullable String client, Iterable<TaskKey> keys) {
        Map<TaskKey, View> views = told.get(client);
        if (client == null || views == null) {
            return;
        }
        for (TaskKey key : keys) {
            // What it wants already, it may be told again later.
            if (!inSlices || !isWanted(client, key)) {
                views.put(key, View.PENDING);
            }
        }
    }

    /// After it.
    void check(List<Event> events) {
        boolean old = inSlices
                || scheduler.isInSlices()
                || (events.size() > 1 && events.stream().anyMatch(Told::mayTellOfAnEarlierOne));
        for (ClientEntry client : scheduler.clients()) {
            Map<TaskKey, View> views = told.get(client.id());
            if (views == null || !client.connected()) {
                continue;
            }
            for (TaskState task : client.wants()) {
                boolean finished = task.status() == TaskStatus.MEMORY;
                boolean erred = task.status() == TaskStatus.ERRED;
                if (old && !finished && !erred) {
                    // Wanted, told, released or rejected, and wanted again in one batch; told anew when it is done
                    // anew.
                    views.put(task.key(), View.PENDING);
                }
                View view = views.get(task.key());
                if (view == View.ERRED && task.status() == TaskStatus.RELEASED && task.runSpec() == null) {
                    continue; // What it was in was rejected; nobody has said since what it is.
                }
                boolean right = finished == (view == View.FINISHED) && erred == (view == View.ERRED);
                if (!right && !scheduler.isInSlices()) {
                    throw new Finding(
                            "ClientsAreToldWhatBecomesOfTheirTasks", client.id() + " was told " + view + " of " + task);
                }
            }
        }
    }

    private static boolean mayTellOfAnEarlierOne(Event event) {
        return event instanceof Event.UpdateGraph
                || event instanceof Event.ClientReleasesKeys
                || event instanceof Event.CancelKeys
                || event instanceof Event.Restart;
    }
}
