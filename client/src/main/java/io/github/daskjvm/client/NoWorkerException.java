package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.SchedulerFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// There was no worker for the task for too long, or none that it may run on, as the scheduler's setting
/// `distributed.scheduler.no-workers-timeout` says. [#failedKey] is the task that waited.
public final class NoWorkerException extends TaskFailedException {
    private final Duration waited;
    private final List<String> workers;
    private final Map<String, Double> resources;

    NoWorkerException(String key, SchedulerFailure.NoWorker none, Throwable cause) {
        super(key, none.task(), null, cause);
        this.waited = none.waited();
        this.workers = List.of();
        this.resources = Map.of();
    }

    NoWorkerException(String key, SchedulerFailure.NoValidWorker none, Throwable cause) {
        super(key, none.task(), null, cause);
        var all = new ArrayList<String>(none.hosts());
        all.addAll(none.workers());
        this.waited = none.waited();
        this.workers = Collections.unmodifiableList(all);
        this.resources = none.resources();
    }

    /// How long the scheduler has waited for one.
    public Duration waited() {
        return waited;
    }

    /// The hosts and addresses of workers that the task may run on; empty for any.
    public List<String> allowedWorkers() {
        return workers;
    }

    /// The resources that the task needs, how much of each; empty for none.
    public Map<String, Double> neededResources() {
        return resources;
    }
}
