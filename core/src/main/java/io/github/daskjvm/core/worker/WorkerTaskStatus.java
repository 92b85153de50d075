package io.github.daskjvm.core.worker;

/// The states of a task at a worker, under Dask's names.
///
/// - wanted as a result: `waiting` for inputs, `ready` or (if it needs resources) `constrained`, `executing` on a
///   thread or `long-running` beside the threads, then `memory` or `error`;
/// - wanted as an input of another task: `fetch` while a peer is known that has it, `missing` while none is,
///   `flight` while it is being transferred, then `memory`;
/// - `cancelled`: still executing or in flight, though nobody wants it any more; `resumed`: the same, and then it
///   was wanted again, in the other way or after an interrupt.
public enum WorkerTaskStatus {
    RELEASED("released"),
    WAITING("waiting"),
    READY("ready"),
    CONSTRAINED("constrained"),
    EXECUTING("executing"),
    LONG_RUNNING("long-running"),
    FETCH("fetch"),
    MISSING("missing"),
    FLIGHT("flight"),
    MEMORY("memory"),
    ERROR("error"),
    CANCELLED("cancelled"),
    RESUMED("resumed");

    private final String wireName;

    WorkerTaskStatus(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }
}
