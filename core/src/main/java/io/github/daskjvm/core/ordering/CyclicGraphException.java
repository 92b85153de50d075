package io.github.daskjvm.core.ordering;

import java.util.Arrays;

/// The tasks of a graph can't be ordered: some wait for each other.
public final class CyclicGraphException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /// A large cycle is not printed in full.
    private static final int PRINTED = 20;

    private final int[] cycle;

    CyclicGraphException(int[] cycle) {
        super("tasks depend on each other in a cycle: "
                + Arrays.toString(Arrays.copyOf(cycle, Math.min(cycle.length, PRINTED)))
                + (cycle.length > PRINTED ? " and " + (cycle.length - PRINTED) + " more" : ""));
        this.cycle = cycle;
    }

    /// The numbers of the tasks of one cycle: each depends on the next, and the last on the first.
    public int[] cycle() {
        return cycle.clone();
    }
}
