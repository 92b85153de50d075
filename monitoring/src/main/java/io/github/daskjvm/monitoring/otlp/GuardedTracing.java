package io.github.daskjvm.monitoring.otlp;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.GraphTracing;
import io.github.daskjvm.core.scheduler.TaskState;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A mistake in tracing ends tracing, not the scheduler.
final class GuardedTracing implements GraphTracing {
    private static final Logger log = LoggerFactory.getLogger("distributed.traces");

    private final GraphTracing tracing;
    private boolean broken;

    GuardedTracing(GraphTracing tracing) {
        this.tracing = tracing;
    }

    /// Not guarded: a scheduler that can't trace as it is told to does not start.
    @Override
    public void begins(String address) {
        tracing.begins(address);
    }

    @Override
    public void submitted(Event.UpdateGraph graph, List<TaskState> tasks) {
        guard(() -> tracing.submitted(graph, tasks));
    }

    @Override
    public void given(TaskState task, String worker, long readyNanos) {
        guard(() -> tracing.given(task, worker, readyNanos));
    }

    @Override
    public void finished(TaskState task, Event.TaskFinished event) {
        guard(() -> tracing.finished(task, event));
    }

    @Override
    public void erred(TaskState task, Event.TaskErred event) {
        guard(() -> tracing.erred(task, event));
    }

    @Override
    public void left(TaskState task, boolean workerLost) {
        guard(() -> tracing.left(task, workerLost));
    }

    @Override
    public void changed(TaskState task, TaskStatus from) {
        guard(() -> tracing.changed(task, from));
    }

    @Override
    public void batchEnds() {
        guard(tracing::batchEnds);
    }

    @Override
    public void ends() {
        tracing.ends();
    }

    private void guard(Runnable told) {
        if (broken) {
            return;
        }
        try {
            told.run();
        } catch (RuntimeException e) {
            broken = true;
            log.error("Tracing failed, and no more graphs are traced; the scheduler goes on", e);
        }
    }
}
