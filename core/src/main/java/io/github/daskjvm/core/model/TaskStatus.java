package io.github.daskjvm.core.model;

/// The states of a task at the scheduler, under Dask's names.
public enum TaskStatus {
    RELEASED("released"),
    WAITING("waiting"),
    NO_WORKER("no-worker"),
    QUEUED("queued"),
    PROCESSING("processing"),
    MEMORY("memory"),
    ERRED("erred"),
    FORGOTTEN("forgotten");

    private final String wireName;

    TaskStatus(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }
}
