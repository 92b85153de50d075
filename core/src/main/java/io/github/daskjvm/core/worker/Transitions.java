package io.github.daskjvm.core.worker;

import static io.github.daskjvm.core.worker.WorkerTaskStatus.CANCELLED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.CONSTRAINED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.ERROR;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.EXECUTING;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.FETCH;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.FLIGHT;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.LONG_RUNNING;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.MEMORY;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.MISSING;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.READY;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.RELEASED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.RESUMED;
import static io.github.daskjvm.core.worker.WorkerTaskStatus.WAITING;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/// Which state may follow which. A task starts in `released`, and is forgotten from it.
final class Transitions {
    /// From each state, those that may follow.
    static final Map<WorkerTaskStatus, Set<WorkerTaskStatus>> ALLOWED;

    static {
        var allowed = new EnumMap<WorkerTaskStatus, Set<WorkerTaskStatus>>(WorkerTaskStatus.class);
        allowed.put(RELEASED, EnumSet.of(WAITING, FETCH, MISSING, MEMORY));
        allowed.put(WAITING, EnumSet.of(READY, CONSTRAINED, MEMORY, RELEASED));
        allowed.put(READY, EnumSet.of(EXECUTING, WAITING, MEMORY, RELEASED));
        allowed.put(CONSTRAINED, EnumSet.of(EXECUTING, WAITING, MEMORY, RELEASED));
        allowed.put(EXECUTING, EnumSet.of(MEMORY, ERROR, LONG_RUNNING, CANCELLED, RELEASED));
        allowed.put(LONG_RUNNING, EnumSet.of(MEMORY, ERROR, CANCELLED, RELEASED));
        allowed.put(FETCH, EnumSet.of(FLIGHT, MISSING, WAITING, MEMORY, RELEASED));
        allowed.put(MISSING, EnumSet.of(FETCH, WAITING, MEMORY, RELEASED));
        allowed.put(FLIGHT, EnumSet.of(MEMORY, FETCH, MISSING, CANCELLED, RESUMED));
        allowed.put(MEMORY, EnumSet.of(RELEASED));
        allowed.put(ERROR, EnumSet.of(WAITING, MEMORY, RELEASED));
        allowed.put(CANCELLED, EnumSet.of(RESUMED, FLIGHT, MEMORY, RELEASED));
        allowed.put(RESUMED, EnumSet.of(WAITING, MEMORY, CANCELLED, RELEASED));
        ALLOWED = Collections.unmodifiableMap(allowed);
    }

    private Transitions() {}

    static boolean allowed(WorkerTaskStatus from, WorkerTaskStatus to) {
        return ALLOWED.getOrDefault(from, Set.of()).contains(to);
    }
}
