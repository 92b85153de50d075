package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.core.scheduler.Event;

/// Which operation an event comes from, by Dask's name.
final class EventOps {
    private EventOps() {}

    static String name(Event event) {
        return switch (event) {
            case Event.ClientConnected e -> "register-client";
            case Event.ClientDisconnected e -> "close-client";
            case Event.UpdateGraph e -> "update-graph";
            case Event.LargeGraph e -> "update-graph";
            case Event.Marker e -> "timer";
            case Event.ClientDesiresKeys e -> "client-desires-keys";
            case Event.ClientReleasesKeys e -> "client-releases-keys";
            case Event.CancelKeys e -> "cancel-keys";
            case Event.ReportKey e -> "report-key";
            case Event.RetryKeys e -> "retry";
            case Event.DataPlaced e -> "update-data";
            case Event.Restart e -> "restart";
            case Event.SetRestrictions e -> "set_restrictions";
            case Event.WorkerJoined e -> "register-worker";
            case Event.WorkerLeft e -> "unregister";
            case Event.WorkerStatusChanged e -> "worker-status-change";
            case Event.WorkerHeartbeat e -> "heartbeat_worker";
            case Event.SetResources e -> "set_resources";
            case Event.TaskFinished e -> "task-finished";
            case Event.TaskErred e -> "task-erred";
            case Event.TaskLongRunning e -> "long-running";
            case Event.TaskRescheduled e -> "reschedule";
            case Event.ReplicasAdded e -> "add-keys";
            case Event.ReplicasDropped e -> "release-worker-data";
            case Event.WhoHasRequested e -> "request-refresh-who-has";
            case Event.ShuffleStarted e -> "shuffle_get_or_create";
            case Event.ShuffleJoined e -> "shuffle_get";
            case Event.ShuffleOutputRestricted e -> "shuffle_restrict_task";
            case Event.ShuffleInconsistent e -> "shuffle_inconsistent";
            case Event.RetireWorkers e -> "retire_workers";
            case Event.MemoryManagerSwitched e -> "amm_handler";
            case Event.MemoryManagerTriggered e -> "amm_handler";
            case Event.StealAnswered e -> "steal-response";
            case Event.TimerFired e -> "timer";
        };
    }
}
