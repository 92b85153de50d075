package io.github.daskjvm.worker.nanny;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.worker.WorkerLog;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/// Kills a worker's process that outgrew its memory limit, to be followed by another. What counts is what the process
/// has of the machine without the part of its heap that holds nothing alive, which a JVM keeps and needs no
/// restart, and without classes and compiled code, which are not data: the limit is the heap's unless another
/// was asked for. Runs until the nanny has closed.
final class MemoryGuard implements Runnable {
    private static final Duration LOG_TIMEOUT = Duration.ofSeconds(5);
    /// A process that says nothing for so long is past telling what is alive.
    private static final Duration SILENCE_MAX = Duration.ofSeconds(30);

    private final Nanny nanny;
    private final NannyOptions options;
    private final WorkerLog log;

    MemoryGuard(Nanny nanny, NannyOptions options, WorkerLog log) {
        this.nanny = nanny;
        this.options = options;
        this.log = log;
    }

    @Override
    public void run() {
        if (options.terminateFraction() <= 0) {
            return;
        }
        try {
            while (!nanny.awaitClosed(options.monitorInterval())) {
                ChildProcess child = nanny.child();
                if (child != null) {
                    check(child);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void check(ChildProcess child) throws InterruptedException {
        ChildProcess.Joined worker = child.worker();
        ChildProcess.Figures figures = child.figures();
        if (worker == null || worker.memoryLimitBytes() <= 0 || figures == null) {
            return;
        }
        long resident = ResidentMemory.bytes(child.pid());
        boolean silent = System.nanoTime() - figures.atNanos() > SILENCE_MAX.toNanos();
        long used = resident - (silent ? 0 : figures.uncountedBytes());
        if (used <= options.terminateFraction() * worker.memoryLimitBytes() || !child.isAlive()) {
            return;
        }
        log.warn(String.format(
                Locale.ROOT,
                "Worker %s (pid=%d) exceeded %.0f%% memory budget. Restarting...",
                worker.address(),
                child.pid(),
                100 * options.terminateFraction()));
        tell(Map.of("worker", worker.address(), "pid", child.pid(), "rss", resident, "used", used));
        child.kill();
    }

    private void tell(Map<String, Object> event) {
        try {
            nanny.pool()
                    .call(
                            options.scheduler(),
                            Map.of("op", "log_event", "topic", "worker-restart-memory", "msg", event),
                            LOG_TIMEOUT);
        } catch (IOException | RpcFailure e) {
            log.info("the scheduler was not told of the restart: " + e.getMessage());
        }
    }
}
