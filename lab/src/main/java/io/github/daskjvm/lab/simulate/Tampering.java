package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.worker.WorkerConfig;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerInstruction;
import io.github.daskjvm.core.worker.WorkerState;
import java.util.List;

/// Where a test plants a fault, to see that simulations find it. The core has no such place: a fault changes what goes
/// in and what comes out, or reaches into the state from the core's own package.
interface Tampering {
    Tampering NONE = new Tampering() {};

    default void install(SchedulerState state) {}

    default List<Event> before(SchedulerState state, List<Event> events) {
        return events;
    }

    default List<Command> after(SchedulerState state, List<Event> events, List<Command> commands) {
        return commands;
    }

    /// The core of a worker that begins to live.
    default WorkerState worker(WorkerConfig config) {
        return new WorkerState(config);
    }

    default List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
        return events;
    }

    default List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> instructions) {
        return instructions;
    }
}
