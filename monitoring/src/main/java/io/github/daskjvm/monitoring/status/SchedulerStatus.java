package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.scheduler.Scheduler;
import io.github.daskjvm.scheduler.peers.EventLog;
import io.github.daskjvm.scheduler.peers.Failures;
import io.github.daskjvm.scheduler.peers.TaskActions;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the live page shows of a scheduler, which may not be there yet or any more.
public final class SchedulerStatus implements StatusSource {
    private static final TaskActions NO_ACTIONS = new TaskActions();
    private static final int MOVED_MAX = 250;
    private static final Failures NO_FAILURES = new Failures();

    private final Supplier<@Nullable Scheduler> scheduler;

    public SchedulerStatus(Supplier<@Nullable Scheduler> scheduler) {
        this.scheduler = scheduler;
    }

    @Override
    public SchedulerSnapshot snapshot() {
        Scheduler running = scheduler.get();
        return running == null ? SchedulerSnapshot.EMPTY : running.snapshot();
    }

    @Override
    public List<WorkerGauges> gauges() {
        Scheduler running = scheduler.get();
        List<WorkerGauges> gauges = new ArrayList<>();
        for (WorkerInfo worker : running == null ? List.<WorkerInfo>of() : running.workers()) {
            gauges.add(WorkerGauges.of(worker));
        }
        return gauges;
    }

    @Override
    public TaskActions actions() {
        Scheduler running = scheduler.get();
        return running == null ? NO_ACTIONS : running.taskRecords().actions();
    }

    @Override
    public Failures failures() {
        Scheduler running = scheduler.get();
        return running == null ? NO_FAILURES : running.taskRecords().failures();
    }

    @Override
    public List<EventLog.Told> events() {
        Scheduler running = scheduler.get();
        return running == null ? List.of() : running.events().recent();
    }

    @Override
    public String address() {
        Scheduler running = scheduler.get();
        return running == null ? "" : running.address();
    }

    @Override
    public @Nullable Map<String, @Nullable Object> task(String key) {
        Scheduler running = scheduler.get();
        List<TaskKey> keys = KeyText.keys(key);
        return running == null ? null : running.query(state -> Details.task(state, keys));
    }

    @Override
    public @Nullable Map<String, @Nullable Object> worker(String address) {
        Scheduler running = scheduler.get();
        if (running == null) {
            return null;
        }
        Map<String, @Nullable Object> map = running.query(state -> Details.worker(state, address));
        if (map == null) {
            return null;
        }
        for (WorkerInfo worker : running.workers()) {
            if (worker.address().equals(address)) {
                Map<String, Object> executing = new LinkedHashMap<>();
                worker.executing().forEach((key, seconds) -> {
                    TaskKey task = OpenTasks.key(key);
                    executing.put(task == null ? String.valueOf(key) : task.toString(), seconds);
                });
                map.put("executing", executing);
                Map<String, Object> packages = new LinkedHashMap<>();
                worker.packages()
                        .forEach((name, version) -> packages.put(String.valueOf(name), String.valueOf(version)));
                map.put("packages", packages);
            }
        }
        return map;
    }

    @Override
    public List<Moved> moved() {
        Scheduler running = scheduler.get();
        return running == null ? List.of() : running.query(state -> Details.moved(state, MOVED_MAX));
    }

    @Override
    public Map<String, @Nullable Object> graph() {
        Scheduler running = scheduler.get();
        return running == null ? Map.of("kind", "none", "tasks", 0, "groups", 0) : running.query(Details::graph);
    }
}
