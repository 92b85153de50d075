package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.logging.DaskLogging;
import io.github.daskjvm.cli.options.ListenAddress;
import io.github.daskjvm.cli.options.Parsed;
import io.github.daskjvm.examples.wordcount.WordCountDemo;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/// `dask-jvm demo`: a cluster in one process, and a word count on it.
final class DemoCommand {
    private static final String SCHEDULER_PORT = "8786";
    private static final String DASHBOARD = "127.0.0.1:8787";
    private static final int WORKERS = 2;
    private static final int WORDS = 10;

    private DemoCommand() {}

    /// Returns the exit status when the words are counted.
    static int run(Parsed options, PrintStream standardOut) throws InterruptedException {
        DaskLogging.setLevels(Map.of("distributed", "warning"));
        int port = Protocols.port(options.text("--port", SCHEDULER_PORT));
        var monitors = new DemoMonitors(
                DaskConfig.load(), ListenAddress.parse(options.text("--dashboard-address", DASHBOARD)));
        WordCountDemo.Options demo = options(options, port, monitors);
        Ending ending = Ending.onSignal(monitors::closeScheduler);
        var out = new PrintStream(standardOut, false, StandardCharsets.UTF_8);
        try {
            WordCountDemo.run(demo, out);
            return 0;
        } catch (NoSuchFileException e) {
            throw new CommandFailedException("there is no " + e.getMessage() + "; --input takes a folder or a file", e);
        } catch (BindException e) {
            throw BindFailures.explain(e, "127.0.0.1", port, "--port");
        } catch (IOException | ExecutionException | TimeoutException e) {
            throw new CommandFailedException("the demo failed: " + e.getMessage(), e);
        } finally {
            ending.done();
            out.flush();
        }
    }

    private static WordCountDemo.Options options(Parsed options, int port, DemoMonitors monitors) {
        int workers = options.number("--nworkers", WORKERS, 1);
        int share = Math.max(1, Runtime.getRuntime().availableProcessors() / workers);
        return new WordCountDemo.Options(
                options.path("--input"),
                port,
                workers,
                options.number("--nthreads", share, 1),
                options.number("--words", WORDS, 0),
                options.has("--keep"),
                onTerminal(),
                monitors);
    }

    private static boolean onTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }
}
