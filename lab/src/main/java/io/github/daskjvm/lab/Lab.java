package io.github.daskjvm.lab;

import io.github.daskjvm.lab.grids.GridsBenchmark;
import io.github.daskjvm.lab.serializers.SerializersBenchmark;
import io.github.daskjvm.lab.simulate.Simulate;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `./dask-jvm lab`: what is measured and simulated, one subcommand each.
@Command(
        name = "lab",
        description = "Measures dask-jvm, and looks for its faults.",
        subcommands = {
            StockBenchmark.class,
            LatencyBenchmark.class,
            DecisionsBenchmark.class,
            ScrapeBenchmark.class,
            BesideBenchmark.class,
            FleetBenchmark.class,
            GridsBenchmark.class,
            SerializersBenchmark.class,
            OrderingBenchmark.class,
            ZeroBenchmark.class,
            IngestBenchmark.class,
            SlicesBenchmark.class,
            PausesBenchmark.class,
            JmhBenchmark.class,
            StartBenchmark.class,
            Simulate.class
        },
        mixinStandardHelpOptions = true)
public final class Lab implements Runnable {
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Lab()).execute(arguments));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
