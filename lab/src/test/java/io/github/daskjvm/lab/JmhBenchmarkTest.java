package io.github.daskjvm.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

class JmhBenchmarkTest {
    /// Each once, for a moment, here: whether they work, not what they take.
    @Test
    void everyBenchmarkRuns() throws Exception {
        Collection<RunResult> results = JmhBenchmark.run(new OptionsBuilder()
                .include("io\\.github\\.daskjvm\\.lab\\.jmh\\..*")
                .forks(0)
                .warmupIterations(0)
                .measurementIterations(1)
                .measurementTime(TimeValue.milliseconds(1))
                .param("workers", "10")
                .param("busy", "90")
                .verbosity(VerboseMode.SILENT));
        Set<String> names = results.stream()
                .map(result -> JmhBenchmark.name(result.getParams()))
                .collect(Collectors.toSet());
        assertThat(names)
                .contains(
                        "CodecBenchmark.readFinished, messages 32",
                        "HeartbeatBenchmark.read",
                        "HeartbeatBenchmark.apply",
                        "CodecBenchmark.writeTasks, messages 1",
                        "TransitionBenchmark.map, workers 10",
                        "TransitionBenchmark.tree, workers 10",
                        "PlacementBenchmark.taskWithInputs, busy 90, workers 10",
                        "PlacementBenchmark.taskWithoutInputs, busy 90, workers 10",
                        "InboxBenchmark.heartbeats, together 100");
        assertThat(results).allSatisfy(result -> {
            assertThat(result.getPrimaryResult().getScore()).isPositive();
            assertThat(JmhBenchmark.allocated(result).getScore()).isPositive();
        });
    }
}
