package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.lab.simulate.Simulation.Outcome;
import java.util.ArrayList;
import java.util.List;

/// Makes a failing script short: takes out parts of it, large ones first, as long as it fails for the same reason.
/// Source: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input (ddmin).
final class Reducer {
    private final Outcome original;
    private final Tampering tampering;
    private final int attemptsMax;
    private int attempts;

    Reducer(Outcome original, Tampering tampering, int attemptsMax) {
        this.original = original;
        this.tampering = tampering;
        this.attemptsMax = attemptsMax;
    }

    Outcome reduce() {
        Outcome best = original;
        boolean shorter = true;
        while (shorter && attempts < attemptsMax) {
            int before = best.script().size();
            for (int size = before / 2; size >= 1; size /= 2) {
                best = without(best, size);
            }
            shorter = best.script().size() < before;
        }
        return best;
    }

    /// Takes out every part of this size that is not needed, the last one first.
    private Outcome without(Outcome from, int size) {
        Outcome best = from;
        for (int end = best.script().size(); end > 0 && attempts < attemptsMax; end -= size) {
            int last = Math.min(end, best.script().size());
            int start = Math.max(0, last - size);
            List<Action> script = new ArrayList<>(best.script().subList(0, start));
            script.addAll(best.script().subList(last, best.script().size()));
            attempts++;
            Outcome outcome = new Simulation(original.seed(), tampering).run(script);
            if (outcome.failed() && outcome.rule().equals(original.rule())) {
                best = outcome;
            }
        }
        return best;
    }
}
