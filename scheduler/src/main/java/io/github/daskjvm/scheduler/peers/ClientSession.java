package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.GraphPlan;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.graph.GraphFailure;
import io.github.daskjvm.scheduler.graph.GraphOutcome;
import io.github.daskjvm.scheduler.graph.GraphRequest;
import io.github.daskjvm.scheduler.graph.GraphsUnderway;
import io.github.daskjvm.scheduler.graph.MaterializedGraph;
import io.github.daskjvm.scheduler.graph.MaterializerPool;
import io.github.daskjvm.scheduler.graph.PlainGraphs;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.loop.PeerStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's stream, read. Its messages take effect in order; while a graph is being unpacked on some worker, or
/// something large is applied in slices, those that follow wait, as they do at Python's scheduler. The connection's
/// thread reads on meanwhile, so that
/// it sees the client go.
final class ClientSession {
    private static final Logger log = LoggerFactory.getLogger(ClientSession.class);
    /// Arrays of messages that may wait for a graph, before the client itself has to wait.
    private static final int WAITING_MAX = 10_000;

    private static final AtomicLong stimuli = new AtomicLong();

    /// A stream operation that belongs to an extension, such as a queue or a variable.
    interface Extension {
        void handle(String client, Fields message) throws BadMessageException;
    }

    private final String client;
    private final Connection connection;
    private final PeerStream stream;
    private final EventLoop loop;
    private final Workers workers;
    private final MaterializerPool graphs;
    private final GraphsUnderway underway;
    private final EventLog events;
    private final Snippets snippets;
    private final Map<String, Extension> extensions;
    private final GraphAnswers answers;
    private final GraphArrivals arrivals;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Deque<Object> waiting = new ArrayDeque<>();
    private final List<Event> batch = new ArrayList<>();
    /// Graphs whose tasks are in `batch`.
    private final List<GraphsUnderway.Entry> cut = new ArrayList<>();
    private @Nullable Unpacking unpacking;
    /// What is applied in slices at present.
    private @Nullable Slicing slicing;
    private boolean abandoned;
    private boolean ended;

    /// @param graphs the pool's answer
    private record Unpacking(CompletableFuture<List<GraphOutcome>> graphs, GraphsUnderway.Entry entry) {}

    /// @param entry of the graph; null for something else, or a graph that nobody waits for
    private record Slicing(GraphsUnderway.@Nullable Entry entry) {}

    ClientSession(
            String client,
            Connection connection,
            PeerStream stream,
            EventLoop loop,
            Workers workers,
            MaterializerPool graphs,
            GraphsUnderway underway,
            EventLog events,
            Snippets snippets,
            Map<String, Extension> extensions,
            GraphArrivals arrivals) {
        this.client = client;
        this.connection = connection;
        this.stream = stream;
        this.loop = loop;
        this.workers = workers;
        this.graphs = graphs;
        this.underway = underway;
        this.events = events;
        this.snippets = snippets;
        this.extensions = extensions;
        this.arrivals = arrivals;
        this.answers = new GraphAnswers(client, connection.peer(), stream, events);
    }

    PeerStream stream() {
        return stream;
    }

    void cutOff() {
        connection.close();
    }

    /// Reads to the end of the stream, and returns when all that was read has taken effect or is abandoned.
    void run() throws IOException {
        if (stream.results()) {
            stream.offerFirst(this::acceptAtOnce);
        }
        try {
            while (accept(stream.read())) {
                // The next message.
            }
        } finally {
            finish();
        }
    }

