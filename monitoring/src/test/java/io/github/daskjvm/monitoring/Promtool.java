package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Prometheus' own critic of metrics pages, rules and configurations, where it is installed.
public final class Promtool {
    private static final String DASKS_UNIT =
            "dask_semaphore_average_pending_lease_time_s metric names should not contain abbreviated units";

    private Promtool() {}

    /// Skips the test where there is no promtool. It may object to one name, which is Dask's.
    public static void assertSilent(String page) throws IOException, InterruptedException {
        Path file = Files.createTempFile("metrics", ".txt");
        try {
            Files.writeString(file, page);
            Said said = run(new ProcessBuilder("promtool", "check", "metrics").redirectInput(file.toFile()));
            assertThat(said.text().lines().filter(line -> !line.equals(DASKS_UNIT)))
                    .isEmpty();
            assertThat(said.status()).isEqualTo(said.text().isEmpty() ? 0 : 3);
        } finally {
            Files.delete(file);
        }
    }

    /// Skips the test where there is no promtool; fails it where promtool, run in the folder, does.
    public static void assertPasses(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Said said = run(new ProcessBuilder(command).directory(folder.toFile()));
        assertThat(said.status()).as(said.text()).isZero();
    }

    private record Said(String text, int status) {}

    private static Said run(ProcessBuilder builder) throws IOException, InterruptedException {
        assumeTrue(isInstalled(), "promtool (Debian's package prometheus) is not installed");
        Process promtool = builder.redirectErrorStream(true).start();
        String text = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(text, promtool.waitFor());
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
