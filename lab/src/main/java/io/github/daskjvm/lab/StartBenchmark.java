package io.github.daskjvm.lab;

import io.github.daskjvm.lab.Publication.Column;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// How long a scheduler takes from its start until its port accepts a connection: Dask's, ours, and ours without what
/// the build has learned of its start.
@Command(
        name = "start",
        description = "Time and CPU from the start of a scheduler until its port accepts connections: Dask's, ours with"
                + " and without the cache that the build makes. Needs root, for stock Dask in a folder of its own.",
        mixinStandardHelpOptions = true)
final class StartBenchmark implements Callable<Integer> {
    private static final List<Column> COLUMNS = List.of(
            new Column("scheduler", "scheduler", "%s"),
            new Column("seconds", "s until it listens", "%.2f"),
            new Column("seconds_least", "least", "%.2f"),
            new Column("seconds_most", "most", "%.2f"),
            new Column("cpu_seconds", "its CPU until then", "%.2f"),
            new Column("cpu_seconds_least", "least", "%.2f"),
            new Column("cpu_seconds_most", "most", "%.2f"),
            new Column("ratio", "Dask's time to it", "%.1f"),
            new Column("ratio_least", "least", "%.1f"),
            new Column("ratio_most", "most", "%.1f"));

    private static final String DASK = "Dask's";
    private static final long AT_MOST_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    @Option(
            names = "--starts",
            description = "of each, in turn, after one that does not count (default ${DEFAULT-VALUE})")
    private int starts = 10;

    @Option(names = "--publish", description = "put the table into docs/benchmarks.md")
    private boolean publish;

    private record Measured(double seconds, double cpuSeconds) {}

    private record Kind(List<String> command, Map<String, String> environment) {}

    @Override
    public Integer call() throws Exception {
        Publication publication = measure(Setup.of("zero.py", ""), starts);
        System.out.println(publication.table());
        if (publish) {
            publication.publish(Setup.root());
        }
        return 0;
    }

    static Publication measure(Setup setup, int starts) throws Exception {
        Map<String, Kind> kinds = new LinkedHashMap<>();
        kinds.put(DASK, new Kind(setup.dask(), Map.of()));
        if (hasCache()) {
            kinds.put("ours", new Kind(setup.jvm(0), Map.of()));
        }
        kinds.put("ours, without the cache", new Kind(setup.jvm(0), Map.of("JDK_JAVA_OPTIONS", "-XX:AOTMode=off")));
        Map<String, List<Measured>> all = new LinkedHashMap<>();
        for (int round = 0; round <= starts; round++) {
            for (var kind : kinds.entrySet()) {
                Measured measured = start(kind.getValue(), setup);
                System.out.printf(
                        "%-24s %.3f s, CPU %.2f s%s%n",
                        kind.getKey(), measured.seconds(), measured.cpuSeconds(), round == 0 ? " (first)" : "");
                if (round > 0) {
                    all.computeIfAbsent(kind.getKey(), k -> new ArrayList<>()).add(measured);
                }
            }
        }
        var publication = new Publication("start", "./dask-jvm lab start --starts " + starts, COLUMNS);
        all.forEach((name, measured) -> report(name, measured, all.getOrDefault(DASK, List.of()), publication));
        if (!hasCache()) {
            publication.note("There was no cache: the build makes it unless DASK_JVM_TRAINING is no.");
        }
        return publication;
    }

    /// Whether the build has left one.
    private static boolean hasCache() throws Exception {
        try (Stream<Path> files = Files.list(Setup.root().resolve("cli/target"))) {
            return files.anyMatch(file -> file.toString().endsWith(".aot"));
        }
    }

    private static Measured start(Kind kind, Setup setup) throws IOException, InterruptedException {
        int port = Setup.freePort();
        List<String> command = kind.command().stream()
                .map(word -> word.equals("PORT") ? String.valueOf(port) : word)
                .toList();
        var builder = new ProcessBuilder(command)
                .directory(setup.folder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(setup.folder().resolve("start.log").toFile());
        builder.environment().putAll(kind.environment());
        long startNanos = System.nanoTime();
        Process process = builder.start();
        try {
            while (!accepts(port)) {
                if (!process.isAlive() || System.nanoTime() - startNanos > AT_MOST_NANOS) {
                    throw new IOException("it does not listen; its log is in " + setup.folder());
                }
                LockSupport.parkNanos(LOOK_NANOS);
            }
            return new Measured((System.nanoTime() - startNanos) / 1e9, ProcessCpu.seconds(process.toHandle()));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            process.waitFor();
        }
    }

    private static boolean accepts(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static void report(String name, List<Measured> measured, List<Measured> dask, Publication publication) {
        double[] seconds = measured.stream().mapToDouble(Measured::seconds).toArray();
        Spread time = Spread.of(seconds);
        Spread cpu =
                Spread.of(measured.stream().mapToDouble(Measured::cpuSeconds).toArray());
        Spread ratio = name.equals(DASK)
                ? Publication.NONE
                : Spread.ofRatios(dask.stream().mapToDouble(Measured::seconds).toArray(), seconds);
        publication.row(
                name,
                time.median(),
                time.least(),
                time.most(),
                cpu.median(),
                cpu.least(),
                cpu.most(),
                ratio.median(),
                ratio.least(),
                ratio.most());
    }
}
