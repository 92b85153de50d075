package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerMessage;
import java.util.ArrayList;
import java.util.List;

/// What one state machine says, as the other hears it: what the wire does otherwise.
final class Translation {
    private Translation() {}

    static WorkerEvent event(Command.WorkerMessage message) {
        return switch (message) {
            case Command.ComputeTask task ->
                new WorkerEvent.ComputeTask(
                        task.key(),
                        task.runId(),
                        task.priority(),
                        inputs(task.dependencies()),
                        task.runSpec(),
                        task.resources());
            case Command.FreeKeys free -> new WorkerEvent.FreeKeys(free.keys());
            case Command.RemoveReplicas remove -> new WorkerEvent.RemoveReplicas(remove.keys());
            case Command.AcquireReplicas acquire -> new WorkerEvent.AcquireReplicas(inputs(acquire.replicas()));
            case Command.RefreshWhoHas refresh -> new WorkerEvent.RefreshWhoHas(refresh.whoHas());
            case Command.RemoveWorker remove -> new WorkerEvent.RemoveWorker(remove.worker());
            case Command.StealRequest steal -> new WorkerEvent.StealRequest(steal.key(), steal.stimulusId());
            case Command.ShuffleFail shuffle ->
                throw new IllegalArgumentException(shuffle + " is for the worker's shell");
            case Command.ChangeWorkerStatus status ->
                throw new IllegalArgumentException(status + " is for the worker's shell");
        };
    }

    private static List<WorkerEvent.Input> inputs(List<Command.Dependency> dependencies) {
        List<WorkerEvent.Input> inputs = new ArrayList<>(dependencies.size());
        for (Command.Dependency dependency : dependencies) {
            inputs.add(new WorkerEvent.Input(dependency.key(), dependency.workers(), dependency.sizeBytes()));
        }
        return inputs;
    }

    static Event event(String worker, WorkerMessage message) {
        return switch (message) {
            case WorkerMessage.TaskFinished finished ->
                new Event.TaskFinished(
                        worker,
                        finished.key(),
                        finished.runId(),
                        finished.sizeBytes(),
                        null,
                        finished.typeName(),
                        startStops(finished.startStops()),
                        finished.thread(),
                        "finished");
            case WorkerMessage.TaskErred erred ->
                new Event.TaskErred(
                        worker,
                        erred.key(),
                        erred.runId(),
                        "E",
                        null,
                        erred.exceptionText(),
                        erred.tracebackText(),
                        startStops(erred.startStops()),
                        "erred");
            case WorkerMessage.LongRunning running ->
                new Event.TaskLongRunning(worker, running.key(), running.computeSeconds(), "long-running");
            case WorkerMessage.Reschedule reschedule ->
                new Event.TaskRescheduled(worker, reschedule.key(), "reschedule");
            case WorkerMessage.ReleaseWorkerData release ->
                new Event.ReplicasDropped(worker, List.of(release.key()), "release-worker-data");
            case WorkerMessage.AddKeys add -> new Event.ReplicasAdded(worker, add.keys(), "add-keys");
            case WorkerMessage.RequestRefreshWhoHas request ->
                new Event.WhoHasRequested(worker, request.keys(), "request-refresh-who-has");
            case WorkerMessage.StealResponse response ->
                new Event.StealAnswered(
                        worker,
                        response.key(),
                        response.status() == null ? null : response.status().wireName(),
                        response.stimulusId());
        };
    }

    private static List<Event.StartStop> startStops(List<WorkerEvent.StartStop> startStops) {
        List<Event.StartStop> translated = new ArrayList<>(startStops.size());
        for (WorkerEvent.StartStop each : startStops) {
            translated.add(new Event.StartStop(each.action(), each.start(), each.stop(), each.source()));
        }
        return translated;
    }
}
