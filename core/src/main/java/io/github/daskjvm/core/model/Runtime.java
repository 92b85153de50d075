package io.github.daskjvm.core.model;

/// What a task's code needs, and what a worker offers. A task runs only on workers of its own runtime.
public enum Runtime {
    PYTHON("python"),
    JVM("jvm");

    private final String wireName;

    Runtime(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }
}
