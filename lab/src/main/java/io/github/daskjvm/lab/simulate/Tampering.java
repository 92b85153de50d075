package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerInstruction;
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

    /// What a worker was told, and what it wants done for it. Only to look at.
    default void sawWorker(List<WorkerEvent> events, List<WorkerInstruction> instructions) {}
}
