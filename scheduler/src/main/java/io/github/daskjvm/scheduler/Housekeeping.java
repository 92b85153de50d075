package io.github.daskjvm.scheduler;

import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.scheduler.graph.MaterializerPool;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import io.github.daskjvm.scheduler.peers.Workers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after what takes time and not events: workers that fall silent, and a scheduler that nobody uses.
final class Housekeeping implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    private final SchedulerOptions options;
    private final EventLoop loop;
    private final Workers workers;
    private final MaterializerPool graphs;
    private final Consumer<List<WorkerInfo>> giveUp;
    private final Runnable closeScheduler;
    private final CountDownLatch closed = new CountDownLatch(1);
    private long transitionsBefore = -1;
    /// Seconds since 1970; 0 while busy.
    private volatile double idleSince;

    /// @param giveUp restarts workers that are taken for dead
    Housekeeping(
            SchedulerOptions options,
            EventLoop loop,
            Workers workers,
            MaterializerPool graphs,
            Consumer<List<WorkerInfo>> giveUp,
            Runnable closeScheduler) {
        this.options = options;
        this.loop = loop;
        this.workers = workers;
        this.graphs = graphs;
        this.giveUp = giveUp;
        this.closeScheduler = closeScheduler;
    }

    void start() {
        Thread.ofVirtual().name("housekeeping").start(this::run);
    }

    private void run() {
        long intervalMillis = intervalMillis();
        try {
            while (!closed.await(intervalMillis, TimeUnit.MILLISECONDS)) {
                checkSilence();
                checkIdle();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            log.debug("housekeeping ends: {}", e.getMessage());
        }
    }

    /// Often enough for either timeout, as Dask's: a quarter of the idle timeout, and of the time to live.
    private long intervalMillis() {
        long interval = 15_000;
        for (Duration timeout : new Duration[] {options.idleTimeout(), options.workerTtl()}) {
            if (timeout.isPositive()) {
                interval = Math.clamp(timeout.toMillis() / 4, 10, interval);
            }
        }
        return interval;
    }

    /// A worker that sent no heartbeat for its time to live, or for ten of its intervals, is given up. Its nanny,
    /// if it has one, starts another.
    private void checkSilence() {
        if (!options.workerTtl().isPositive()) {
            return;
        }
        double now = Wire.now();
        var silent = new ArrayList<WorkerInfo>();
        for (WorkerInfo worker : workers.all()) {
            double allowed = Math.max(options.workerTtl().toMillis() / 1000.0, 10 * worker.heartbeatInterval());
            if (now - worker.lastSeen() > allowed) {
                log.warn("Worker failed to heartbeat for {} s; closing: {}", Math.round(allowed), worker.address());
                silent.add(worker);
            }
        }
        if (!silent.isEmpty()) {
            giveUp.accept(silent);
        }
    }

    /// @return since when the scheduler has had nothing to do, in seconds since 1970; 0 if it is busy
    double idleSince() {
        SchedulerSnapshot snapshot = loop.snapshot();
        boolean busy = graphs.waitingKeys() > 0
                || snapshot.tasks(TaskStatus.QUEUED) > 0
                || snapshot.tasks(TaskStatus.NO_WORKER) > 0
                || snapshot.tasks(TaskStatus.PROCESSING) > 0;
        long transitions = 0;
        for (SchedulerSnapshot.PrefixSnapshot prefix : snapshot.prefixes()) {
            for (long entered : prefix.entered().values()) {
                transitions += entered;
            }
        }
        if (busy) {
            idleSince = 0;
        } else if (idleSince == 0 || transitions != transitionsBefore) {
            idleSince = Wire.now();
        }
        transitionsBefore = transitions;
        return idleSince;
    }

    private void checkIdle() {
        if (!options.idleTimeout().isPositive()) {
            return;
        }
        double since = idleSince();
        if (since > 0 && Wire.now() - since > options.idleTimeout().toMillis() / 1000.0) {
            log.info("Scheduler closing after being idle for {}", options.idleTimeout());
            Thread.ofVirtual().name("idle-close").start(closeScheduler);
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
