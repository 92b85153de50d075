package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Adds to the [History] every two seconds, as long as the pages are served.
final class Sampler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("distributed.http");

    private final StatusSource source;
    private final History history = new History();
    private final Thread thread;

    Sampler(StatusSource source) {
        this.source = source;
        thread = Thread.ofVirtual().name("status-history").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    History history() {
        return history;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(History.INTERVAL_MILLIS);
                sample();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sample() {
        try {
            SchedulerSnapshot snapshot = source.snapshot();
            history.add(Feed.now(), snapshot, Totals.of(snapshot, WorkerRow.of(snapshot, source.gauges())));
        } catch (RuntimeException e) {
            LOG.error("a point of the live page's history failed", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
