package io.github.daskjvm.worker;

import io.github.daskjvm.comm.BatchedStream;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerConfig;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerInstruction;
import io.github.daskjvm.core.worker.WorkerMessage;
import io.github.daskjvm.core.worker.WorkerState;
import io.github.daskjvm.core.worker.WorkerTaskStatus;
import io.github.daskjvm.worker.actor.Actors;
import io.github.daskjvm.worker.spill.SpillTimes;
import io.github.daskjvm.worker.task.WorkerServices;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Owns the state machine, and carries out what it says. The owner is whichever thread holds the lock: the one that
/// reads the scheduler's stream, one whose task ended, one whose transfer ended. A task's thread that reports so goes
/// on with the next task itself, so a task costs no switch between threads. Nothing blocks under the lock.
final class WorkerLoop {
    /// How long a report may wait for others while there is enough to do; Dask's workers always wait 2 ms.
    private static final Duration REPORT_DELAY = Duration.ofMillis(1);
    /// There is enough to do while so many tasks are ready for each thread. With fewer, the wait for the scheduler's
    /// answer could leave a thread without work.
    private static final int READY_PER_THREAD = 32;

    private final ReentrantLock lock = new ReentrantLock();
    private final WorkerState state;
    private final int nthreads;
    private final DataStore store;
    private final BatchedStream stream;
    private final MessageEncoder encoder;
    private final Measurements measurements;
    private final TaskThreads threads;
    private final WorkerServices services;
    private final Actors actors;
    private final TaskRun.RunEnvironment environment;
    private final Consumer<WorkerInstruction.Fetch> fetcher;
    private final Consumer<Throwable> onBroken;

    private final AtomicBoolean unflushed = new AtomicBoolean();
    private final Thread flusher;
    private volatile boolean closed;
    private volatile Published published;

    /// What others may see of the state without its lock.
    ///
    /// @param counts as [WorkerState#counts]
    @SuppressWarnings("ArrayRecordComponent")
    record Published(int[] counts, int peersInFlight, long bytesInFlight) {
        /// Of a worker that has nothing to do yet.
        static Published idle(WorkerConfig config) {
            return new Published(new WorkerState(config).counts(), 0, 0);
        }

        Map<String, Integer> countsByName() {
            return WorkerState.byName(counts);
        }
    }

    /// What the loop works with.
    ///
    /// @param fetcher starts a transfer, and must not block
    /// @param onBroken told of an invariant that does not hold; the loop does nothing from then on
    record Parts(
            DataStore store,
            BatchedStream stream,
            MessageEncoder encoder,
            Measurements measurements,
            FunctionCache functions,
            String schedulerAddress,
            Consumer<WorkerInstruction.Fetch> fetcher,
            Consumer<Throwable> onBroken) {}

    WorkerLoop(WorkerConfig config, WorkerOptions options, Parts parts) {
        this.state = new WorkerState(config);
        this.nthreads = config.nthreads();
        this.store = parts.store();
        this.stream = parts.stream();
        this.encoder = parts.encoder();
        this.measurements = parts.measurements();
        this.fetcher = parts.fetcher();
        this.onBroken = parts.onBroken();
        this.threads = new TaskThreads(
                config.address(),
                config.nthreads(),
                options.virtualThreads(),
                options.taskLoader(),
                this::runAndReport);
        this.services = new WorkerServices(options.tls(), options.taskLoader());
        this.actors = new Actors(
                config.address(), key -> new ActorContext(key, config.address(), parts.schedulerAddress(), services));
        this.environment = new TaskRun.RunEnvironment(
                parts.functions(),
                store,
                options.taskLoader(),
                config.address(),
                parts.schedulerAddress(),
                services,
                actors,
                this::handle);
        this.published = Published.idle(config);
        this.flusher = Thread.ofVirtual().name("flush-" + config.address()).start(this::flushFromTimeToTime);
    }

    void handle(WorkerEvent event) {
        handle(List.of(event));
    }

    /// Any thread.
    void handle(List<? extends WorkerEvent> events) {
        lock.lock();
        try {
            TaskRun run = apply(events);
            if (run != null) {
                threads.submit(run);
            }
        } finally {
            lock.unlock();
        }
        stream.flush();
    }

