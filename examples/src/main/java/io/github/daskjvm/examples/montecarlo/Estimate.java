package io.github.daskjvm.examples.montecarlo;

/// What the simulation has come to so far. An actor: it is called from tasks on all workers, one call after the
/// other, so that it needs no lock.
public interface Estimate {
    /// @return whether that is precise enough now
    boolean add(Sample sample);

    /// All that was added.
    Sample total();
}
