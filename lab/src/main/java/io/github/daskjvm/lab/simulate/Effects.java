package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.ClientEntry;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.Failure;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskPrefix;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an event does at once: told by the event and what was before, compared with what is after. Only for
/// events that come alone, of which there are many: in a batch another one may undo it.
final class Effects {
    private final SchedulerState scheduler;
    private final int allowedFailures;
    private final Attempts attempts;
    private final List<Runnable> checks = new ArrayList<>();

    Effects(SchedulerState scheduler, int allowedFailures, Attempts attempts) {
        this.scheduler = scheduler;
        this.allowedFailures = allowedFailures;
        this.attempts = attempts;
    }

    /// Before the batch is applied.
    void expect(List<Event> batch) {
        checks.clear();
        if (batch.size() == 1 && !scheduler.isInSlices()) {
            expect(batch.getFirst());
        }
    }

    /// After it, unless some of it is yet to come.
    void check() {
        if (!scheduler.isInSlices()) {
            checks.forEach(Runnable::run);
        }
    }

    private static void require(boolean holds, String rule, Object found) {
        if (!holds) {
            throw new Finding(rule, String.valueOf(found));
        }
    }

    private void expect(Event event) {
        switch (event) {
            case Event.WorkerLeft left -> left(left);
            case Event.TaskErred erred -> erred(erred);
            case Event.TaskFinished finished -> finished(finished);
            case Event.TaskLongRunning running -> longRunning(running);
            case Event.WorkerHeartbeat heartbeat -> heartbeat(heartbeat);
            case Event.DataPlaced placed -> checks.add(() -> placed(placed));
            case Event.UpdateGraph graph -> graph(graph);
            case Event.ReplicasAdded added -> added(added);
            case Event.ReplicasDropped dropped -> checks.add(() -> dropped(dropped));
            case Event.ClientDesiresKeys desires -> checks.add(() -> desired(desires));
            case Event.ClientReleasesKeys released -> checks.add(() -> released(released));
            case Event.Restart restart ->
                checks.add(() -> require(scheduler.tasks().isEmpty(), "RestartForgetsAll", scheduler.tasks()));
            case Event.SetResources resources -> checks.add(() -> resources(resources));
            case Event.WorkerStatusChanged changed -> checks.add(() -> status(changed.worker(), changed.status()));
            case Event.RetireWorkers retire ->
                checks.add(() -> retire.workers().forEach(w -> status(w, WorkerStatus.CLOSING_GRACEFULLY)));
            case Event.MemoryManagerSwitched switched ->
                checks.add(() -> require(
                        scheduler.memoryManagerStarted() == switched.on(), "TheMemoryManagerIsSwitched", switched));
            default -> {
                // What it does is checked elsewhere, if anywhere.
            }
        }
    }

    // ---- workers ----

    /// Only those that ran there, and only if nobody expected it, may have killed it.
    private void left(Event.WorkerLeft left) {
        WorkerEntry worker = scheduler.worker(left.worker());
        if (worker == null) {
            return;
        }
        Map<TaskState, Integer> before = new LinkedHashMap<>();
        for (TaskState task : scheduler.tasks()) {
            before.put(task, task.suspicious());
        }
        Set<TaskState> ran = new HashSet<>(worker.processing());
        checks.add(() -> before.forEach((task, suspicious) -> {
            int expected = suspicious + (ran.contains(task) && !left.expected() ? 1 : 0);
            require(task.suspicious() == expected, "TasksAreSuspectedForUnexpectedDeathsAlone", task);
            if (ran.contains(task) && task.blame() == task && task.failure() instanceof Failure.KilledWorkers) {
                require(expected > allowedFailures && !left.expected(), "TasksFailAfterSoManyDeaths", task);
            }
            if (ran.contains(task) && expected > allowedFailures && !left.expected()) {
                // Or it is needed no more, as what needed it fails for another.
                boolean over = task.status() == TaskStatus.ERRED
                        || task.status() == TaskStatus.FORGOTTEN
                        || task.status() == TaskStatus.RELEASED;
                require(over, "TasksFailAfterSoManyDeaths", task);
            }
        }));
    }

    private void status(String address, WorkerStatus status) {
        WorkerEntry worker = scheduler.worker(address);
        require(worker == null || worker.status() == status, "WorkersAreInTheStateThatTheySay", address);
    }

