package io.github.daskjvm.lab;

import io.github.daskjvm.lab.Publication.Column;
import io.github.daskjvm.lab.StockCluster.Run;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// What `lab stock` has measured, as a table.
final class StockReport {
    private static final List<Column> COLUMNS = List.of(
            new Column("graph", "graph", "%s"),
            new Column("tasks", "tasks", "%,d"),
            new Column("task_ms", "each sleeps, ms", "%d"),
            new Column("scheduler", "scheduler", "%s"),
            new Column("makespan_s", "makespan, s", "%.2f"),
            new Column("makespan_least_s", "least", "%.2f"),
            new Column("makespan_most_s", "most", "%.2f"),
            new Column("scheduler_cpu_us", "scheduler's CPU, µs a task", "%,.1f"),
            new Column("scheduler_cpu_least_us", "least", "%,.1f"),
            new Column("scheduler_cpu_most_us", "most", "%,.1f"),
            new Column("scheduler_cpu_first_us", "in the first run", "%,.1f"),
            new Column("unpacking_cpu_us", "Python's for it", "%,.1f"),
            new Column("both_cpu_us", "both", "%,.1f"),
            new Column("workers_cpu_us", "workers'", "%,.0f"),
            new Column("client_cpu_us", "client's", "%,.1f"),
            new Column("makespan_ratio", "makespan, ours to Dask's", "%,.2f"),
            new Column("makespan_ratio_least", "least", "%,.2f"),
            new Column("makespan_ratio_most", "most", "%,.2f"),
            new Column("cpu_ratio", "CPU of both, Dask's to ours", "%,.1f"),
            new Column("cpu_ratio_least", "least", "%,.1f"),
            new Column("cpu_ratio_most", "most", "%,.1f"),
            new Column("workers_ratio", "workers' CPU, ours to Dask's", "%,.2f"));

    /// @param tasks asked for
    /// @param scheduler `dask` or `jvm`
    record Case(String graph, int tasks, int milliseconds, String scheduler) {
        Case ofDask() {
            return new Case(graph, tasks, milliseconds, "dask");
        }
    }

    /// @param unpackingCpuSeconds of the workers, for the scheduler
    record Measured(Case what, Run run, double unpackingCpuSeconds) {
        double unpackingMicrosPerTask() {
            return unpackingCpuSeconds * 1e6 / run.tasks();
        }

        double bothMicrosPerTask() {
            return run.schedulerMicrosPerTask() + unpackingMicrosPerTask();
        }

        /// Without what they unpacked.
        double workersMicrosPerTask() {
            return (run.workersCpuSeconds() - unpackingCpuSeconds) * 1e6 / run.tasks();
        }

        double clientMicrosPerTask() {
            return run.clientCpuSeconds() * 1e6 / run.tasks();
        }
    }

    private final List<String> graphs;
    private final List<Integer> lengths;
    private final Map<Case, List<Measured>> measured = new LinkedHashMap<>();
    private final Map<Case, List<Measured>> first = new LinkedHashMap<>();
    private final Map<String, Double> cpuSeconds = new LinkedHashMap<>();
    private final Map<String, Long> tasksRun = new LinkedHashMap<>();

    StockReport(List<String> graphs, List<Integer> lengths) {
        this.graphs = graphs;
        this.lengths = lengths;
    }

    /// A run before those that count.
    ///
    /// @param number from 0
    void addWarmUp(int number, Measured one) {
        if (number == 0) {
            first.computeIfAbsent(one.what(), what -> new ArrayList<>()).add(one);
        }
        countTasks(one);
    }

    /// A run that counts.
    void add(Measured one) {
        measured.computeIfAbsent(one.what(), what -> new ArrayList<>()).add(one);
        countTasks(one);
    }

    private void countTasks(Measured one) {
        if (one.what().milliseconds() == 0) {
            tasksRun.merge(one.what().scheduler(), one.run().tasks(), Long::sum);
        }
    }

    /// @param seconds of CPU that a scheduler took from its start until all tasks without sleep were done
    void addStart(String scheduler, double seconds) {
        cpuSeconds.merge(scheduler, seconds, Double::sum);
    }

