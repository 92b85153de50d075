package io.github.daskjvm.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Python as stock Dask has it, where `interop/stock-dask` has made it.
final class Python {
    private static final String STOCK =
            Path.of("../interop/stock-dask").toAbsolutePath().normalize().toString();

    private Python() {}

    /// Ends the test where there is none.
    static void assumeThere() throws IOException {
        Process where = new ProcessBuilder(STOCK, "where").start();
        String folder = new String(where.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assumeTrue(
                System.getProperty("user.name").equals("root") && Files.exists(Path.of(folder, ".complete")),
                "stock Dask is not there");
    }

    /// Puts one of the scripts beside this class into a folder.
    static Path put(Path folder, String script) throws IOException {
        Path file = folder.resolve(script);
        try (var in = Python.class.getResourceAsStream(script)) {
            Files.write(file, in.readAllBytes());
        }
        return file;
    }

    /// Runs a script from a folder, where [#put] puts it, and which is seen inside, too.
    ///
    /// @return what it printed
    static String run(Path folder, String script, String... arguments) throws IOException, InterruptedException {
        Path file = put(folder, script);
        String root = Path.of("..").toRealPath().toString();
        List<String> command = new ArrayList<>(List.of(STOCK, "run", "--bind", folder.toString()));
        command.addAll(List.of("--bind", root, "python3", "-B"));
        return runBy(command, file, arguments);
    }

    /// Runs a script by a Python of one's own.
    static String runBy(List<String> python, Path script, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(python);
        command.add(script.toString());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
