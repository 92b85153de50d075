package io.github.daskjvm.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a command that serves until it is told to stop ends in order: on SIGTERM and SIGINT it closes what it started
/// and the process ends with status 0, as Dask's does (a JVM's own habit is 143).
final class Ending {
    private static final Logger LOG = LoggerFactory.getLogger(Ending.class);

    private final AtomicBoolean done = new AtomicBoolean();

    private Ending() {}

    /// From here on a signal runs `close` before the process ends.
    static Ending onSignal(Runnable close) {
        var ending = new Ending();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ending.run(close), "shutdown"));
        return ending;
    }

    /// The command has come to its end by itself; the process may end with whatever status it has.
    void done() {
        done.set(true);
    }

    private void run(Runnable close) {
        if (done.get()) {
            return;
        }
        try {
            close.run();
        } catch (RuntimeException e) {
            LOG.error("could not end in order", e);
            Runtime.getRuntime().halt(1);
        }
        Runtime.getRuntime().halt(0);
    }
}
