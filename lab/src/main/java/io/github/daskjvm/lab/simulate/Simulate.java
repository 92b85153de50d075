package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.lab.simulate.Simulation.Outcome;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `./dask-jvm lab simulate`: runs seeds; prints one that fails, makes it short and prints that.
@Command(
        name = "simulate",
        description = "Runs the cores of scheduler and workers with clients and connections simulated.",
        mixinStandardHelpOptions = true)
public final class Simulate implements Callable<Integer> {
    private static final int REDUCTIONS_MAX = 4_000;

    @Option(names = "--seed", description = "The first seed; by default another one every time.")
    @Nullable
    Long seed;

    @Option(names = "--seeds", description = "How many seeds, one after the other (default: ${DEFAULT-VALUE}).")
    int seeds = 1;

    @Option(names = "--events", description = "Actions in each run (default: ${DEFAULT-VALUE}).")
    int events = 2_000;

    @Option(names = "--threads", description = "Runs at a time (default: ${DEFAULT-VALUE}).")
    int threads = 1;

    @Option(names = "--failures", description = "Stop after so many failures (default: ${DEFAULT-VALUE}).")
    int failuresMax = 1;

    @Option(names = "--replay", description = "Run the script in this file instead.")
    @Nullable
    Path replay;

    @Option(names = "--out", description = "Where to write the short script of a failure.")
    @Nullable
    Path out;

    @Option(names = "--trace", description = "Print every event and command; for one seed or a script.")
    boolean trace;

    @Option(names = "--no-reduce", description = "Leave a failing script as long as it is.")
    boolean keep;

    private final PrintStream console = System.out;
    private final AtomicInteger failures = new AtomicInteger();
    private final Tally tally = new Tally();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (replay != null) {
            ScriptFile file = ScriptFile.read(replay);
            Outcome outcome = simulation(file.seed()).run(file.script());
            report(outcome);
            return outcome.failed() ? 1 : 0;
        }
        long first = seed == null ? System.nanoTime() : seed;
        console.println("seed " + first + (seeds > 1 ? " and " + (seeds - 1) + " after it" : ""));
        long started = System.nanoTime();
        int ran = runAll(first);
        double seconds = (System.nanoTime() - started) / 1e9;
        console.printf(
                "%d seeds of %d actions in %.1f s, %.1f ms of a thread each; %d failed%n",
                ran, events, seconds, 1e3 * seconds * threads / Math.max(1, ran), failures.get());
        console.println(tally);
        return failures.get() == 0 ? 0 : 1;
    }

    private Simulation simulation(long of) {
        var simulation = new Simulation(of, Tampering.NONE).withDigest().withTally(tally);
        return trace ? simulation.withTrace(console) : simulation;
    }

    private int runAll(long first) throws InterruptedException {
        var next = new AtomicLong(first);
        var ran = new AtomicInteger();
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            running.add(Thread.ofPlatform().name("simulate-" + i).start(() -> {
                for (long mine = next.getAndIncrement();
                        mine - first < seeds && failures.get() < failuresMax;
                        mine = next.getAndIncrement()) {
                    Outcome outcome = seeds == 1
                            ? simulation(mine).run(events)
                            : new Simulation(mine, Tampering.NONE)
                                    .withTally(tally)
                                    .run(events);
                    ran.incrementAndGet();
                    if (outcome.failed() || seeds == 1) {
                        report(outcome);
                    }
                }
            }));
        }
        for (Thread thread : running) {
            thread.join();
        }
        return ran.get();
    }

    private synchronized void report(Outcome outcome) {
        if (!outcome.failed()) {
            console.printf("seed %d holds; digest %016x%n", outcome.seed(), outcome.digest());
            return;
        }
        failures.incrementAndGet();
        console.println("seed " + outcome.seed() + " fails after "
                + outcome.script().size() + " actions: " + outcome.failure());
        if (keep || trace) {
            return;
        }
        Outcome shorter = new Reducer(outcome, Tampering.NONE, REDUCTIONS_MAX).reduce();
        console.println("# " + shorter.script().size() + " actions suffice: " + shorter.failure());
        String text = new ScriptFile(shorter.seed(), shorter.script()).text();
        console.print(text);
        if (out != null) {
            try {
                Files.writeString(out, text);
            } catch (IOException e) {
                console.println("cannot write " + out + ": " + e);
            }
        }
    }
}
