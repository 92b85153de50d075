package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Failure;
import io.github.daskjvm.scheduler.loop.SchedulerExceptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Graphs on their way to become tasks: each waits until there is a Python worker to unpack it, and is tried on
/// another worker when that one dies. Any thread may call anything.
///
/// Bounded by the number of clients, each of which has one graph here at a time, as its stream is not read on
/// until the graph has become tasks.
public final class MaterializerPool implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MaterializerPool.class);
    /// Workers that one graph may cost before it is held to be the reason.
    private static final int LOST_WORKERS_MAX = 4;
    private static final long RETRY_MILLIS = 200;

    private final GraphMaterializer materializer;
    private final ToDoubleFunction<String> load;
    private final Duration noWorkersTimeout;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Worker> workers = new LinkedHashMap<>();
    private final Deque<Job> waiting = new ArrayDeque<>();
    private boolean closed;

    private static final class Worker {
        final String address;
        final WorkerDialect dialect;
        final Set<Job> jobs = new HashSet<>();
        boolean running = true;
        boolean refuses;

        Worker(String address, WorkerDialect dialect) {
            this.address = address;
            this.dialect = dialect;
        }
    }

    private static final class Job {
        final List<GraphRequest> requests;
        final CompletableFuture<List<GraphOutcome>> result = new CompletableFuture<>();
        /// Of the requests from the first on. Only the thread of the attempt touches it.
        final List<GraphOutcome> outcomes = new ArrayList<>();
        final Set<String> avoided = new HashSet<>();
        /// By the request that is next.
        int lostWorkers;
        boolean oneByOne;
        /// How often it has begun to wait for a worker.
        int waits;

        @Nullable
        Thread thread;

        Job(List<GraphRequest> requests) {
            this.requests = requests;
            this.oneByOne = requests.size() == 1;
        }

        GraphRequest.Form form() {
            return requests.getFirst().form();
        }

        void add(GraphOutcome outcome) {
            outcomes.add(outcome);
            lostWorkers = 0;
        }
    }

    /// @param load how busy the worker at an address is; the least busy one is taken. Called from any thread,
    ///     must not block
    /// @param noWorkersTimeout how long a graph may wait for a worker; zero for as long as it takes
    public MaterializerPool(RpcPool rpc, ToDoubleFunction<String> load, Duration noWorkersTimeout) {
        this.materializer = new GraphMaterializer(rpc);
        this.load = load;
        this.noWorkersTimeout = noWorkersTimeout;
    }

    /// A graph, or several small ones ([GraphRequest#isSmall]) of one client, which are unpacked in one round trip.
    ///
    /// @return what became of each in turn. Completes on some virtual thread; with a `CancellationException` after
    ///     [#close]. Cancelling it takes the graphs out
    public CompletableFuture<List<GraphOutcome>> submit(List<GraphRequest> requests) {
        var job = new Job(List.copyOf(requests));
        job.result.whenComplete((outcomes, failure) -> {
            if (job.result.isCancelled()) {
                withdraw(job);
            }
        });
        assign(job);
        return job.result;
    }

    /// A Python worker can be used from now on.
    public void workerJoined(String worker, WorkerDialect dialect) {
        List<Job> jobs;
        lock.lock();
        try {
            workers.put(worker, new Worker(worker, dialect));
            jobs = new ArrayList<>(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        jobs.forEach(this::assign);
    }

    /// A worker that is not running, paused say, gets graphs only when there is no other.
    public void workerRunning(String worker, boolean running) {
        lock.lock();
        try {
            Worker entry = workers.get(worker);
            if (entry != null) {
                entry.running = running;
            }
        } finally {
            lock.unlock();
        }
    }

    /// It is gone; what it had begun goes to another. An unknown worker is ignored.
    public void workerLeft(String worker) {
        materializer.forget(worker);
        lock.lock();
        try {
            Worker entry = workers.remove(worker);
            if (entry != null) {
                entry.jobs.forEach(MaterializerPool::interrupt);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Wanted keys of graphs that wait for a Python worker: demand that an adaptive cluster must see.
    public long waitingKeys() {
        lock.lock();
        try {
            long keys = 0;
            for (Job job : waiting) {
                for (GraphRequest request : job.requests) {
                    keys += request.keys().size();
                }
            }
            return keys;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        List<Job> jobs;
        lock.lock();
        try {
            closed = true;
            jobs = new ArrayList<>(waiting);
            waiting.clear();
            workers.values().forEach(worker -> jobs.addAll(worker.jobs));
            workers.clear();
        } finally {
            lock.unlock();
        }
        jobs.forEach(job -> job.result.cancel(true));
    }

    /// Starts it on the best worker, or lets it wait for one.
    private void assign(Job job) {
        GraphFailure refused = null;
        boolean cancelled = false;
        lock.lock();
        try {
            if (closed) {
                cancelled = true;
            } else if (!job.result.isDone()) {
                Worker worker = best(job);
                if (worker != null) {
                    worker.jobs.add(job);
                    job.thread =
                            Thread.ofVirtual().name("graph-" + worker.address).unstarted(() -> attempt(job, worker));
                    job.thread.start();
                } else if (!workers.isEmpty() && workers.values().stream().allMatch(w -> w.refuses)) {
                    refused = GraphFailure.of("this graph must be unpacked on a Python worker, and all "
                            + workers.size() + " have 'run' among their distributed.worker.blocked-handlers");
                } else {
                    await(job);
                }
            }
        } finally {
            lock.unlock();
        }
        if (cancelled) {
            job.result.cancel(true);
        } else if (refused != null) {
            failRest(job, refused);
        }
    }

    /// With the lock.
    private void await(Job job) {
        waiting.addLast(job);
        if (noWorkersTimeout.isPositive()) {
            int wait = ++job.waits;
            CompletableFuture.delayedExecutor(noWorkersTimeout.toNanos(), TimeUnit.NANOSECONDS)
                    .execute(() -> waitedTooLong(job, wait));
        }
    }

    private void waitedTooLong(Job job, int wait) {
        boolean stillWaits;
        lock.lock();
        try {
            stillWaits = job.waits == wait && waiting.remove(job);
        } finally {
            lock.unlock();
        }
        if (!stillWaits) {
            return;
        }
        while (job.outcomes.size() < job.requests.size()) {
            job.add(new GraphOutcome.Failed(noWorker(job.requests.get(job.outcomes.size()))));
        }
        job.result.complete(job.outcomes);
    }

    /// In the name of the first wanted task: what the graph would do before it is not known yet.
    private GraphFailure noWorker(GraphRequest request) {
        String text = "no worker came within " + noWorkersTimeout;
        var none = new Failure.NoWorker(noWorkersTimeout.toNanos() / 1e9);
        for (TaskKey key : request.keys()) {
            return new GraphFailure(text, SchedulerExceptions.noWorker(key, none), null);
        }
        return GraphFailure.of(text);
    }

    private @Nullable Worker best(Job job) {
        Worker best = null;
        for (Worker worker : workers.values()) {
            if (!worker.refuses
                    && !job.avoided.contains(worker.address)
                    && (best == null || isBetter(worker, best, job.form()))) {
                best = worker;
            }
        }
        return best;
    }

    /// A graph of one Dask's classes is best unpacked by a worker of that Dask.
    private boolean isBetter(Worker a, Worker b, GraphRequest.Form form) {
        if ((a.dialect.graphForm() == form) != (b.dialect.graphForm() == form)) {
            return a.dialect.graphForm() == form;
        }
        if (a.running != b.running) {
            return a.running;
        }
        if (a.jobs.size() != b.jobs.size()) {
            return a.jobs.size() < b.jobs.size();
        }
        return load.applyAsDouble(a.address) < load.applyAsDouble(b.address);
    }

    /// Runs on a virtual thread of the attempt's own, which is interrupted when the worker is gone.
    private void attempt(Job job, Worker worker) {
        GraphFailure failure = null;
        boolean refused = false;
        try {
            if (!job.oneByOne) {
                // If this ends the worker, it must be seen which of them does.
                job.oneByOne = true;
                job.outcomes.addAll(materializer.materializeEach(job.requests, worker.address));
            }
            while (job.outcomes.size() < job.requests.size()) {
                job.add(materializer.materializeOne(job.requests.get(job.outcomes.size()), worker.address));
            }
        } catch (GraphMaterializer.WorkerRefused e) {
            log.warn("{}; other workers must unpack graphs", e.getMessage());
            refused = true;
        } catch (IOException e) {
            lost(job, worker, e);
        } catch (RuntimeException e) {
            log.error("unpacking a graph on {} failed", worker.address, e);
            failure = GraphFailure.of("unpacking the graph failed in the scheduler: " + e);
        } catch (OutOfMemoryError e) {
            log.error("a graph does not fit into the memory of the scheduler", e);
            failure = GraphFailure.of("the graph does not fit into the memory of the scheduler, which has "
                    + (Runtime.getRuntime().maxMemory() >> 20) + " MiB (-Xmx)");
        }
        lock.lock();
        try {
            worker.refuses |= refused;
            worker.jobs.remove(job);
            job.thread = null;
        } finally {
            lock.unlock();
        }
        if (failure != null) {
            failRest(job, failure);
        } else if (job.outcomes.size() == job.requests.size()) {
            job.result.complete(job.outcomes);
        } else {
            retry(job);
        }
    }

    private static void failRest(Job job, GraphFailure failure) {
        while (job.outcomes.size() < job.requests.size()) {
            job.add(new GraphOutcome.Failed(failure));
        }
        job.result.complete(job.outcomes);
    }

    /// The worker went away or cannot be reached. Others are tried, up to a point.
    private static void lost(Job job, Worker worker, IOException e) {
        job.avoided.add(worker.address);
        job.lostWorkers++;
        if (job.lostWorkers < LOST_WORKERS_MAX) {
            log.warn("worker {} was lost while it unpacked a graph: {}", worker.address, e.getMessage());
            return;
        }
        job.add(new GraphOutcome.Failed(
                GraphFailure.of(LOST_WORKERS_MAX + " workers were lost while they unpacked this graph; the last, "
                        + worker.address + ", with: " + e.getMessage())));
    }

    private void retry(Job job) {
        boolean allAvoided;
        lock.lock();
        try {
            allAvoided = !workers.isEmpty() && best(job) == null;
        } finally {
            lock.unlock();
        }
        if (allAvoided && !job.avoided.isEmpty()) {
            // The connection may have failed and the worker still be there: ask it again after a while.
            CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS, Runnable::run)
                    .execute(() -> {
                        job.avoided.clear();
                        assign(job);
                    });
        } else {
            assign(job);
        }
    }

    private void withdraw(Job job) {
        lock.lock();
        try {
            waiting.remove(job);
            interrupt(job);
        } finally {
            lock.unlock();
        }
    }

    /// Wakes the thread from whatever it waits for on its socket.
    private static void interrupt(Job job) {
        Thread thread = job.thread;
        if (thread != null) {
            thread.interrupt();
        }
    }
}
