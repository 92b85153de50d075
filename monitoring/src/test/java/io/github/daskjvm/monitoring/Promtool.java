package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Prometheus' own critic of metrics pages, where it is installed.
public final class Promtool {
    private static final String DASKS_UNIT =
            "dask_semaphore_average_pending_lease_time_s metric names should not contain abbreviated units";

    private Promtool() {}

    /// Skips the test where there is no promtool. It may object to one name, which is Dask's.
    public static void assertSilent(String page) throws IOException, InterruptedException {
        assumeTrue(isInstalled(), "promtool (Debian's package prometheus) is not installed");
        Path file = Files.createTempFile("metrics", ".txt");
        try {
            Files.writeString(file, page);
            Process promtool = new ProcessBuilder("promtool", "check", "metrics")
                    .redirectInput(file.toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(said.lines().filter(line -> !line.equals(DASKS_UNIT))).isEmpty();
            assertThat(promtool.waitFor()).isEqualTo(said.isEmpty() ? 0 : 3);
        } finally {
            Files.delete(file);
        }
    }

    private static boolean isInstalled() {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (Files.isExecutable(Path.of(folder, "promtool"))) {
                return true;
            }
        }
        return false;
    }
}
