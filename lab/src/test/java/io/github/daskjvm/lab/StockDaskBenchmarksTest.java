package io.github.daskjvm.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.daskjvm.cli.DaskJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/// Small runs of the benchmarks that need stock Dask. The results of every graph are checked by its client.
@Timeout(300)
class StockDaskBenchmarksTest {
    private static final List<String> DASK_JVM = List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            Setup.classPath(),
            DaskJvm.class.getName());

    @BeforeEach
    void stockDaskIsThere() throws Exception {
        String folder = System.getenv("DASK_JVM_STOCK");
        Path stock = folder == null ? Setup.root().resolve("interop/.stock") : Path.of(folder);
        assumeThat(stock.resolve(".complete")).as("stock Dask").exists();
        assumeThat(System.getProperty("user.name")).isEqualTo("root");
    }

    @Test
    void everyGraphComesToTheRightResultAndIsARow() throws Exception {
        Publication publication = stock("jvm", "--tasks=60", "--lengths=0", "--warm-up=0");
        assertThat(figures(publication, "makespan_s")).hasSize(8);
        assertThat(figures(publication, "unpacking_cpu_us", "\"graph\": \"groupby\""))
                .allMatch(micros -> micros > 0);
        assertThat(figures(publication, "unpacking_cpu_us", "\"graph\": \"map\""))
                .containsOnly(0.0);
        assertThat(publication.table()).contains("our scheduler took").doesNotContain("Dask's scheduler took");
    }

    @Test
    void bothSchedulersRunTheSameWithEachLength() throws Exception {
        Publication publication = stock("", "--graphs=map,merge", "--tasks=60", "--lengths=0,2", "--warm-up=1");
        for (String column : List.of("makespan_s", "scheduler_cpu_us", "workers_cpu_us", "client_cpu_us")) {
            assertThat(figures(publication, column)).hasSize(2 * 2 * 2).allMatch(figure -> figure > 0);
        }
        String slept = "\"task_ms\": 2";
        assertThat(figures(publication, "makespan_s", slept)).allMatch(seconds -> seconds > 60 * 0.002 / 4);
        assertThat(figures(publication, "scheduler_cpu_first_us", "\"task_ms\": 0"))
                .allMatch(micros -> micros > 0);
        assertThat(figures(publication, "makespan_ratio", "\"scheduler\": \"ours\""))
                .hasSize(4)
                .allMatch(ratio -> ratio > 0);
        assertThat(publication.table())
                .contains("`some command`")
                .contains("xychart-beta")
                .contains("our scheduler took");
    }

    private static Publication stock(String only, String... options) throws Exception {
        var benchmark = new StockBenchmark();
        new CommandLine(benchmark)
                .parseArgs(Stream.concat(Stream.of("--rounds=1"), Stream.of(options))
                        .toArray(String[]::new));
        return benchmark.measure(Setup.of("workloads.py", only, DASK_JVM)).publication("stock", "some command");
    }

    @Test
    void pausesAreFoundInTheLogOfEachCollector() throws Exception {
        var benchmark = new PausesBenchmark();
        // The heap is the variable's, the collector the command line's: the serial one.
        new CommandLine(benchmark)
                .parseArgs("--held=4000", "--graph=2000", "--after=1000", "--java=-Xmx64m", "--java=-Xmx48m");
        Publication publication = benchmark.measure(Setup.of("zero.py", "", DASK_JVM));
        assertThat(figures(publication, "cpu_us")).hasSize(4).allMatch(micros -> micros > 0);
        assertThat(figures(publication, "pauses", "Xmx")).hasSize(2).allMatch(pauses -> pauses > 0);
        assertThat(figures(publication, "pause_ms", "Xmx")).hasSize(2).allMatch(millis -> millis > 0);
        assertThat(publication.table()).contains("`-Xmx48m`");
    }

    @Test
    void everyWayOfALatencyIsARow() throws Exception {
        var benchmark = new LatencyBenchmark();
        new CommandLine(benchmark).parseArgs("--trips=20", "--rounds=1", "--warm-up=0.1");
        benchmark.measure(Setup.of("workloads.py", "", DASK_JVM));
        Publication publication = benchmark.publication();
        assertThat(figures(publication, "median_us")).hasSize(5).allMatch(micros -> micros > 0);
        assertThat(figures(publication, "p99_us")).hasSize(5);
        assertThat(publication.table()).contains("| Java | ours | JVM | 1 |").contains("xychart-beta");
    }

    @Test
    void theGraphsOfWorkersThatDoNothingAreTheSame() throws Exception {
        Setup setup = Setup.of("zero.py", "", DASK_JVM);
        try (var helper = new StockCluster("helper", setup.dask(), setup, "zero.py", 1);
                var cluster =
                        new ZeroCluster("jvm", setup.jvm(0), setup, helper, new ZeroCluster.Fleet(2, 1, 10, false))) {
            for (String graph : List.of("map", "tree", "shuffle")) {
                assertThat(cluster.run(graph, 60).run().tasks()).isBetween(50L, 200L);
            }
        }
        assertThat(Files.readString(setup.folder().resolve("zero.py"))).contains("def of_climatology");
    }

    @Test
    void pagesOfABusySchedulerAreRows() throws Exception {
        Publication publication = new SaturatedScrapes(Setup.of("zero.py", "", DASK_JVM), 2, 60, 1, 1, 1).run();
        assertThat(figures(publication, "median_ms")).hasSize(5).allMatch(millis -> millis > 0);
        assertThat(figures(publication, "bytes", "/metrics")).hasSize(2).allMatch(bytes -> bytes > 1000);
        assertThat(figures(publication, "bytes", "first frame")).hasSize(1).allMatch(bytes -> bytes > 100);
        assertThat(publication.table()).contains("xychart-beta");
    }

    @Test
    void everyWayToStartIsARow() throws Exception {
        Publication publication = StartBenchmark.measure(Setup.of("zero.py", "", DASK_JVM), 1);
        assertThat(figures(publication, "seconds").size()).isBetween(2, 3);
        assertThat(figures(publication, "cpu_seconds")).allMatch(seconds -> seconds > 0);
    }

    /// What a column has in the rows that contain all of the given.
    private static List<Double> figures(Publication publication, String column, String... having) {
        return publication
                .json()
                .lines()
                .filter(line -> line.contains('"' + column + '"'))
                .filter(line -> List.of(having).stream().allMatch(line::contains))
                .map(line -> line.split('"' + column + "\": ")[1].split("[,}]")[0])
                .map(figure -> figure.equals("null") ? Double.NaN : Double.parseDouble(figure))
                .filter(Double::isFinite)
                .toList();
    }
}
