package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import io.github.daskjvm.monitoring.discovery.Values;
import io.github.daskjvm.scheduler.peers.Failures;
import io.github.daskjvm.scheduler.peers.TaskActions;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks a scheduler in another process, of whatever version, how it does, again and again, and keeps the latest answer.
///
/// It uses operations that every Dask scheduler has and that need no pickled code: `identity`, `adaptive_target` and
/// `dump_state`, of which everything large is excluded by name; while somebody looks at the live page also
/// `get_task_stream` and `events`, and all of them more often. It does not register, so it is not counted as a client.
/// After each question it rests for twenty times as long as the answer took, so that a large or busy scheduler is asked
/// less often. When the scheduler does not answer it is asked again after half a second, then after twice the time, up
/// to half a minute; while somebody looks every second.
public final class RemoteScheduler implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("distributed.monitor");
    private static final Duration REPLY_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration BACKOFF_FIRST = Duration.ofMillis(500);
    private static final Duration BACKOFF_MAX = Duration.ofSeconds(30);
    private static final Duration WATCHED_INTERVAL = Duration.ofSeconds(1);
    private static final Duration STREAM_INTERVAL = Duration.ofMillis(500);
    private static final Duration EVENTS_INTERVAL = Duration.ofSeconds(5);
    /// How soon it is noticed that somebody looks.
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration REFUSED_PAUSE = Duration.ofSeconds(60);
    private static final Duration GAP_SHOWN = Duration.ofSeconds(10);

    /// For the share of the time that it may be asked.
    private static final int REST_FACTOR = 20;
    /// Of events, since each answer has all that there are.
    private static final int EVENTS_REST_FACTOR = 200;

    /// What a dump of the state leaves out: all that grows with tasks, and what is of no use here. What is left takes
    /// a Python scheduler about 60 µs for each worker and each group of tasks. Names of later versions that are
    /// missing here make an answer larger, not wrong.
    static final List<String> EXCLUDED = List.of(
            "tasks",
            "transition_log",
            "events",
            "extensions",
            "computations",
            "cumulative_worker_metrics",
            "annotations",
            "memory",
            "wants_what",
            "versions",
            "has_what",
            "processing",
            "actors",
            "executing",
            "long_running",
            "metrics",
            "extra",
            "services",
            "needs_what",
            "scheduler",
            "prefix",
            "dependencies",
            "types",
            "resources",
            "used_resources",
            "local_directory");

    /// What goes with one start of the scheduler.
    ///
    /// @param id the scheduler's; empty before the first
    record Watched(long generation, String id, TaskActions actions, Failures failures, RemoteEvents events) {}

    private final Duration interval;
    private final RemoteCalls calls;
    private final RemoteTaskStream stream;
    private final SeenResults seen = new SeenResults();
    private final GaugesHistory memory = new GaugesHistory();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile RemoteState state = RemoteState.NEVER;
    private volatile Watched watched;
    private volatile long gapUntilNanos = System.nanoTime();
    private volatile @Nullable String streamTrouble;
    private Duration backoff = BACKOFF_FIRST;
    private boolean wasWatched;
    private final Due streamDue = new Due();
    private final Due eventsDue = new Due();

    /// @param interval between two questions while nobody looks
    public RemoteScheduler(String address, @Nullable Tls tls, Duration interval) {
        this(address, tls, interval, REPLY_TIMEOUT);
    }

    /// @param timeout for one answer
    RemoteScheduler(String address, @Nullable Tls tls, Duration interval, Duration timeout) {
        this.interval = interval;
        calls = new RemoteCalls(address, tls, timeout);
        stream = new RemoteTaskStream(calls);
        watched = begin(0, "");
    }

    private Watched begin(long generation, String id) {
        return new Watched(generation, id, new TaskActions(), new Failures(), new RemoteEvents(calls));
    }

    /// Asks from now on, on a virtual thread.
    public void start() {
        Thread.ofVirtual().name("monitor-" + calls.address()).start(this::run);
    }

    /// The latest answer; of a scheduler that does not answer that there is none. Never waits.
    public RemoteState state() {
        return state;
    }

    /// The address it is asked at.
    public String address() {
        return calls.address();
    }

    Watched watched() {
        return watched;
    }

    RemoteCalls calls() {
        return calls;
    }

    /// What a person who looks must know; null if nothing.
    @Nullable
    String notice() {
        RemoteState now = state;
        if (!now.isUp()) {
            return now.trouble() == null
                    ? "The scheduler at " + address() + " is being asked."
                    : "The scheduler at " + address() + " does not answer (" + now.trouble() + "). It is asked again.";
        }
        if (gapUntilNanos - System.nanoTime() > 0) {
            return "More tasks end than are asked for (" + RemoteTaskStream.TASKS_MAX
                    + " at a time): the task stream has gaps.";
        }
        String trouble = streamTrouble;
        return trouble == null ? null : "There is no task stream: " + trouble + ".";
    }

    private void run() {
        var stateDue = new Due();
        try {
            do {
                boolean looks = watched.actions.isWatched();
                if (looks && !wasWatched) {
                    stream.restart();
                    stateDue.atMost(WATCHED_INTERVAL);
                }
                wasWatched = looks;
                if (stateDue.isNow()) {
                    Duration usual = ask() ? interval : backoff();
                    stateDue.after(looks ? shorter(usual, WATCHED_INTERVAL) : usual, REST_FACTOR);
                }
                if (looks && state.isUp() && streamDue.isNow()) {
                    streamDue.after(askStream() ? STREAM_INTERVAL : REFUSED_PAUSE, REST_FACTOR);
                }
                if (looks && state.isUp() && eventsDue.isNow()) {
                    eventsDue.after(askEvents() ? EVENTS_INTERVAL : REFUSED_PAUSE, EVENTS_REST_FACTOR);
                }
            } while (!closed.await(TICK.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private Duration backoff() {
        Duration now = backoff;
        backoff = shorter(backoff.multipliedBy(2), BACKOFF_MAX);
        return now;
    }

    private boolean ask() {
        RemoteState before = state;
        long start = System.nanoTime();
        try {
            Map<?, ?> identity = calls.map("identity");
            if (!(identity.get("workers") instanceof Map<?, ?>)
                    || !(identity.get("id") instanceof String id)
                    || id.isEmpty()) {
                throw new IOException("what answers there is no scheduler");
            }
            Object desired = calls.call("adaptive_target");
            Map<?, ?> dump = calls.map("dump_state", "exclude", EXCLUDED);
            if (!(dump.get("workers") instanceof Map<?, ?>) || !(dump.get("task_groups") instanceof Map<?, ?>)) {
                throw new IOException("its operation dump_state does not tell of workers and groups of tasks");
            }
            ClusterView cluster = ClusterView.of(identity);
            if (!id.equals(watched.id)) {
                restarted(id);
            }
            state = before.answered(
                    identity,
                    cluster,
                    dump,
                    RemoteSnapshot.of(cluster, dump, Values.number(desired), seen),
                    memory.gauges(cluster),
                    (System.nanoTime() - start) / 1e9);
            backoff = BACKOFF_FIRST;
            if (!before.isUp()) {
                askAllSoon();
                LOG.info(
                        "Connected to the scheduler at {}, with {} workers",
                        address(),
                        cluster.workers().size());
            }
            return true;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            state = before.failed(reason(e));
            if (before.isUp() || before == RemoteState.NEVER) {
                LOG.warn("The scheduler at {} does not answer: {}", address(), reason(e));
            }
            return false;
        }
    }

    private static String reason(Throwable e) {
        String text = e.getMessage() == null ? e.toString() : e.getMessage();
        return text.length() <= 250 ? text : text.substring(0, 249) + "…";
    }

    /// Another process answers than before, or the first one.
    private void restarted(String id) {
        boolean isFirst = watched.id.isEmpty();
        seen.clear();
        memory.clear();
        stream.restart();
        streamTrouble = null;
        watched = isFirst
                ? new Watched(0, id, watched.actions, watched.failures, watched.events)
                : begin(watched.generation + 1, id);
        askAllSoon();
    }

    /// What was refused before, perhaps because nobody was there, may be answered now.
    private void askAllSoon() {
        streamDue.atMost(Duration.ZERO);
        eventsDue.atMost(Duration.ZERO);
    }

    private boolean askStream() {
        try {
            if (stream.poll(watched.actions, watched.failures)) {
                gapUntilNanos = System.nanoTime() + GAP_SHOWN.toNanos();
            }
            streamTrouble = null;
            return true;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            streamTrouble = reason(e);
            stream.restart();
            return false;
        }
    }

    private boolean askEvents() {
        try {
            watched.events.poll();
            return true;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            LOG.debug("The scheduler at {} does not tell its events: {}", address(), reason(e));
            return false;
        }
    }

    /// When a question is to be asked again.
    private static final class Due {
        private long startNanos = System.nanoTime();
        private long dueNanos = startNanos;

        boolean isNow() {
            startNanos = System.nanoTime();
            return startNanos - dueNanos >= 0;
        }

        /// The question was asked as [#isNow] said so, and is answered.
        void after(Duration pause, int restFactor) {
            long now = System.nanoTime();
            dueNanos =
                    now + Math.max(pause.toNanos(), Math.min(restFactor * (now - startNanos), BACKOFF_MAX.toNanos()));
        }

        void atMost(Duration pause) {
            dueNanos = Math.min(dueNanos - startNanos, System.nanoTime() + pause.toNanos() - startNanos) + startNanos;
        }
    }

    @Override
    public void close() {
        closed.countDown();
        calls.close();
    }
}
