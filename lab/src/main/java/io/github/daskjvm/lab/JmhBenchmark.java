package io.github.daskjvm.lab;

import io.github.daskjvm.lab.Publication.Column;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Small parts of the scheduler by themselves, measured by JMH: those of the package `jmh`.
@Command(
        name = "jmh",
        description = "JMH: the codec, the transitions of a task, placement among many workers, the loop's inbox."
                + " Time and bytes allocated for each.",
        mixinStandardHelpOptions = true)
final class JmhBenchmark implements Callable<Integer> {
    private static final List<Column> COLUMNS = List.of(
            new Column("benchmark", "benchmark", "%s"),
            new Column("parameters", "", "%s"),
            new Column("time_us", "µs", "%,.3f"),
            new Column("error_us", "± (99.9 %)", "%,.3f"),
            new Column("allocated_bytes", "bytes allocated", "%,.0f"),
            new Column("allocated_error_bytes", "±", "%,.0f"),
            new Column("samples", "", "%d"));

    @Parameters(arity = "0..1", description = "regular expression for names of benchmarks (default: all)")
    private String pattern = ".*";

    @Option(names = "--forks", description = "JVMs for each, one after the other (default ${DEFAULT-VALUE})")
    private int forks = 2;

    @Option(names = "--warm-up", description = "seconds before what counts (default ${DEFAULT-VALUE})")
    private int warmUp = 5;

    @Option(names = "--seconds", description = "that count, of each JVM (default ${DEFAULT-VALUE})")
    private int seconds = 5;

    @Option(names = "--publish", description = "put the table into docs/benchmarks.md")
    private boolean publish;

    @Override
    public Integer call() throws Exception {
        var publication = new Publication("jmh", command(), COLUMNS);
        var options = new OptionsBuilder()
                .include("io\\.github\\.daskjvm\\.lab\\.jmh\\..*(" + pattern + ")")
                .forks(forks)
                .warmupIterations(warmUp)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(seconds)
                .measurementTime(TimeValue.seconds(1));
        Collection<RunResult> results = run(options);
        if (results.isEmpty()) {
            System.err.println("no benchmark's name has " + pattern + " in it");
            return 1;
        }
        results.forEach(result -> report(result, publication));
        System.out.println(publication.table());
        if (publish) {
            publication.publish(Setup.root());
        }
        return 0;
    }

    private String command() {
        return "./dask-jvm lab jmh%s --forks %d --warm-up %d --seconds %d"
                .formatted(pattern.equals(".*") ? "" : " '" + pattern + "'", forks, warmUp, seconds);
    }

    /// Runs them, with what they allocate.
    static Collection<RunResult> run(ChainedOptionsBuilder options) throws RunnerException {
        return new Runner(options.addProfiler(GCProfiler.class)
                        .shouldFailOnError(true)
                        .build())
                .run();
    }

    private static void report(RunResult result, Publication publication) {
        Result<?> time = result.getPrimaryResult();
        Result<?> allocated = allocated(result);
        publication.row(
                name(result.getParams()),
                parameters(result.getParams()).toString(),
                time.getScore(),
                time.getScoreError(),
                allocated.getScore(),
                allocated.getScoreError(),
                time.getSampleCount());
    }

    /// Bytes for one operation.
    static Result<?> allocated(RunResult result) {
        for (Map.Entry<String, Result> entry : result.getSecondaryResults().entrySet()) {
            if (entry.getKey().endsWith("gc.alloc.rate.norm")) {
                return entry.getValue();
            }
        }
        throw new IllegalStateException("the profiler was not there");
    }

    static Map<String, String> parameters(BenchmarkParams params) {
        return params.getParamsKeys().stream().collect(Collectors.toMap(key -> key, params::getParam));
    }

    /// `CodecBenchmark.readFinished, messages 32`.
    static String name(BenchmarkParams params) {
        String full = params.getBenchmark();
        String brief = full.substring(full.lastIndexOf('.', full.lastIndexOf('.') - 1) + 1);
        return params.getParamsKeys().stream()
                .map(key -> ", " + key + " " + params.getParam(key))
                .collect(Collectors.joining("", brief, ""));
    }
}
