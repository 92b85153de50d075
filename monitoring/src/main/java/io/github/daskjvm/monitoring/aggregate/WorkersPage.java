package io.github.daskjvm.monitoring.aggregate;

import io.github.daskjvm.monitoring.Gzip;
import io.github.daskjvm.monitoring.Page;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import io.github.daskjvm.monitoring.discovery.WorkerView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The metrics of every worker as one page, each sample with the label `worker`, the worker's address.
///
/// All workers are asked for their `/metrics` at once. Of one that does not answer in time, or answers what is no page
/// of metrics, there is what its heartbeats say, and `dask_worker_up` 0; the others are not concerned. What heartbeats
/// say is there too where a worker's page lacks it, as the pages of stock workers without a Prometheus client do.
public final class WorkersPage implements AutoCloseable {
    public static final String PATH = "/metrics/workers";

    static final String LABEL = "worker";

    private static final Logger LOG = LoggerFactory.getLogger("distributed.http");
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4";
    private static final String TIMEOUT_HEADER = "X-Prometheus-Scrape-Timeout-Seconds";
    private static final double TIMEOUT_SECONDS = 10;
    private static final double TIMEOUT_SECONDS_MAX = 50;
    private static final int ANSWERS_MAX = 4;
    /// Workers that are being asked at once, for all answers together: connections that are open for it.
    static final int ASKED_MAX = 500;

    private static final long TURN_NANOS_MIN = 100_000_000;

    /// Bytes of all workers' pages that go into one answer: so many, and so many more for each worker.
    private static final long BYTES_MAX = 32 << 20;

    private static final long BYTES_PER_WORKER = 32 << 10;

    private final Supplier<ClusterView> cluster;
    private final String namespace;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, String> failing = new ConcurrentHashMap<>();
    /// Of the last time, for [#promptFirst].
    private final Set<String> failedWhenAsked = ConcurrentHashMap.newKeySet();
    private final Semaphore answers = new Semaphore(ANSWERS_MAX);
    /// Fair, so that workers are asked in order.
    private final Semaphore asked = new Semaphore(ASKED_MAX, true);
    private @Nullable WorkerPages pages;

    /// @param cluster asked at each request, by any thread
    /// @param namespace first part of the metrics' names
    public WorkersPage(Supplier<ClusterView> cluster, String namespace) {
        this.cluster = cluster;
        this.namespace = namespace;
    }

    public Page.Response answer(Page.Request request) {
        if (!answers.tryAcquire()) {
            return Page.Response.text(503, Page.TEXT, "503: the workers are being asked by others at this moment");
        }
        try {
            byte[] page = page(deadlineNanos(request.header(TIMEOUT_HEADER)));
            return Gzip.answer(request, CONTENT_TYPE, page);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Page.Response.text(503, Page.TEXT, "503: closing");
        } finally {
            answers.release();
        }
    }

    /// Half a second, or a fifth, before whoever asks gives up.
    private static long deadlineNanos(@Nullable String timeoutHeader) {
        double seconds = TIMEOUT_SECONDS;
        try {
            seconds = timeoutHeader == null ? TIMEOUT_SECONDS : Double.parseDouble(timeoutHeader);
        } catch (NumberFormatException e) {
            // As if there were none.
        }
        if (!(seconds > 0)) {
            seconds = TIMEOUT_SECONDS;
        }
        seconds = Math.min(seconds, TIMEOUT_SECONDS_MAX);
        return System.nanoTime() + (long) (Math.max(seconds - 0.5, seconds * 0.8) * 1e9);
    }