    /// Runs a task in a task thread and reports its end.
    ///
    /// @return the thread's next run
    private @Nullable TaskRun runAndReport(TaskRun run) {
        long startNanos = System.nanoTime();
        long startCpuNanos = ProcessMetrics.threadCpuNanos();
        run.times().startCpuNanos = startCpuNanos;
        WorkerEvent event = run.execute();
        measurements.task(
                run,
                (System.nanoTime() - startNanos) / 1e9,
                (ProcessMetrics.threadCpuNanos() - startCpuNanos) / 1e9,
                SpillTimes.take());
        TaskRun next;
        boolean enoughToDo;
        lock.lock();
        try {
            next = apply(List.of(event));
            if (run.madeActor() && store.get(run.key()) == null) {
                // Nobody wants it any more.
                actors.remove(run.key());
            }
            threads.exchanged(run, next);
            enoughToDo = state.count(WorkerTaskStatus.READY) >= READY_PER_THREAD * nthreads;
        } finally {
            lock.unlock();
        }
        if (event instanceof WorkerEvent.TaskFinished finished && finished.value() instanceof StoredValue value) {
            value.abandonUnlessStored();
        }
        if (!enoughToDo) {
            stream.flush();
        } else if (unflushed.compareAndSet(false, true)) {
            LockSupport.unpark(flusher);
        }
        return next;
    }

    private void flushFromTimeToTime() {
        while (!closed) {
            while (!unflushed.get() && !closed) {
                LockSupport.park(this);
            }
            LockSupport.parkNanos(REPORT_DELAY.toNanos());
            unflushed.set(false);
            stream.flush();
        }
    }

    /// With the lock held.
    ///
    /// @return one run for the caller to see to
    private @Nullable TaskRun apply(List<? extends WorkerEvent> events) {
        if (closed) {
            return null;
        }
        try {
            TaskRun first = null;
            for (WorkerInstruction instruction : state.handle(events, System.nanoTime())) {
                TaskRun run = carryOut(instruction);
                if (run != null) {
                    if (first == null) {
                        first = run;
                    } else {
                        threads.submit(run);
                    }
                }
            }
            published = new Published(state.counts(), state.peersInFlight(), state.bytesInFlight());
            return first;
        } catch (RuntimeException | Error e) {
            closed = true;
            onBroken.accept(e);
            return null;
        }
    }

    private @Nullable TaskRun carryOut(WorkerInstruction instruction) {
        switch (instruction) {
            case WorkerInstruction.Execute e -> {
                var times = new TaskTimes();
                return new TaskRun(e.attempt(), e.key(), e.runSpec(), inputs(e.inputs(), times), times, environment);
            }
            case WorkerInstruction.Interrupt(long attempt) -> threads.interrupt(attempt);
            case WorkerInstruction.Store(TaskKey key, Object value, long sizeBytes) ->
                store.put(key, (StoredValue) value, sizeBytes);
            case WorkerInstruction.Drop(TaskKey key) -> {
                store.remove(key);
                actors.remove(key);
            }
            case WorkerInstruction.Fetch fetch -> fetcher.accept(fetch);
            case WorkerInstruction.SetTimer(WorkerInstruction.Timer timer, long delayNanos) ->
                startTimer(timer, delayNanos);
            case WorkerInstruction.Send(WorkerMessage.TaskFinished finished) -> {
                StoredValue value = store.get(finished.key());
                byte[] small = value == null ? null : value.smallForm();
                stream.add(writer -> encoder.finished(writer, finished, small));
            }
            case WorkerInstruction.Send send -> stream.add(writer -> encoder.write(writer, send.message()));
        }
        return null;
    }

    private Map<TaskKey, StoredValue> inputs(List<TaskKey> keys, TaskTimes times) {
        if (keys.isEmpty()) {
            return Map.of();
        }
        var reads = new MemoryReads();
        times.memoryReads = reads;
        var values = HashMap.<TaskKey, StoredValue>newHashMap(keys.size());
        for (TaskKey key : keys) {
            StoredValue value = store.get(key);
            if (value == null || !reads.pin(value)) {
                throw new IllegalStateException("the input " + key + " is in memory, but not in the store");
            }
            values.put(key, value);
        }
        return values;
    }

    private void startTimer(WorkerInstruction.Timer timer, long delayNanos) {
        Thread.ofVirtual().name("timer").start(() -> {
            LockSupport.parkNanos(delayNanos);
            handle(new WorkerEvent.TimerFired(timer));
        });
    }

    /// Any thread; never waits for the loop.
    Published published() {
        return published;
    }

    Actors actors() {
        return actors;
    }

    /// Runs queued or going on, at this moment.
    Deque<TaskRun> running() {
        return new ArrayDeque<>(threads.running());
    }

    /// Waits for the lock, and copies.
    Map<TaskKey, WorkerTaskStatus> statuses() {
        lock.lock();
        try {
            return state.statuses();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        closed = true;
        lock.unlock();
        threads.close();
        LockSupport.unpark(flusher);
        actors.close();
        services.close();
    }
}
