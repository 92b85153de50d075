package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/// What clients do to very many tasks, slice by slice.
final class ClientJobs {
    private ClientJobs() {}

    /// The client wants none of these keys any more.
    record Release(SchedulerState state, ClientEntry client, Iterator<TaskKey> keys, String stimulus)
            implements Slices.Job {
        @Override
        public boolean step() {
            Recommendations recommendations = state.transitions.borrow();
            for (int left = state.slices.size; left > 0 && keys.hasNext(); left--) {
                TaskState task = state.tasks.get(keys.next());
                if (task != null) {
                    state.transitions.release(client, task, recommendations);
                }
            }
            state.transitions.run(recommendations, stimulus);
            state.transitions.giveBack(recommendations);
            if (keys.hasNext()) {
                return false;
            }
            ClientEvents.forgetUnused(state, client);
            return true;
        }

        @Override
        public boolean comesBefore(ClientEntry other) {
            return client == other;
        }
    }

    /// The client is gone, or what it wanted before a restart is; it is known to its tasks until it wants none.
    record Leave(SchedulerState state, ClientEntry client, String stimulus) implements Slices.Job {
        @Override
        public boolean step() {
            List<TaskState> some = new ArrayList<>();
            Iterator<TaskState> wants = client.wants.iterator();
            for (int left = state.slices.size; left > 0 && wants.hasNext(); left--) {
                some.add(wants.next());
            }
            var recommendations = new Recommendations();
            for (TaskState task : some) {
                state.transitions.release(client, task, recommendations);
            }
            state.transitions.run(recommendations, stimulus);
            if (!client.wants.isEmpty()) {
                return false;
            }
            state.leaving.remove(client);
            return true;
        }
    }

    /// Cancels keys and what depends on them, as far as only this client wants it, or by force.
    static final class Cancel implements Slices.Job {
        private final SchedulerState state;
        private final Outbox outbox;
        private final ClientEntry client;
        private final Event.CancelKeys event;
        private final Iterator<TaskKey> keys;
        private final Deque<TaskState> open = new ArrayDeque<>();
        private final Set<TaskState> seen = new HashSet<>();

        Cancel(SchedulerState state, Outbox outbox, ClientEntry client, Event.CancelKeys event) {
            this.state = state;
            this.outbox = outbox;
            this.client = client;
            this.event = event;
            this.keys = event.keys().iterator();
        }

        @Override
        public boolean step() {
            List<TaskState> cancelled = new ArrayList<>();
            int left = state.slices.size;
            while (left > 0 && (!open.isEmpty() || keys.hasNext())) {
                left--;
                TaskState task = keys.hasNext() ? state.tasks.get(keys.next()) : open.pop();
                if (task == null || task.status == TaskStatus.FORGOTTEN) {
                    continue;
                }
                boolean alone = task.whoWants.size() == 1 && task.whoWants.contains(client);
                if ((event.force() || alone) && seen.add(task)) {
                    cancelled.add(task);
                    open.addAll(task.dependents);
                }
            }
            cancel(cancelled);
            return open.isEmpty() && !keys.hasNext();
        }

        private void cancel(List<TaskState> tasks) {
            if (tasks.isEmpty()) {
                return;
            }
            var message = new Command.CancelledKeys(keys(tasks));
            for (ClientEntry each : state.clients.values()) {
                outbox.client(each, message);
            }
            var recommendations = new Recommendations();
            for (TaskState task : tasks) {
                for (ClientEntry wanting : event.force() ? List.copyOf(task.whoWants) : List.of(client)) {
                    state.transitions.release(wanting, task, recommendations);
                }
            }
            state.transitions.run(recommendations, event.stimulusId());
        }

        private static List<TaskKey> keys(Collection<TaskState> tasks) {
            List<TaskKey> keys = new ArrayList<>(tasks.size());
            for (TaskState task : tasks) {
                keys.add(task.key);
            }
            return keys;
        }

        @Override
        public boolean comesBefore(ClientEntry other) {
            return event.force() || client == other;
        }
    }

    /// Tries erred tasks again, or the erred ones that they failed for. What has failed once more meanwhile has had its
    /// turn.
    static final class Retry implements Slices.Job {
        private final SchedulerState state;
        private final Event.RetryKeys event;
        private final Iterator<TaskKey> keys;
        private final Deque<TaskState> open = new ArrayDeque<>();
        private final Set<TaskState> seen = new HashSet<>();

        Retry(SchedulerState state, Event.RetryKeys event) {
            this.state = state;
            this.event = event;
            this.keys = event.keys().iterator();
        }

        @Override
        public boolean step() {
            var recommendations = new Recommendations();
            int left = state.slices.size;
            while (left > 0 && (!open.isEmpty() || keys.hasNext())) {
                TaskState task = open.isEmpty() ? state.tasks.get(keys.next()) : open.pop();
                left--;
                if (task != null && task.status != TaskStatus.FORGOTTEN && seen.add(task)) {
                    left -= task.dependencies.size();
                    if (!failedForAnother(task) && task.status == TaskStatus.ERRED) {
                        recommendations.add(task, TaskStatus.WAITING);
                    }
                }
            }
            state.transitions.run(recommendations, event.stimulusId());
            return open.isEmpty() && !keys.hasNext();
        }

        private boolean failedForAnother(TaskState task) {
            boolean any = false;
            for (TaskState dependency : task.dependencies) {
                if (dependency.status == TaskStatus.ERRED) {
                    open.add(dependency);
                    any = true;
                }
            }
            return any;
        }
    }

    /// Forgets what is left when all clients have let go; those have done most of it.
    record ForgetAll(SchedulerState state, String stimulus) implements Slices.Job {
        @Override
        public boolean step() {
            if (!state.looseEnds.isEmpty()) {
                return false;
            }
            var recommendations = new Recommendations();
            int left = state.slices.size;
            for (TaskState task : state.tasks) {
                if (left <= 0) {
                    break;
                }
                left--;
                TaskState last = task;
                while (!last.dependents.isEmpty()) {
                    left--;
                    last = last.dependents.iterator().next();
                }
                recommendations.add(last, TaskStatus.FORGOTTEN);
            }
            state.transitions.run(recommendations, stimulus);
            if (!state.tasks.isEmpty()) {
                return false;
            }
            state.computations.clear();
            return true;
        }
    }
}
