package io.github.daskjvm.examples.montecarlo;

/// The actor itself, on the worker where it was made.
final class RunningEstimate implements Estimate {
    private final double standardErrorMax;
    private Sample total = Sample.NONE;

    /// @param standardErrorMax with no more than this it is precise enough
    RunningEstimate(double standardErrorMax) {
        this.standardErrorMax = standardErrorMax;
    }

    @Override
    public boolean add(Sample sample) {
        total = total.plus(sample);
        return total.standardError() <= standardErrorMax;
    }

    @Override
    public Sample total() {
        return total;
    }
}