    private byte[] page(long deadlineNanos) throws InterruptedException {
        WorkerPages from = pages();
        List<WorkerView> workers = cluster.get().workers();
        var budget = new AtomicLong(BYTES_MAX + BYTES_PER_WORKER * workers.size());
        Map<String, Future<List<Family>>> pagesOfWorkers = HashMap.newHashMap(workers.size());
        for (WorkerView worker : promptFirst(workers)) {
            pagesOfWorkers.put(
                    worker.address(),
                    threads.submit(() ->
                            ask(worker.address(), () -> from.read(worker, deadlineNanos, budget), deadlineNanos)));
        }
        var page = new MergedPage();
        var about = new About(namespace);
        for (WorkerView worker : workers) {
            List<Family> own = List.of();
            String failure = null;
            try {
                own = Objects.requireNonNull(pagesOfWorkers.get(worker.address()))
                        .get();
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                failure = cause instanceof IOException ? String.valueOf(cause.getMessage()) : String.valueOf(cause);
            }
            say(worker, failure);
            about.add(worker, failure == null);
            add(page, worker, own, about);
        }
        failing.keySet().retainAll(pagesOfWorkers.keySet());
        failedWhenAsked.retainAll(pagesOfWorkers.keySet());
        about.families.families().forEach(page::add);
        return page.write();
    }

    /// Those last that did not answer before, so that many which hang keep no others waiting.
    private List<WorkerView> promptFirst(List<WorkerView> workers) {
        Set<String> failed = Set.copyOf(failedWhenAsked);
        List<WorkerView> ordered = new ArrayList<>(workers);
        ordered.sort(Comparator.comparing(worker -> failed.contains(worker.address())));
        return ordered;
    }

    /// Waits for its turn.
    private List<Family> ask(String address, Callable<List<Family>> question, long deadlineNanos) throws Exception {
        if (!asked.tryAcquire(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS)) {
            throw new IOException("so many others were asked that there was no time");
        }
        try {
            // Whose turn came with the deadline has not failed for that.
            if (deadlineNanos - System.nanoTime() > TURN_NANOS_MIN) {
                failedWhenAsked.add(address);
            }
            List<Family> page = question.call();
            failedWhenAsked.remove(address);
            return page;
        } finally {
            asked.release();
        }
    }

    /// What this page says of every worker, whether it can be reached or not.
    private static final class About {
        private final FamilyList families;
        private final FamilyList.Samples up;
        private final FamilyList.Samples info;
        private final FamilyList.Samples seen;

        About(String namespace) {
            families = new FamilyList(namespace + "_worker_");
            up = families.gauges("up", "Whether the worker's own metrics could be read");
            info = families.gauges("info", "What the worker is");
            seen = families.gauges("last_seen_timestamp_seconds", "When its last heartbeat came, since 1970");
        }

        void add(WorkerView worker, boolean read) {
            up.add(read ? 1 : 0, LABEL, worker.address());
            info.add(
                    1,
                    LABEL,
                    worker.address(),
                    "host",
                    worker.host(),
                    "runtime",
                    worker.runtime(),
                    "worker_name",
                    worker.name());
            if (worker.lastSeenSeconds() > 0) {
                seen.add(worker.lastSeenSeconds(), LABEL, worker.address());
            }
        }

        boolean isOurs(String family) {
            return families.families().stream().anyMatch(ours -> ours.name().equals(family));
        }
    }

    /// The worker's own page first; of the heartbeat what is not there.
    private void add(MergedPage page, WorkerView worker, List<Family> own, About about) {
        String label = FamilyList.label(LABEL, worker.address());
        Set<String> names = new HashSet<>();
        for (Family family : own) {
            if (!about.isOurs(family.name())) {
                names.add(family.name());
                page.add(label, family);
            }
        }
        for (Family family : HeartbeatFamilies.of(namespace, worker)) {
            if (!names.contains(family.name())) {
                page.add(label, family);
            }
        }
    }

    /// Logs when a worker's page can not be read any more, and when it can again.
    private void say(WorkerView worker, @Nullable String failure) {
        String before = failure == null ? failing.remove(worker.address()) : failing.put(worker.address(), failure);
        if (failure != null && before == null) {
            LOG.info("The metrics of {} can not be read: {}", worker.address(), failure);
        } else if (failure == null && before != null) {
            LOG.info("The metrics of {} can be read again", worker.address());
        }
    }

    private synchronized WorkerPages pages() {
        if (pages == null) {
            pages = new WorkerPages();
        }
        return pages;
    }

    @Override
    public synchronized void close() {
        threads.shutdownNow();
        if (pages != null) {
            pages.close();
        }
    }
}
