package io.github.daskjvm.lab.simulate;

/// A sequence of numbers that follows from its seed on every machine: SplitMix64, whose published constants these are.
final class Dice {
    private long state;

    Dice(long seed) {
        state = seed;
    }

    long next() {
        state += 0x9E3779B97F4A7C15L;
        long mixed = state;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /// @return from 0 up to but without the bound
    int below(int bound) {
        return (int) ((next() >>> 33) % bound);
    }

    boolean oneIn(int n) {
        return below(n) == 0;
    }

    double fraction() {
        return (next() >>> 11) * 0x1.0p-53;
    }
}