    /// @return the table, plots where both were measured, and what all runs cost together
    Publication publication(String name, String command) throws IOException {
        var publication = new Publication(name, command, COLUMNS);
        for (String graph : graphs) {
            for (int length : lengths) {
                for (int count : counts(length)) {
                    row(new Case(graph, count, length, "dask"), publication);
                    row(new Case(graph, count, length, "jvm"), publication);
                }
            }
        }
        if (cpuSeconds.size() == 2) {
            plots(publication);
        }
        together(publication);
        return publication;
    }

    private void row(Case what, Publication publication) {
        List<Measured> runs = measured.getOrDefault(what, List.of());
        if (runs.isEmpty()) {
            return;
        }
        List<Measured> dask =
                what.scheduler().equals("jvm") ? measured.getOrDefault(what.ofDask(), List.of()) : List.of();
        Spread makespan = of(runs, m -> m.run().seconds());
        Spread cpu = of(runs, m -> m.run().schedulerMicrosPerTask());
        Spread longer = ratio(runs, dask, m -> m.run().seconds());
        Spread cheaper = ratio(dask, runs, Measured::bothMicrosPerTask);
        publication.row(
                what.graph(),
                runs.getFirst().run().tasks(),
                what.milliseconds(),
                what.scheduler().equals("jvm") ? "ours" : "Dask's",
                makespan.median(),
                makespan.least(),
                makespan.most(),
                cpu.median(),
                cpu.least(),
                cpu.most(),
                of(first.getOrDefault(what, List.of()), m -> m.run().schedulerMicrosPerTask())
                        .median(),
                of(runs, Measured::unpackingMicrosPerTask).median(),
                of(runs, Measured::bothMicrosPerTask).median(),
                of(runs, Measured::workersMicrosPerTask).median(),
                of(runs, Measured::clientMicrosPerTask).median(),
                longer.median(),
                longer.least(),
                longer.most(),
                cheaper.median(),
                cheaper.least(),
                cheaper.most(),
                ratio(runs, dask, Measured::workersMicrosPerTask).median());
    }

    /// How many tasks were asked for.
    private List<Integer> counts(int length) {
        return measured.keySet().stream()
                .filter(what -> what.milliseconds() == length)
                .map(Case::tasks)
                .distinct()
                .sorted()
                .toList();
    }

    private void plots(Publication publication) {
        for (int length : lengths) {
            for (int count : counts(length)) {
                String lines =
                        " of %d ms, about %,d; the first line is ours, the second Dask's".formatted(length, count);
                if (length == 0) {
                    publication.plot(
                            "CPU of scheduler and unpacking, µs a task" + lines,
                            graphs,
                            lines(count, length, Measured::bothMicrosPerTask));
                }
                publication.plot(
                        "Makespan in seconds, tasks" + lines,
                        graphs,
                        lines(count, length, m -> m.run().seconds()));
            }
        }
    }

    private List<double[]> lines(int count, int length, ToDoubleFunction<Measured> measure) {
        return List.of(medians("jvm", count, length, measure), medians("dask", count, length, measure));
    }

    private double[] medians(String scheduler, int count, int length, ToDoubleFunction<Measured> measure) {
        return graphs.stream()
                .mapToDouble(graph -> of(
                                measured.getOrDefault(new Case(graph, count, length, scheduler), List.of()), measure)
                        .median())
                .toArray();
    }

    private void together(Publication publication) {
        cpuSeconds.forEach((scheduler, seconds) -> {
            long count = tasksRun.getOrDefault(scheduler, 0L);
            publication.note(String.format(
                    Locale.ROOT,
                    "All runs without sleep together, start-up and warm-up included: %s scheduler took %.1f s of CPU for"
                            + " %,d tasks, %.1f µs a task.",
                    scheduler.equals("jvm") ? "our" : "Dask's",
                    seconds,
                    count,
                    seconds * 1e6 / count));
        });
    }

    private static Spread of(List<Measured> runs, ToDoubleFunction<Measured> measure) {
        return runs.isEmpty() ? Publication.NONE : Spread.of(values(runs, measure));
    }

    private static Spread ratio(List<Measured> these, List<Measured> those, ToDoubleFunction<Measured> measure) {
        return these.isEmpty() || those.isEmpty()
                ? Publication.NONE
                : Spread.ofRatios(values(these, measure), values(those, measure));
    }

    private static double[] values(List<Measured> runs, ToDoubleFunction<Measured> measure) {
        return runs.stream().mapToDouble(measure).toArray();
    }
}
