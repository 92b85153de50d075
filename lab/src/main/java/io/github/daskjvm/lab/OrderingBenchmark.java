package io.github.daskjvm.lab;

import io.github.daskjvm.core.ordering.Pressure;
import io.github.daskjvm.core.ordering.TaskOrder;
import io.github.daskjvm.lab.Publication.Column;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Our static order of tasks beside that of `dask.order`: results held at the peak and in the mean, if tasks run one at
/// a time, and the CPU time that either takes, graph by graph in turn. The graphs are those of Dask's own tests
/// of its order, and some of collections. Dask's tests are asked about our order as well.
@Command(
        name = "ordering",
        description =
                "Order of tasks, Dask's and ours: results held, and time. Needs root, for stock Dask in a folder of"
                        + " its own.",
        mixinStandardHelpOptions = true)
public final class OrderingBenchmark implements Callable<Integer> {
    private static final List<Column> COLUMNS = List.of(
            new Column("graph", "graph", "%s"),
            new Column("tasks", "tasks", "%,d"),
            new Column("dask_peak", "peak, Dask's", "%,d"),
            new Column("peak", "ours", "%,d"),
            new Column("dask_mean", "mean, Dask's", "%,.1f"),
            new Column("mean", "ours", "%,.1f"),
            new Column("dask_task_ns", "ns a task, Dask's", "%,.0f"),
            new Column("task_ns", "ours", "%,.0f"),
            new Column("times_faster", "times", "%,.0f"),
            new Column("times_faster_least", "least", "%,.0f"),
            new Column("times_faster_most", "most", "%,.0f"));

    @Option(names = "--tasks", description = "of each graph of a collection, about (default ${DEFAULT-VALUE})")
    private int tasks = 10_000;

    @Option(names = "--repeats", description = "times that each order is made of a graph (default ${DEFAULT-VALUE})")
    private int repeats = 5;

    @Option(names = "--publish", description = "put the table into docs/benchmarks.md")
    private boolean publish;

    private final PrintStream out = System.out;
    private final List<Double> timesFaster = new ArrayList<>();
    private int worse;
    private double firstMillis;

    @Override
    public Integer call() throws Exception {
        Setup setup = Setup.of("ordering.py", "");
        Path log = setup.folder().resolve("ordering.log");
        List<String> command = new ArrayList<>(setup.stock());
        command.addAll(List.of("python3", setup.folder().resolve("ordering.py").toString(), "" + tasks, "" + repeats));
        var publication = new Publication(
                "ordering", "./dask-jvm lab ordering --tasks %d --repeats %d".formatted(tasks, repeats), COLUMNS);
        Process python = new ProcessBuilder(command)
                .directory(setup.folder().toFile())
                .redirectError(log.toFile())
                .start();
        try (BufferedReader graphs = python.inputReader(StandardCharsets.US_ASCII);
                BufferedWriter answers = python.outputWriter(StandardCharsets.US_ASCII)) {
            while (true) {
                String name = graphs.readLine();
                String next = graphs.readLine();
                if (name == null) {
                    throw new IOException("Python ended early; its log is " + log);
                }
                if (next == null) {
                    summary(name, publication);
                    break;
                }
                answer(name, doubles(next), ints(graphs), ints(graphs), ints(graphs), answers, publication);
            }
        } finally {
            python.descendants().forEach(ProcessHandle::destroy);
            python.destroy();
        }
        if (publish) {
            publication.publish(Setup.root());
        } else {
            out.println(publication.table());
        }
        return worse == 0 ? 0 : 1;
    }

    private void answer(
            String name,
            double[] daskSeconds,
            int[] daskPriorities,
            int[] starts,
            int[] dependencies,
            BufferedWriter answers,
            Publication publication)
            throws IOException {
        long startNanos = System.nanoTime();
        int[] priorities = TaskOrder.of(starts, dependencies);
        firstMillis = firstMillis == 0 ? (System.nanoTime() - startNanos) / 1e6 : firstMillis;
        answers.write(IntStream.of(priorities).mapToObj(Integer::toString).collect(Collectors.joining(" ")) + "\n");
        answers.flush();
        if (name.isEmpty() || priorities.length == 0) {
            return;
        }
        double[] seconds = seconds(starts, dependencies);
        Arrays.sort(daskSeconds);
        Pressure dask = Pressure.of(starts, dependencies, daskPriorities);
        Pressure ours = Pressure.of(starts, dependencies, priorities);
        worse += ours.peak() > dask.peak() ? 1 : 0;
        double perTask = 1e9 / priorities.length;
        double daskMedian = Setup.median(daskSeconds);
        double median = Setup.median(seconds);
        timesFaster.add(daskMedian / median);
        publication.row(
                name,
                priorities.length,
                dask.peak(),
                ours.peak(),
                dask.mean(),
                ours.mean(),
                daskMedian * perTask,
                median * perTask,
                daskMedian / median,
                daskSeconds[0] / seconds[seconds.length - 1],
                daskSeconds[daskSeconds.length - 1] / seconds[0]);
    }

    /// Of CPU, ascending; each the mean of as many times as make a hundred thousand tasks.
    private double[] seconds(int[] starts, int[] dependencies) {
        double[] seconds = new double[repeats];
        int times = 1 + 100_000 / starts.length;
        for (int warm = 0; warm < 10 * times; warm++) {
            TaskOrder.of(starts, dependencies);
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (int i = 0; i < repeats; i++) {
            long startNanos = threads.getCurrentThreadCpuTime();
            for (int time = 0; time < times; time++) {
                TaskOrder.of(starts, dependencies);
            }
            seconds[i] = (threads.getCurrentThreadCpuTime() - startNanos) / 1e9 / times;
        }
        Arrays.sort(seconds);
        return seconds;
    }

    /// @param line tests that passed with Dask's order; with ours; the names of those that did with Dask's alone
    private void summary(String line, Publication publication) {
        String[] words = line.split(" ");
        publication.note(
                "The first graph of all, with the code not compiled yet, took us %.1f ms.".formatted(firstMillis));
        Spread all =
                Spread.of(timesFaster.stream().mapToDouble(Double::doubleValue).toArray());
        publication.note("Times faster, of all graphs: " + all.text("%.0f") + ".");
        publication.note("Graphs of which our order holds more at its peak: %d.".formatted(worse));
        publication.note("Of the %s of Dask's tests that pass with its order, %s pass with ours. The others: %s."
                .formatted(words[0], words[1], List.of(words).subList(2, words.length)));
    }

    private static double[] doubles(String line) {
        return line.isEmpty()
                ? new double[0]
                : Arrays.stream(line.split(" "))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
    }

    private static int[] ints(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        if (line == null) {
            throw new IOException("Python ended early");
        }
        return line.isEmpty()
                ? new int[0]
                : Arrays.stream(line.split(" ")).mapToInt(Integer::parseInt).toArray();
    }
}
