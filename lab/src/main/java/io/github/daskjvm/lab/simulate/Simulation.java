package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.scheduler.BrokenInvariantException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One run from its first action to the check at its end.
final class Simulation {
    /// Every so many actions, all invariants are checked.
    private static final int FULL_CHECKS = 50;

    /// How a run went.
    ///
    /// @param script what happened, up to the failure if there was one before the end
    /// @param digest of all the scheduler's commands, if it was asked for
    record Outcome(long seed, List<Action> script, @Nullable Throwable failure, long digest) {
        boolean failed() {
            return failure != null;
        }

        /// By which failures are told apart.
        String rule() {
            return switch (failure) {
                case null -> "none";
                case BrokenInvariantException broken -> broken.invariant();
                case Finding finding -> finding.rule();
                default -> where(failure);
            };
        }

        private static String where(Throwable failure) {
            StackTraceElement[] trace = failure.getStackTrace();
            return failure.getClass().getSimpleName() + (trace.length == 0 ? "" : " in " + trace[0].getMethodName());
        }
    }

    private final long seed;
    private final Tampering tampering;
    private boolean digests;
    private @Nullable PrintStream trace;
    private Tally tally = new Tally();

    Simulation(long seed, Tampering tampering) {
        this.seed = seed;
        this.tampering = tampering;
    }

    Simulation withDigest() {
        digests = true;
        return this;
    }

    Simulation withTally(Tally to) {
        tally = to;
        return this;
    }

    Simulation withTrace(PrintStream to) {
        trace = to;
        return this;
    }

    /// A run of so many actions that follow from the seed.
    Outcome run(int events) {
        return run(new ArrayList<>(events), events);
    }

    Outcome run(List<Action> script) {
        return run(script, script.size());
    }

    /// @param script what is to happen; as far as it is shorter than `events`, it is drawn, and added
    private Outcome run(List<Action> script, int events) {
        var world = new World(seed, tampering);
        world.trace = trace;
        world.digests(digests);
        world.tally(tally);
        var happenings = new Happenings(world);
        var chance = new Chance(seed, world);
        int done = 0;
        try {
            while (done < events) {
                if (done == script.size()) {
                    script.add(chance.next());
                }
                Action action = script.get(done++);
                if (trace != null) {
                    trace.println(action);
                }
                happenings.happen(action);
                if (done % FULL_CHECKS == 0) {
                    world.scheduler.checkInvariants();
                }
            }
            if (trace != null) {
                trace.println("AT THE END");
            }
            new EndCheck(world).run();
        } catch (RuntimeException | AssertionError | StackOverflowError e) {
            return new Outcome(seed, script.subList(0, done), e, world.digest());
        }
        return new Outcome(seed, script, null, world.digest());
    }
}
