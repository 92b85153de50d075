package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProgressTest {
    @Test
    void aBarALinePerTenthAndAListenerTellTheSame() throws Exception {
        try (LocalCluster cluster =
                        LocalCluster.builder().workers(1).threadsPerWorker(2).start();
                Client client = cluster.client()) {
            List<Future<Integer>> futures = new ArrayList<>(client.map(x -> x, List.of(1, 2, 3, 4, 5, 6, 7, 8)));
            futures.add(client.submit(() -> {
                throw new IOException("no");
            }));
            futures.add(client.submit(() -> Gates.pass("progress", 1)));
            var drawn = new ByteArrayOutputStream();
            var lines = new ByteArrayOutputStream();
            List<Progress.Step> steps = new CopyOnWriteArrayList<>();
            try (var bar = Progress.bar(futures, new PrintStream(drawn, true, StandardCharsets.UTF_8), true);
                    var log = Progress.bar(futures, new PrintStream(lines, true, StandardCharsets.UTF_8), false);
                    var listened = Progress.listen(futures, Duration.ofMillis(1), steps::add)) {
                Await.until(
                        "nine are done",
                        () -> bar.step().done() == 9 && log.step().done() == 9);
                assertThat(bar.step().isLast()).isFalse();
                Gates.open("progress");
                client.waitAll(futures);
                Await.until(
                        "the listener is told of the end", () -> steps.getLast().isLast());
            }

            assertThat(steps.getLast().done()).isEqualTo(10);
            assertThat(steps.getLast().failed()).isEqualTo(1);
            assertThat(drawn.toString(StandardCharsets.UTF_8))
                    .contains("\r[" + "#".repeat(40) + "] 10 of 10 tasks, ")
                    .endsWith(", 1 failed" + System.lineSeparator());
            assertThat(lines.toString(StandardCharsets.UTF_8))
                    .contains("10 of 10 tasks")
                    .doesNotContain("\r[");
        }
    }

    @Test
    void closingEndsItBeforeTheTasks() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(0).start();
                Client client = cluster.client()) {
            var lines = new ByteArrayOutputStream();
            Progress progress = Progress.bar(
                    List.of(client.submit(() -> 1)), new PrintStream(lines, true, StandardCharsets.UTF_8), false);
            progress.close();

            assertThat(lines.toString(StandardCharsets.UTF_8)).contains("0 of 1 tasks");
        }
    }
}
