package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.monitoring.status.StatusSource;
import io.github.daskjvm.monitoring.status.WorkerGauges;
import io.github.daskjvm.scheduler.peers.EventLog;
import io.github.daskjvm.scheduler.peers.Failures;
import io.github.daskjvm.scheduler.peers.TaskActions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the live page shows of a scheduler in another process. Only the questions about one thing ask it at once.
public final class RemoteStatus implements StatusSource {
    private final RemoteScheduler scheduler;
    private final RemoteDetails details;

    public RemoteStatus(RemoteScheduler scheduler) {
        this.scheduler = scheduler;
        details = new RemoteDetails(scheduler);
    }

    @Override
    public SchedulerSnapshot snapshot() {
        return scheduler.state().snapshot();
    }

    @Override
    public List<WorkerGauges> gauges() {
        return scheduler.state().gauges();
    }

    @Override
    public TaskActions actions() {
        return scheduler.watched().actions();
    }

    @Override
    public Failures failures() {
        return scheduler.watched().failures();
    }

    @Override
    public List<EventLog.Told> events() {
        return scheduler.watched().events().last();
    }

    @Override
    public String address() {
        return scheduler.address();
    }

    @Override
    public @Nullable String notice() {
        return scheduler.notice();
    }

    @Override
    public long generation() {
        return scheduler.watched().generation();
    }

    @Override
    public @Nullable Map<String, @Nullable Object> task(String key) {
        return details.task(key);
    }

    @Override
    public @Nullable Map<String, @Nullable Object> worker(String address) {
        return details.worker(address);
    }

    @Override
    public Map<String, @Nullable Object> graph() {
        return details.graph();
    }
}