    /// By the loop's thread: what a client of the JVM sends while nothing waits, if it needs no other thread.
    private boolean acceptAtOnce(@Nullable Object message) throws BadMessageException {
        if (!(message instanceof Collection<?> items) || !lock.tryLock()) {
            return false;
        }
        try {
            if (isHeldBack() || !waiting.isEmpty() || !items.stream().allMatch(WaitingMessages::isForTheLoop)) {
                return false;
            }
            arrivals.arrived(items);
            waiting.addAll(items);
            work();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isHeldBack() {
        return unpacking != null || slicing != null;
    }

    private boolean accept(@Nullable Object message) throws IOException {
        if (!(message instanceof Collection<?>) && !(message instanceof Map<?, ?>)) {
            throw new BadMessageException("a stream message must be an array of maps");
        }
        lock.lock();
        try {
            while (waiting.size() >= WAITING_MAX && isHeldBack()) {
                idle.awaitUninterruptibly();
            }
            arrivals.arrived(message);
            if (message instanceof Collection<?> items) {
                waiting.addAll(items);
            } else {
                waiting.add(message);
            }
            work();
            return !ended;
        } finally {
            lock.unlock();
        }
    }

    /// Handles what waits, up to the next graph that must be unpacked elsewhere, or what is applied in slices.
    private void work() throws BadMessageException {
        try {
            while (!isHeldBack() && !ended) {
                Object item = waiting.poll();
                if (item == null) {
                    break;
                }
                if (!"OK".equals(item)) {
                    handle(Fields.of(item));
                }
            }
        } finally {
            post();
        }
        if (!isHeldBack()) {
            idle.signalAll();
        }
    }

    private void post() {
        loop.post(batch);
        batch.clear();
        if (!cut.isEmpty()) {
            cut.forEach(underway::end);
            cut.clear();
        }
    }

    /// The stream is over. A graph still being unpacked is given up, unless a later message says that somebody
    /// else wants its tasks (`fire_and_forget`).
    private void finish() {
        lock.lock();
        try {
            Unpacking pending = unpacking;
            if (pending != null && !WaitingMessages.wantKeysForOthers(waiting, client)) {
                abandoned = true;
                pending.graphs().cancel(false);
                pending.entry().giveUp();
            }
            if (slicing != null && !WaitingMessages.wantKeysForOthers(waiting, client)) {
                abandoned = true;
                sliced(slicing);
            }
            while (isHeldBack()) {
                idle.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void handle(Fields message) throws BadMessageException {
        if (WaitingMessages.mayWaitAfter(message.op())) {
            loop.clientWaits();
        }
        switch (message.op()) {
            case "update-graph" -> updateGraph(message);
            case "client-desires-keys" ->
                batch.add(new Event.ClientDesiresKeys(wanting(message), Wire.keys(message, "keys")));
            case "client-releases-keys" -> {
                List<TaskKey> keys = Wire.keys(message, "keys");
                batch.add(new Event.ClientReleasesKeys(wanting(message), keys, stimulus("client-releases-keys")));
                awaitSlices(keys);
            }
            case "cancel-keys" -> cancelKeys(message);
            case "report-key" -> batch.add(new Event.ReportKey(client, Wire.key(message, "key")));
            case "update-data" -> batch.add(dataPlaced(workers, message, wanting(message)));
            default -> {
                long startNanos = System.nanoTime();
                beside(message);
                loop.messages().done(message.op(), System.nanoTime() - startNanos);
            }
        }
    }

    /// A message that is not for the event loop.
    private void beside(Fields message) throws BadMessageException {
        switch (message.op()) {
            case "heartbeat-client", "close-client" -> {
                // The connection itself tells whether the client is there.
            }
            case "close-stream" -> ended = true;
            case "subscribe-topic" -> events.subscribe(message.string("topic"), client);
            case "unsubscribe-topic" -> events.unsubscribe(message.string("topic"), client);
            case "log-event" -> logEvent(message);
            default -> {
                Extension extension = extensions.get(message.op());
                if (extension == null) {
                    loop.messages().unknown(message.op());
                    throw new BadMessageException("unknown op " + message.op() + " on the stream of a client");
                }
                post();
                extension.handle(client, message);
            }
        }
    }

    private void cancelKeys(Fields message) throws BadMessageException {
        List<TaskKey> keys = Wire.keys(message, "keys");
        boolean force = message.bool("force", false);
        if (!keys.isEmpty()) {
            String others = keys.size() == 1 ? "" : " and " + (keys.size() - 1) + " more";
            log.info("Scheduler cancels key {}{}.  Force={}", keys.getFirst(), others, force ? "True" : "False");
        }
        batch.add(new Event.CancelKeys(wanting(message), keys, force, stimulus("cancel-keys")));
        awaitSlices(keys);
    }

    /// A client named in the message goes before the one that sent it.
    private String wanting(Fields message) {
        return message.get("client") instanceof String named ? named : client;
    }

    static String stimulus(String action) {
        return action + "-" + stimuli.incrementAndGet();
    }

    private void logEvent(Fields message) throws BadMessageException {
        List<String> topics = Wire.textsOrNull(message, "topic");
        if (topics == null) {
            throw message.wrong("topic", "text or an array of text");
        }
        events.log(topics, message.get("msg"));
    }

    /// Data that was placed on workers; what runs there says for which runtime it is.
    static Event.DataPlaced dataPlaced(Workers workers, Fields message, @Nullable String client)
            throws BadMessageException {
        Map<TaskKey, List<String>> whoHas = Wire.whoHas(message, "who_has");
        return new Event.DataPlaced(
                whoHas,
                Wire.sizes(message, "nbytes"),
                client,
                Runtimes.of(workers, whoHas.values()),
                stimulus("update-data"));
    }

    // ---- graphs ----

    private void updateGraph(Fields message) throws BadMessageException {
        if (abandoned) {
            return;
        }
        if (NativeGraph.is(message)) {
            try {
                add(NativeGraph.decode(client, message, arrivals.take(message.map()), stimulus("update-graph")), null);
            } catch (BadMessageException e) {
                arrivals.take(message.map());
                answers.failForBadMessage(NativeGraph.wanted(message), e);
            }
            return;
        }
        List<TaskKey> wanted = Wire.keys(message, "keys");
        try {
            GraphRequest request = GraphRequest.parse(message);
            arrivals.became(message.map(), request);
            GraphsUnderway.Entry entry = underway.begin(List.of(request), this);
            MaterializedGraph plain = PlainGraphs.cut(request);
            if (plain == null) {
                post();
                List<GraphRequest> requests = WaitingMessages.takeSmallGraphs(request, waiting, arrivals);
                unpack(requests, underway.begin(requests, this), graphs.submit(requests));
                underway.end(entry);
            } else if (underway.areAllOf(this)) {
                unpacked(request, new GraphOutcome.Done(plain), entry);
                if (slicing == null) {
                    cut.add(entry);
                }
            } else {
                post();
                unpack(
                        List.of(request),
                        entry,
                        CompletableFuture.completedFuture(List.of(new GraphOutcome.Done(plain))));
            }
        } catch (GraphFailure e) {
            arrivals.take(message.map());
            answers.fail(wanted, e);
        } catch (BadMessageException e) {
            arrivals.take(message.map());
            answers.failForBadMessage(wanted, e);
        }
    }

    private void unpack(
            List<GraphRequest> requests, GraphsUnderway.Entry entry, CompletableFuture<List<GraphOutcome>> graph) {
        unpacking = new Unpacking(graph, entry);
        graph.whenComplete((outcomes, failure) ->
                Thread.ofVirtual().name("graph-" + client).start(() -> unpacked(requests, entry, outcomes, failure)));
    }

    /// Goes on after graphs, on a thread of its own, once the keys that they need have come.
    private void unpacked(
            List<GraphRequest> requests,
            GraphsUnderway.Entry entry,
            @Nullable List<GraphOutcome> outcomes,
            @Nullable Throwable failure) {
        try {
            if (outcomes != null) {
                underway.awaitNeeded(entry, outcomes, this::unknown);
            }
        } finally {
            boolean over = true;
            try {
                over = resume(requests, entry, outcomes, failure);
            } finally {
                if (over) {
                    underway.end(entry);
                }
            }
        }
    }

    /// @param entry of the graph, if no other follows in it
    private void unpacked(GraphRequest request, GraphOutcome outcome, GraphsUnderway.@Nullable Entry entry) {
        long arrivedNanos = arrivals.take(request);
        switch (outcome) {
            case GraphOutcome.Done(MaterializedGraph done) -> {
                add(done.event(client, snippets.origin(request), arrivedNanos, stimulus("update-graph")), entry);
                answers.done(done);
            }
            case GraphOutcome.Failed(GraphFailure reason) -> answers.fail(request.keys(), reason);
        }
    }

    private Set<TaskKey> unknown(Set<TaskKey> keys) {
        return loop.query(state -> {
            Set<TaskKey> unknown = new HashSet<>(keys);
            unknown.removeIf(key -> state.task(key) != null);
            return unknown;
        });
    }

    /// @return whether the graphs are tasks, or never will be
    private boolean resume(
            List<GraphRequest> requests,
            GraphsUnderway.Entry entry,
            @Nullable List<GraphOutcome> outcomes,
            @Nullable Throwable failure) {
        lock.lock();
        try {
            unpacking = null;
            boolean one = requests.size() == 1;
            for (int i = 0; i < requests.size() && !abandoned; i++) {
                GraphRequest request = requests.get(i);
                if (outcomes == null) {
                    arrivals.take(request);
                    answers.fail(request.keys(), failure == null ? new CancellationException() : failure);
                    continue;
                }
                unpacked(request, outcomes.get(i), one ? entry : null);
            }
            boolean over = slicing == null;
            work();
            return over;
        } catch (BadMessageException e) {
            cutOff(e);
            return slicing == null || slicing.entry() != entry;
        } finally {
            lock.unlock();
        }
    }

    private void cutOff(BadMessageException e) {
        log.warn("closing the stream of client {} at {}: {}", client, connection.peer(), e.getMessage());
        waiting.clear();
        connection.close();
        idle.signalAll();
    }

    // ---- what is applied in slices ----

    /// @param entry of the graph; null if others follow at once, so that the loop must apply it in one step
    private void add(Event.UpdateGraph graph, GraphsUnderway.@Nullable Entry entry) {
        Event event = GraphPlan.inSlicesIfLarge(graph);
        batch.add(event);
        if (event != graph) {
            awaitSlices(entry);
        } else {
            loop.clientWaits();
        }
    }

    private void awaitSlices(List<TaskKey> keys) {
        if (keys.size() >= Event.LargeGraph.WEIGHT_MIN) {
            awaitSlices((GraphsUnderway.Entry) null);
        }
    }

    /// What follows waits until the loop has done all that it was told so far.
    private void awaitSlices(GraphsUnderway.@Nullable Entry entry) {
        var mine = new Slicing(entry);
        slicing = mine;
        Runnable reached = () -> Thread.ofVirtual().name("slices-" + client).start(() -> sliced(mine));
        batch.add(new Event.Marker(reached));
    }

    private void sliced(Slicing mine) {
        lock.lock();
        try {
            if (slicing == mine) {
                sliced();
            }
        } catch (BadMessageException e) {
            cutOff(e);
        } finally {
            lock.unlock();
        }
    }

    private void sliced() throws BadMessageException {
        Slicing mine = slicing;
        slicing = null;
        if (mine != null && mine.entry() != null) {
            underway.end(mine.entry());
        }
        work();
    }
}
