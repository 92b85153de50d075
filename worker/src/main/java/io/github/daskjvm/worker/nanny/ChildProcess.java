package io.github.daskjvm.worker.nanny;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// One process of a worker, from its start to its end. What it prints goes where the nanny's goes. It is told what to
/// do by lines on its standard input, see [NannyLink]; the end of that input tells it that the nanny is gone.
/// Any thread may call.
final class ChildProcess {
    private static final int SIGNAL_BASE = 128;

    private final Process process;
    private final OutputStream orders;
    private final String secret;
    private final long startNanos = System.nanoTime();
    private final CompletableFuture<Joined> joined = new CompletableFuture<>();
    private volatile @Nullable Figures figures;

    /// What a worker says when it has become part of the cluster.
    ///
    /// @param memoryLimitBytes 0 for none
    record Joined(String address, long memoryLimitBytes) {}

    /// What a worker said of itself lately.
    ///
    /// @param uncountedBytes of the process, and no data: heap that holds nothing alive, classes, compiled code
    record Figures(long uncountedBytes, long atNanos) {}

    private ChildProcess(Process process, String secret) {
        this.process = process;
        this.orders = process.getOutputStream();
        this.secret = secret;
    }

    /// @param secret by which the nanny knows its child's messages
    static ChildProcess start(NannyOptions options, String nanny, String secret) throws IOException {
        Process process = new ProcessBuilder(options.command())
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var child = new ChildProcess(process, secret);
        child.order("nanny " + options.index() + " " + nanny + " " + secret);
        return child;
    }

    private void order(String line) {
        try {
            orders.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            orders.flush();
        } catch (IOException e) {
            // It is gone, or ends already.
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    Duration lived() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    boolean knows(@Nullable Object claimed) {
        return secret.equals(claimed);
    }

    void joined(Joined worker) {
        joined.complete(worker);
    }

    /// Null until the worker is part of the cluster.
    @Nullable
    Joined worker() {
        return joined.getNow(null);
    }

    void figures(Figures latest) {
        figures = latest;
    }

    @Nullable
    Figures figures() {
        return figures;
    }

    /// @return whether the worker is part of the cluster; false if it ended before, or it takes longer
    boolean awaitJoined(Duration timeout) throws InterruptedException {
        CompletableFuture<Object> either = CompletableFuture.anyOf(joined, process.onExit());
        try {
            either.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
            return false;
        }
        return joined.isDone();
    }

    int awaitExit() throws InterruptedException {
        return process.waitFor();
    }

    /// Has the worker close, gracefully or at once, and kills its process if it has not ended in time. Returns when
    /// the process is no more.
    void end(boolean gracefully, Duration patience, String reason) throws InterruptedException {
        String oneLine = reason.replace('\n', ' ').replace('\r', ' ');
        order((gracefully ? "retire " : "stop ") + patience.toMillis() + " " + oneLine);
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
        }
    }

    /// Returns when the process is no more.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /// How it ended, as Dask says it; null where it ended in order.
    @Nullable
    String deathMessage() {
        int status = process.exitValue();
        if (status == 0) {
            return null;
        }
        return String.format(
                Locale.ROOT,
                status > SIGNAL_BASE
                        ? "Worker process %d was killed by signal %d"
                        : "Worker process %d exited with status %d",
                pid(),
                status > SIGNAL_BASE ? status - SIGNAL_BASE : status);
    }
}
