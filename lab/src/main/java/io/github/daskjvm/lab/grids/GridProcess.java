package io.github.daskjvm.lab.grids;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/// One process of one of the systems: `SYSTEM member PORT NUMBER THREADS` or `SYSTEM client PORT MEMBERS`. It reads
/// commands, one a line, and answers each by one line that begins with [#ANSWER]; it ends with its input.
public final class GridProcess {
    static final String ANSWER = "@ ";

    private GridProcess() {}

    /// Started by [GridsBenchmark].
    public static void main(String[] arguments) {
        int status = 1;
        try {
            serve(arguments);
            status = 0;
        } catch (Throwable e) {
            e.printStackTrace();
        } finally {
            if (System.getProperty("daskjvm.profile") != null) {
                System.exit(status);
            }
            // However many threads the system keeps.
            Runtime.getRuntime().halt(status);
        }
    }

    private static void serve(String[] arguments) throws Exception {
        String system = arguments[0];
        int port = Integer.parseInt(arguments[2]);
        int number = Integer.parseInt(arguments[3]);
        Commands commands;
        if (arguments[1].equals("member")) {
            int threads = Integer.parseInt(arguments[4]);
            switch (system) {
                case "hazelcast" -> HazelcastGrid.member(port, number, threads);
                case "ignite" -> IgniteGrid.member(port, number, threads);
                default -> DaskGrid.member(port, number, threads);
            }
            commands = words -> usage();
        } else {
            Grid grid = switch (system) {
                case "hazelcast" -> HazelcastGrid.client(port, number);
                case "ignite" -> IgniteGrid.client(port, number);
                default -> DaskGrid.client(port, number);
            };
            commands = words -> run(grid, words);
        }
        answer("ready");
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            answer(commands.run(line.split(" ")));
        }
    }

    private interface Commands {
        String run(String[] words) throws Exception;
    }

    private static void answer(String text) {
        System.out.println(ANSWER + text);
        System.out.flush();
    }

    /// CPU time in nanoseconds, and bytes allocated, since the process started.
    private static String usage() {
        long cpuNanos =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
        long bytes = ManagementFactory.getPlatformMXBean(ThreadMXBean.class).getTotalThreadAllocatedBytes();
        return cpuNanos + " " + bytes;
    }

    private static String run(Grid grid, String[] words) throws Exception {
        return switch (words[0]) {
            case "usage" -> usage();
            case "batch" -> noop(grid::batch, Integer.parseInt(words[1]), Integer.parseInt(words[2]));
            case "submitted" -> noop(grid::submitted, Integer.parseInt(words[1]), Integer.parseInt(words[2]));
            case "round-trip" -> roundTrips(grid, Integer.parseInt(words[1]));
            case "tree" ->
                trees(grid, Integer.parseInt(words[1]), Integer.parseInt(words[2]), Integer.parseInt(words[3]));
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private interface Noop {
        long run(int tasks) throws Exception;
    }

    /// @return seconds
    private static String noop(Noop noop, int tasks, int inFlight) throws Exception {
        long startNanos = System.nanoTime();
        for (int left = tasks; left > 0; left -= inFlight) {
            int wave = Math.min(left, inFlight);
            check(noop.run(wave), wave * (wave - 1L) / 2);
        }
        return seconds(System.nanoTime() - startNanos);
    }

    private static void check(long result, long expected) {
        if (result != expected) {
            throw new IllegalStateException("the results come to " + result + ", not " + expected);
        }
    }

    /// @return seconds, and of one round trip the median and the 99th percentile in microseconds
    private static String roundTrips(Grid grid, int tasks) throws Exception {
        long[] nanos = new long[tasks];
        long startNanos = System.nanoTime();
        for (int i = 0; i < tasks; i++) {
            long from = System.nanoTime();
            check(grid.roundTrip(i), i);
            nanos[i] = System.nanoTime() - from;
        }
        long allNanos = System.nanoTime() - startNanos;
        Arrays.sort(nanos);
        return seconds(allNanos) + " " + nanos[tasks / 2] / 1e3 + " " + nanos[(int) (tasks * 0.99)] / 1e3;
    }

    private static int treesMade;

    /// @return seconds
    private static String trees(Grid grid, int count, int leaves, int sizeBytes) throws Exception {
        long expected = new Tree("", leaves, sizeBytes).expected();
        long startNanos = System.nanoTime();
        for (int i = 0; i < count; i++) {
            CompletableFuture<Long> total = grid.tree(new Tree("tree" + treesMade++, leaves, sizeBytes));
            check(total.get(), expected);
        }
        return seconds(System.nanoTime() - startNanos);
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.6f", nanos / 1e9);
    }
}