    private void resources(Event.SetResources set) {
        WorkerEntry worker = scheduler.worker(set.worker());
        require(
                worker == null
                        || worker.resources()
                                .entrySet()
                                .containsAll(set.resources().entrySet()),
                "WorkersHaveTheResourcesThatWereSet",
                set);
    }

    // ---- tasks ----

    private @Nullable TaskState present(String worker, TaskKey key, long runId) {
        TaskState task = scheduler.task(key);
        WorkerEntry on = task == null ? null : task.processingOn();
        return on != null && on.address().equals(worker) && attempts.isPresent(key, runId) ? task : null;
    }

    private void erred(Event.TaskErred erred) {
        TaskState task = present(erred.worker(), erred.key(), erred.runId());
        if (task == null || ShuffleTask.of(erred.key()) != null) {
            return;
        }
        int retries = task.retries();
        checks.add(() -> {
            if (retries > 0) {
                require(task.retries() == retries - 1, "RetriesAreCounted", task);
                // Unless it can't be given to a worker again, which is another failure.
                boolean failed = task.status() == TaskStatus.ERRED
                        && task.blame() == task
                        && task.failure() instanceof Failure.Raised;
                require(!failed, "ATaskIsRetried", task);
            } else {
                boolean over = task.status() == TaskStatus.ERRED || task.status() == TaskStatus.FORGOTTEN;
                require(over, "ATaskWithoutRetriesFails", task);
            }
        });
    }

    private void finished(Event.TaskFinished finished) {
        TaskState task = present(finished.worker(), finished.key(), finished.runId());
        if (task == null) {
            return;
        }
        double seconds = prefix(task).durationSeconds();
        for (Event.StartStop each : finished.startStops()) {
            if (each.action().equals("compute")) {
                seconds = average(seconds, each.stop() - each.start());
            }
        }
        double expected = seconds;
        checks.add(() -> {
            if (task.status() == TaskStatus.MEMORY) {
                boolean taken = task.sizeBytes() == finished.sizeBytes()
                        && String.valueOf(task.typeName()).equals(String.valueOf(finished.typeName()));
                require(taken, "ResultsAreAsTheirWorkersSay", task);
            }
            durationIs(task, expected);
        });
    }

    private void longRunning(Event.TaskLongRunning running) {
        TaskState task = scheduler.task(running.key());
        WorkerEntry on = task == null ? null : task.processingOn();
        if (task != null && on != null && on.address().equals(running.worker())) {
            double expected = average(prefix(task).durationSeconds(), running.computeSeconds());
            checks.add(() -> {
                durationIs(task, expected);
                require(on.hasLongRunning(), "WhatSecededIsKnown", task);
            });
        }
    }

    private static double average(double before, double seconds) {
        return before < 0 ? seconds : 0.5 * seconds + 0.5 * before;
    }

    private TaskPrefix prefix(TaskState task) {
        for (TaskPrefix prefix : scheduler.prefixes()) {
            if (prefix.name().equals(task.prefix())) {
                return prefix;
            }
        }
        throw new Finding("PrefixesAreKnown", String.valueOf(task));
    }

    private void durationIs(TaskState task, double expected) {
        double found = prefix(task).durationSeconds();
        boolean same = Math.abs(found - expected) < 1e-9 || (found < 0 && expected < 0);
        require(same, "DurationsAreAveraged", task.prefix() + " takes " + found + ", not " + expected);
    }

    /// What runs for more than twice the average makes it void.
    private void heartbeat(Event.WorkerHeartbeat heartbeat) {
        Map<TaskState, Double> expected = new LinkedHashMap<>();
        Map<String, Double> byPrefix = new LinkedHashMap<>();
        if (scheduler.worker(heartbeat.worker()) == null) {
            return;
        }
        heartbeat.executing().forEach((key, seconds) -> {
            TaskState task = scheduler.task(key);
            if (task != null) {
                double average =
                        byPrefix.getOrDefault(task.prefix(), prefix(task).durationSeconds());
                byPrefix.put(task.prefix(), seconds > 2 * average ? -1 : average);
                expected.put(task, seconds);
            }
        });
        checks.add(() ->
                expected.keySet().forEach(task -> durationIs(task, byPrefix.getOrDefault(task.prefix(), -1.0))));
    }

