package io.github.daskjvm.core.worker;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/// What tests of simulations need of the worker's core: its transitions told, and faults in its state. In the core's
/// package, since from nowhere else can they be; and only in a test's class path.
public final class WorkerCorruption {
    private WorkerCorruption() {}

    /// All transitions there are, as `worker: from -> to`.
    public static Set<String> transitions() {
        Set<String> all = new LinkedHashSet<>();
        Transitions.ALLOWED.forEach((from, row) -> row.forEach(to -> all.add(name(from, to))));
        return all;
    }

    private static String name(WorkerTaskStatus from, WorkerTaskStatus to) {
        return "worker: " + from.wireName() + " -> " + to.wireName();
    }

    /// A worker that has each transition that runs told.
    public static WorkerState watched(WorkerConfig config, Consumer<String> told) {
        return new WorkerState(config, (from, to) -> told.accept(name(from, to)));
    }

    /// An input does not know who waits for it, if that is not the only one.
    public static void loseWaiter(WorkerState state) {
        for (WorkerTask task : state.allTasks()) {
            if (task.status == WorkerTaskStatus.FLIGHT && task.waiters.size() > 1) {
                task.waiters.remove(task.waiters.iterator().next());
                return;
            }
        }
    }

    /// Who else has what is in flight is not known any more.
    public static void forgetPeers(WorkerState state) {
        for (WorkerTask task : state.allTasks()) {
            if (task.status == WorkerTaskStatus.FLIGHT && task.whoHas.size() > 1) {
                state.gathering.forgetPeers(task);
                return;
            }
        }
    }
}
