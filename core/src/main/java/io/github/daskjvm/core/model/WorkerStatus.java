package io.github.daskjvm.core.model;

import java.util.Optional;

/// The states of a worker, under Dask's names. Only a running worker is given tasks.
public enum WorkerStatus {
    INIT("init"),
    RUNNING("running"),
    PAUSED("paused"),
    CLOSING_GRACEFULLY("closing_gracefully"),
    CLOSING("closing"),
    CLOSED("closed");

    private final String wireName;

    WorkerStatus(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    /// Empty for a name that is none of Dask's that matter to a scheduler.
    public static Optional<WorkerStatus> ofWireName(String name) {
        for (WorkerStatus status : values()) {
            if (status.wireName.equals(name)) {
                return Optional.of(status);
            }
        }
        return Optional.empty();
    }
}
