package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.lab.simulate.Simulation.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// What tests with planted faults do.
final class Planted {
    /// Of a run.
    static final int EVENTS = 2_000;

    private Planted() {}

    static <T> List<T> without(List<T> all, Predicate<T> which) {
        List<T> rest = new ArrayList<>(all);
        rest.removeIf(which);
        return rest;
    }

    /// Fails if none of so many runs does.
    static void find(Tampering fault, int seedsMax) {
        for (int seed = 0; seed < seedsMax; seed++) {
            Outcome outcome = new Simulation(seed, fault).run(EVENTS);
            if (outcome.failed()) {
                System.out.println(fault + " is found by seed " + seed + ": " + outcome.failure());
                return;
            }
        }
        throw new AssertionError(fault + " is not found by " + seedsMax + " seeds");
    }
}
