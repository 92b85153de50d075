package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.comm.OpMeter;
import io.github.daskjvm.comm.StreamSelector;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.GraphTracing;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.Timer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one platform thread that owns a [SchedulerState]. Whatever has arrived since it last looked is one batch:
/// first all events, in the order they were posted, then the commands they led to, then the queries. A thread
/// that posts an event and then asks therefore sees the event's effect.
///
/// The same thread reads and writes the streams of workers and clients ([#streams]): what it reads is part of the
/// batch. Any thread may post and query. When too many events wait, posting waits too, which is how a flood of
/// messages reaches back to the sockets they come from; the loop's own thread reads no more than it can apply.
public final class EventLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventLoop.class);
    private static final int WAITING_EVENTS_MAX = 1 << 18;
    private static final long SNAPSHOT_INTERVAL_MAX_NANOS = 250_000_000;
    /// If nobody reads them.
    private static final long SNAPSHOT_INTERVAL_UNREAD_NANOS = 1_000_000_000;
    private static final long SNAPSHOT_INTERVAL_MIN_NANOS = 20_000_000;
    /// Snapshots may take this part of the loop's time at most, one five-hundredth.
    private static final long SNAPSHOT_SHARE = 500;
    private static final long TICK_WINDOW_NANOS = 10_000_000_000L;

    /// Where commands go. Called by the loop's thread alone, and must not block.
    public interface Output {
        void carryOut(Command command);

        /// The batch's commands are all carried out; send what they added.
        void flush();
    }

    private final SchedulerState state;
    private final LoopMeter meter = new LoopMeter();
    private final OpMeter messages = new OpMeter();
    private final GraphTracing tracing;
    private final Output output;
    private final Consumer<Throwable> onFailure;
    private final Thread thread;

    private final StreamSelector streams = new StreamSelector();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition taken = lock.newCondition();
    private List<Event> events = new ArrayList<>();
    private List<Query<?>> queries = new ArrayList<>();
    private boolean closing;
    /// The loop waits for its streams and must be woken for what other threads bring.
    private boolean waiting;
    /// It waits for no longer than what can wait may.
    private boolean looksSoon;
    /// The loop lets some time pass, unless another thread brings something.
    private boolean pausing;

    private volatile boolean clientWaits;

    // The loop's own, from here on.
    private List<Event> eventsInHand = new ArrayList<>();
    private List<Query<?>> queriesInHand = new ArrayList<>();
    private final Pauses pauses = new Pauses();
    private final Map<Timer, Long> deadlines = new EnumMap<>(Timer.class);
    private boolean changed = true;
    private long snapshotNanos = System.nanoTime() - SNAPSHOT_INTERVAL_UNREAD_NANOS;
    /// Until the next one, if someone reads them.
    private long snapshotIntervalNanos = SNAPSHOT_INTERVAL_MIN_NANOS;
    private LoopFigures.Times times = LoopFigures.Times.NONE;
    private long tickWindowNanos = System.nanoTime();
    private long tickMaximumNanos;
    private long tickMaximumBeforeNanos;

    private volatile SchedulerSnapshot snapshot = SchedulerSnapshot.EMPTY;
    private volatile boolean snapshotIsRead;
    private volatile LoopFigures figures = LoopFigures.NONE;

    /// Owns a state of this configuration.
    ///
    /// @param onFailure is told of a broken invariant, by the loop's thread, which then ends
    public EventLoop(SchedulerConfig config, Output output, Consumer<Throwable> onFailure) {
        this(config, output, onFailure, GraphTracing.NONE);
    }

    /// @param tracing told of graphs and tasks by the loop's thread
    public EventLoop(SchedulerConfig config, Output output, Consumer<Throwable> onFailure, GraphTracing tracing) {
        this.state = new SchedulerState(config, meter, tracing);
        this.tracing = tracing;
        this.output = output;
        this.onFailure = onFailure;
        this.thread = Thread.ofPlatform().name("scheduler-loop").daemon(true).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /// The streams that the loop's thread reads and writes.
    public StreamSelector streams() {
        return streams;
    }

    public void post(Event event) {
        lock.lock();
        try {
            awaitRoom();
            events.add(event);
            wake();
        } finally {
            lock.unlock();
        }
    }

    /// For what nobody waits for, such as a thousand heartbeats every few seconds: does not wake the loop if it looks
    /// within a second anyway.
    public void postSoon(Event event) {
        lock.lock();
        try {
            awaitRoom();
            events.add(event);
            if (!looksSoon) {
                wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /// In this order, with no event of another thread in between. The list may be reused afterwards.
    public void post(List<? extends Event> several) {
        if (several.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            awaitRoom();
            events.addAll(several);
            wake();
        } finally {
            lock.unlock();
        }
    }

    private void awaitRoom() {
        while (events.size() >= WAITING_EVENTS_MAX && !closing && Thread.currentThread() != thread) {
            taken.awaitUninterruptibly();
        }
    }

    private void wake() {
        if (waiting && Thread.currentThread() != thread) {
            waiting = false;
            streams.wakeup();
        } else if (pausing) {
            pausing = false;
            streams.endPause();
        }
    }

    /// A client may wait for what workers have to say next: for a while the loop lets hardly any time pass. Before what
    /// the client said is posted. Any thread.
    public void clientWaits() {
        clientWaits = true;
    }

    /// Has the loop's thread answer a question about the state, and waits for the answer. The question must
    /// copy what it wants to keep.
    ///
    /// @throws IllegalStateException if the loop has ended
    /// @throws RuntimeException what the question threw
    public <T extends @Nullable Object> T query(Function<SchedulerState, T> question) {
        if (Thread.currentThread() == thread) {
            return question.apply(state);
        }
        var query = new Query<T>(question, new CompletableFuture<>());
        lock.lock();
        try {
            if (closing) {
                throw new IllegalStateException("the scheduler is closing");
            }
            queries.add(query);
            wake();
        } finally {
            lock.unlock();
        }
        try {
            return query.answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /// Returns once everything posted before is applied, or never will be because the loop has ended.
    public void await() {
        try {
            query(s -> null);
        } catch (IllegalStateException e) {
            log.debug("did not wait: {}", e.getMessage());
        }
    }

    /// Has the loop's thread tell whoever traces graphs that the scheduler ends, and waits until it has.
    public void endTracing() {
        try {
            query(s -> {
                tracing.ends();
                return null;
            });
        } catch (IllegalStateException e) {
            log.debug("traces end without notice: {}", e.getMessage());
        }
    }

    /// What the state was a few milliseconds ago, or up to a quarter of a second if it is large, or up to a second if
    /// nobody has asked for as long. Never waits.
    public SchedulerSnapshot snapshot() {
        if (!snapshotIsRead) {
            snapshotIsRead = true;
        }
        return snapshot;
    }

    /// Counts messages of streams that lead to no event, and so do not reach the loop. Any thread.
    public OpMeter messages() {
        return messages;
    }

    public LoopFigures figures() {
        return figures;
    }

    private void run() {
        try {
            while (take()) {
                long started = System.nanoTime();
                meter.read(streams.takeReadNanos());
                tick(started);
                record(started, System.nanoTime());
            }
            failQueries(new IllegalStateException("the scheduler is closing"));
            streams.close();
        } catch (Throwable e) {
            lock.lock();
            closing = true;
            taken.signalAll();
            lock.unlock();
            failQueries(new IllegalStateException("the scheduler has failed", e));
            streams.close();
            onFailure.accept(e);
        }
    }

    /// Waits for something to do, and reads what the streams have; false when closed.
    private boolean take() {
        pause();
        streams.select(nanosToWait());
        long now = System.nanoTime();
        pauses.looked(now);
        if (clientWaits) {
            clientWaits = false;
            pauses.clientWaits(now);
        }
        if (takeQueries()) {
            // What a peer sent before the question was asked is known when it is answered.
            streams.select(0);
        }
        lock.lock();
        try {
            if (closing && events.isEmpty() && queriesInHand.isEmpty() && queries.isEmpty()) {
                return false;
            }
            List<Event> emptyEvents = eventsInHand;
            eventsInHand = events;
            events = emptyEvents;
            taken.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void pause() {
        long nanos = pauses.nanos(state, System.nanoTime());
        if (nanos <= 0) {
            return;
        }
        lock.lock();
        pausing = events.isEmpty() && queries.isEmpty() && !closing;
        boolean free = pausing;
        lock.unlock();
        if (free) {
            streams.pause(nanos);
            lock.lock();
            pausing = false;
            lock.unlock();
        }
    }

    private boolean takeQueries() {
        lock.lock();
        try {
            waiting = false;
            List<Query<?>> emptyQueries = queriesInHand;
            queriesInHand = queries;
            queries = emptyQueries;
            return !queriesInHand.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private long nanosToWait() {
        long wait = nanosUntilDue();
        lock.lock();
        try {
            waiting = events.isEmpty() && queries.isEmpty() && !closing;
            looksSoon = !waiting || wait <= SNAPSHOT_INTERVAL_UNREAD_NANOS;
            return waiting ? wait : 0;
        } finally {
            lock.unlock();
        }
    }

    private long nanosUntilDue() {
        long now = System.nanoTime();
        long wait = changed ? nanosUntilSnapshot(now) : Long.MAX_VALUE;
        for (long deadline : deadlines.values()) {
            wait = Math.min(wait, deadline - now);
        }
        return wait;
    }

    private void tick(long now) {
        fireTimers(now);
        if (!eventsInHand.isEmpty()) {
            for (Command command : state.handle(eventsInHand, now)) {
                if (command instanceof Command.SetTimer(Timer timer, long delayNanos)) {
                    deadlines.put(timer, now + delayNanos);
                } else {
                    output.carryOut(command);
                }
            }
            output.flush();
            changed = true;
        }
        streams.flush();
        for (Query<?> query : queriesInHand) {
            query.run(state);
        }
        if (changed) {
            publish();
        }
    }

    /// Publishes what the state is now, unless it is too soon since the last time.
    private void publish() {
        long started = System.nanoTime();
        if (nanosUntilSnapshot(started) > 0) {
            return;
        }
        snapshotIsRead = false;
        snapshot = state.snapshot();
        times = meter.copy();
        changed = false;
        snapshotNanos = System.nanoTime();
        snapshotIntervalNanos = Math.clamp(
                SNAPSHOT_SHARE * (snapshotNanos - started), SNAPSHOT_INTERVAL_MIN_NANOS, SNAPSHOT_INTERVAL_MAX_NANOS);
    }

    /// Copying the state is work for nothing where nobody looks at it: then it is done as seldom as may be.
    private long nanosUntilSnapshot(long now) {
        return snapshotNanos + (snapshotIsRead ? snapshotIntervalNanos : SNAPSHOT_INTERVAL_UNREAD_NANOS) - now;
    }

    private void fireTimers(long now) {
        if (deadlines.isEmpty()) {
            return;
        }
        for (Timer timer : Timer.values()) {
            Long deadline = deadlines.get(timer);
            if (deadline != null && deadline - now <= 0) {
                deadlines.remove(timer);
                eventsInHand.add(new Event.TimerFired(timer));
            }
        }
    }

    private void record(long started, long ended) {
        LoopFigures before = figures;
        meter.batch(ended - started);
        if (ended - tickWindowNanos > TICK_WINDOW_NANOS) {
            tickWindowNanos = ended;
            tickMaximumBeforeNanos = tickMaximumNanos;
            tickMaximumNanos = 0;
        }
        tickMaximumNanos = Math.max(tickMaximumNanos, ended - started);
        figures = new LoopFigures(
                before.ticks() + 1,
                before.events() + eventsInHand.size(),
                before.queries() + queriesInHand.size(),
                before.busyNanos() + ended - started,
                Math.max(tickMaximumNanos, tickMaximumBeforeNanos),
                times);
        eventsInHand.clear();
        queriesInHand.clear();
    }

    private void failQueries(RuntimeException reason) {
        lock.lock();
        try {
            queriesInHand.forEach(query -> query.answer.completeExceptionally(reason));
            queries.forEach(query -> query.answer.completeExceptionally(reason));
            queries.clear();
        } finally {
            lock.unlock();
        }
    }

    /// Applies what was posted before, then ends the thread. Does not wait for it.
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            wake();
            taken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private record Query<T extends @Nullable Object>(
            Function<SchedulerState, T> question, CompletableFuture<T> answer) {
        void run(SchedulerState state) {
            try {
                answer.complete(question.apply(state));
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        }
    }
}
