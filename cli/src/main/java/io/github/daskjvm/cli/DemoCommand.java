package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.logging.DaskLogging;
import io.github.daskjvm.cli.options.ListenAddress;
import io.github.daskjvm.client.demo.WordCountDemo;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `dask-jvm demo`: a cluster in one process, and a word count on it.
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Starts a cluster in one process, and counts the words of every text file under a folder with it.",
            "",
            "Scheduler and workers talk over TCP, as they would between machines; stock Python clients can connect too.",
            ""
        })
final class DemoCommand implements Callable<Integer> {
    @Option(
            names = "--input",
            paramLabel = "DIR",
            description = "Folder of text to count; default: one that most Linux machines have.")
    @Nullable
    Path input;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8786",
            description = "The scheduler's port, 0 for any; default: 8786.")
    String port = "8786";

    @Option(
            names = "--dashboard-address",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1:8787",
            description = "Where the scheduler serves metrics and pages; default: 127.0.0.1:8787.")
    String dashboardAddress = "127.0.0.1:8787";

    @Option(names = "--nworkers", paramLabel = "N", defaultValue = "2", description = "Workers to start; default: 2.")
    int nworkers;

    @Option(
            names = "--nthreads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads of each worker; default: an even share of the processors.")
    int nthreads;

    @Option(
            names = "--words",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many of the most frequent words to print; default: 10.")
    int words;

    @Option(names = "--keep", description = "Leave the cluster up until Ctrl-C.")
    boolean keep;

    @Override
    public Integer call() throws Exception {
        DaskLogging.setLevels(Map.of("distributed", "warning"));
        if (nworkers < 1) {
            throw new CommandFailedException("--nworkers must be 1 or more");
        }
        if (nthreads < 0 || words < 0) {
            throw new CommandFailedException("--nthreads and --words cannot be negative");
        }
        int schedulerPort = Protocols.port(port);
        int threads = nthreads > 0 ? nthreads : Math.max(1, Runtime.getRuntime().availableProcessors() / nworkers);
        var monitors = new DemoMonitors(DaskConfig.load(), ListenAddress.parse(dashboardAddress));
        Ending ending = Ending.onSignal(monitors::closeScheduler);
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        try {
            WordCountDemo.run(
                    new WordCountDemo.Options(
                            input, schedulerPort, nworkers, threads, words, keep, onTerminal(), monitors),
                    out);
        } catch (NoSuchFileException e) {
            throw new CommandFailedException("there is no " + e.getMessage() + "; --input takes a folder or a file", e);
        } catch (BindException e) {
            throw BindFailures.explain(e, "127.0.0.1", schedulerPort, "--port");
        } catch (IOException e) {
            throw new CommandFailedException("the demo failed: " + e.getMessage(), e);
        } finally {
            ending.done();
            out.flush();
        }
        return 0;
    }

    private static boolean onTerminal() {
        var console = System.console();
        return console != null && console.isTerminal();
    }
}
