package io.github.daskjvm.core.scheduler;

/// Something that always holds does not: a defect here, never anybody's input. The state is not to be used further.
public final class BrokenInvariantException extends IllegalStateException {
    private static final long serialVersionUID = 1;
    private final String invariant;

    BrokenInvariantException(Object invariant, String found) {
        super("broken invariant " + invariant.getClass().getSimpleName() + ": " + found);
        this.invariant = invariant.getClass().getSimpleName();
    }

    /// The name of its class.
    public String invariant() {
        return invariant;
    }
}