    // ---- data ----

    private void placed(Event.DataPlaced placed) {
        placed.whoHas().forEach((key, holders) -> {
            Set<WorkerEntry> known = new LinkedHashSet<>();
            for (String holder : holders) {
                WorkerEntry worker = scheduler.worker(holder);
                if (worker != null) {
                    known.add(worker);
                }
            }
            TaskState task = scheduler.task(key);
            boolean wasOnlyToBe = task == null && placed.client() == null; // Who wanted it wanted no more.
            if (known.isEmpty() || wasOnlyToBe) {
                return;
            }
            boolean there = task != null
                    && task.status() == TaskStatus.MEMORY
                    && task.whoHas().containsAll(known)
                    && task.sizeBytes() == placed.sizeBytes().getOrDefault(key, 0L)
                    && task.runtime() == placed.runtime()
                    && (placed.client() == null || isWanted(task, placed.client()));
            require(there, "PlacedDataIsTakenUp", key + ": " + task);
        });
    }

    private static boolean isWanted(TaskState task, String client) {
        for (ClientEntry each : task.whoWants()) {
            if (each.id().equals(client)) {
                return true;
            }
        }
        return false;
    }

    private void added(Event.ReplicasAdded added) {
        WorkerEntry worker = scheduler.worker(added.worker());
        for (TaskKey key : added.keys()) {
            TaskState task = scheduler.task(key);
            if (worker != null && task != null && task.status() == TaskStatus.MEMORY) {
                checks.add(() -> require(task.whoHas().contains(worker), "CopiesAreKnown", task));
            }
        }
    }

    private void dropped(Event.ReplicasDropped dropped) {
        WorkerEntry worker = scheduler.worker(dropped.worker());
        for (TaskKey key : dropped.keys()) {
            TaskState task = scheduler.task(key);
            boolean gone = task == null || worker == null || !task.whoHas().contains(worker);
            require(gone, "DroppedCopiesAreKnownToBeGone", key);
        }
    }

    // ---- clients ----

    private void graph(Event.UpdateGraph graph) {
        List<TaskSpec> fresh = new ArrayList<>();
        Set<TaskKey> seen = new HashSet<>();
        boolean twice = false;
        for (TaskSpec spec : graph.tasks()) {
            TaskState task = scheduler.task(spec.key());
            twice |= !seen.add(spec.key());
            if (task == null) {
                fresh.add(spec);
            }
        }
        if (!twice) {
            checks.add(() -> fresh.forEach(this::isAsSubmitted));
        }
    }

    private void isAsSubmitted(TaskSpec spec) {
        TaskState task = scheduler.task(spec.key());
        if (task == null) {
            return; // Rejected, not needed, or forgotten at once.
        }
        Set<TaskKey> inputs = new HashSet<>();
        task.dependencies().forEach(input -> inputs.add(input.key()));
        boolean same = spec.runSpec().equals(task.runSpec())
                && task.retries() == spec.options().retries()
                && task.runtime() == spec.runtime()
                && task.priority().user() == 0.0 - spec.options().priority()
                && spec.dependencies().containsAll(inputs)
                && (inputs.containsAll(spec.dependencies()) || !isOnItsWay(task));
        require(same, "TasksAreAsTheyWereSubmitted", task);
    }

    /// And so has all its inputs; of others, some may have been forgotten at once.
    private static boolean isOnItsWay(TaskState task) {
        return switch (task.status()) {
            case WAITING, QUEUED, NO_WORKER, PROCESSING -> true;
            case RELEASED, MEMORY, ERRED, FORGOTTEN -> false;
        };
    }

    private void desired(Event.ClientDesiresKeys desires) {
        for (TaskKey key : desires.keys()) {
            TaskState task = scheduler.task(key);
            boolean wanted = task != null && isWanted(task, desires.client());
            require(wanted || desires.client().equals("fire-and-forget"), "WhatIsDesiredIsWanted", key);
        }
    }

    private void released(Event.ClientReleasesKeys released) {
        for (TaskKey key : released.keys()) {
            TaskState task = scheduler.task(key);
            require(task == null || !isWanted(task, released.client()), "WhatIsLetGoIsNotWanted", key);
        }
    }
}
