package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.TruncatedMessageException;
import io.github.daskjvm.scheduler.graph.MaterializerPool;
import io.github.daskjvm.scheduler.graph.WorkerDialect;
import io.github.daskjvm.scheduler.graph.WorkerProbe;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.loop.PeerStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Registration of workers, and the reading half of their streams, each on its connection's virtual thread.
public final class WorkerConnections {
    private static final Logger log = LoggerFactory.getLogger(WorkerConnections.class);
    private static final Pattern YEAR = Pattern.compile("(\\d{4})\\..*");

    private final EventLoop loop;
    private final Workers workers;
    private final EventLog events;
    private final RpcPool rpc;
    private final MaterializerPool graphs;
    private final Supplier<Map<String, byte[]>> workerPlugins;
    private final JvmPeers jvm;
    private final TaskRecords records;
    private final Map<String, ClientConnections.StreamHandler> extensions;

    /// @param workerPlugins what every new worker is given, by name
    /// @param extensions operations of workers' streams that belong to services; they must not wait for anything
    public WorkerConnections(
            EventLoop loop,
            Workers workers,
            EventLog events,
            RpcPool rpc,
            MaterializerPool graphs,
            Supplier<Map<String, byte[]>> workerPlugins,
            JvmPeers jvm,
            TaskRecords records,
            Map<String, ClientConnections.StreamHandler> extensions) {
        this.loop = loop;
        this.workers = workers;
        this.events = events;
        this.rpc = rpc;
        this.graphs = graphs;
        this.workerPlugins = workerPlugins;
        this.jvm = jvm;
        this.records = records;
        this.extensions = extensions;
    }

    /// `register-worker`: answers, then reads the worker's stream to the end. Meanwhile finds out its dialect.
    public Object register(Fields request, Connection connection) throws IOException {
        WorkerInfo info;
        String refusal;
        try {
            String address = request.string("address");
            info = new WorkerInfo(request, address, host(address), workers.nextSequence());
            refusal = refusal(info, connection);
        } catch (BadMessageException | IllegalArgumentException e) {
            refuse(connection, String.valueOf(e.getMessage()));
            return RpcHandler.TAKEN;
        }
        if (refusal != null) {
            refuse(connection, refusal);
            return RpcHandler.TAKEN;
        }
        try {
            serve(info, request, connection);
        } catch (TruncatedMessageException e) {
            log.warn(
                    "the stream of worker {} from {} broke off: {}", info.address(), connection.peer(), e.getMessage());
        } catch (EOFException | SocketException e) {
            log.debug("worker {}: {}", info.address(), e.getMessage());
        } catch (IOException | RuntimeException e) {
            log.warn("closing the stream of worker {} from {}: {}", info.address(), connection.peer(), e.toString());
        } finally {
            workers.gone(info, "worker-gone-" + info.sequence());
            graphs.workerLeft(info.address());
        }
        return RpcHandler.TAKEN;
    }

    /// Why the worker can not join; null if it has the place.
    private @Nullable String refusal(WorkerInfo info, Connection connection) {
        String conflict = jvm.refusal(info);
        String refusal = conflict == null ? workers.claim(info, connection) : conflict;
        if (refusal == null) {
            refusal = info.fault();
            if (refusal != null) {
                workers.gone(info, "refused");
            }
        }
        return refusal;
    }

    private static String host(String address) {
        return Address.parse(address).host();
    }

    private static void refuse(Connection connection, String message) throws IOException {
        log.warn("refusing a worker from {}: {}", connection.peer(), message);
        connection.write(Map.of("status", "error", "message", message, "time", Wire.now()));
    }

    private void serve(WorkerInfo info, Fields request, Connection connection) throws IOException {
        log.info("Register worker addr: {} name: {}", info.address(), info.name());
        workers.announce(info);
        workers.metrics().add(info.metrics());
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("status", "OK");
        reply.put("time", Wire.now());
        reply.put("heartbeat-interval", workers.heartbeatInterval());
        reply.put("worker-plugins", workerPlugins.get());
        reply.putAll(jvm.welcome(info));
        connection.write(reply);
        var stream = PeerStream.open(connection, loop.streams(), Duration.ZERO);
        workers.opened(info, stream);
        var messages = new EarlyMessages(
                new WorkerReceiver(info.address(), loop, records, (message, batch) -> beside(info, message, batch)));
        Thread joining = Thread.ofVirtual().name("join-" + info.address()).start(() -> {
            try {
                if (join(info, request, stream)) {
                    messages.workerJoined();
                }
            } catch (IOException | RuntimeException e) {
                log.warn(
                        "closing the stream of worker {} from {}: {}", info.address(), connection.peer(), e.toString());
                connection.close();
            }
        });
        try {
            stream.receive(messages);
        } finally {
            workers.gone(info, "worker-gone-" + info.sequence());
            await(joining);
            stream.stream().close();
        }
    }

    private static void await(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Finds out the worker's dialect, and tells the loop of it; false if it has gone meanwhile.
    private boolean join(WorkerInfo info, Fields request, PeerStream stream) throws BadMessageException {
        Spoken dialect = info.runtime() == Runtime.PYTHON ? dialect(info) : null;
        if (info.runtime() == Runtime.JVM) {
            stream.withShortTasks();
        }
        stream.withDurations(dialect != null && dialect.dialect().wantsDuration());
        var event = new Event.WorkerJoined(
                info.address(),
                String.valueOf(info.name()),
                info.host(),
                info.runtime(),
                info.nthreads(),
                info.memoryLimitBytes(),
                info.resources(),
                info.status(),
                info.nanny(),
                WorkerEvents.stimulus(request));
        if (!workers.join(info, event)) {
            return false;
        }
        loop.post(Heartbeats.event(info.address(), request, info.metrics(), Map.of()));
        if (dialect != null) {
            if (dialect.reachable()) {
                graphs.workerJoined(info.address(), dialect.dialect());
            }
            graphs.workerRunning(info.address(), info.status() == WorkerStatus.RUNNING);
        }
        events.log(List.of("all", info.address()), Map.of("action", "add-worker", "worker", info.address()));
        return true;
    }

    /// @param reachable the worker said so itself, and could be called for it
    private record Spoken(WorkerDialect dialect, boolean reachable) {}

    /// The worker says which fields it wants. One that refuses to say, or that takes no connections from here, is
    /// taken by its word about its version, which can be wrong.
    private Spoken dialect(WorkerInfo info) {
        try {
            return new Spoken(WorkerProbe.probe(info.address(), rpc), true);
        } catch (RpcFailure | IOException e) {
            WorkerDialect guess = guess(info.packages().get("distributed"));
            if (workers.get(info.address()) == info) {
                log.warn("worker {} does not say which fields it wants ({}), guessing {}", info.address(), e, guess);
            }
            return new Spoken(guess, false);
        } finally {
            // Most workers are never called again; with many of them, connections for nothing add up.
            rpc.closeIdle(info.address());
        }
    }

    private static WorkerDialect guess(@Nullable Object version) {
        Matcher matcher = YEAR.matcher(String.valueOf(version));
        return matcher.matches() && Integer.parseInt(matcher.group(1)) >= 2025
                ? WorkerDialect.OF_2026_7
                : WorkerDialect.OF_2024_12;
    }

    /// A message that is not for the event loop, or not for it alone.
    private boolean beside(WorkerInfo info, Fields message, List<Event> batch) throws BadMessageException {
        switch (message.op()) {
            case "keep-alive" -> {
                // Nothing to do: the connection's own keep-alive watches.
            }
            case "worker-status-change" -> statusChange(info, message, batch);
            case "log-event" -> logEvent(info, message);
            case "close-stream" -> {
                // In this batch: whoever asks the loop after this finds the worker gone.
                batch.add(workers.closed(info, "worker-gone-" + info.sequence()));
                return false;
            }
            default -> {
                ClientConnections.StreamHandler extension = extensions.get(message.op());
                if (extension == null) {
                    loop.messages().unknown(message.op());
                    throw new BadMessageException("unknown op " + message.op() + " on the stream of a worker");
                }
                extension.handle(info.address(), message);
            }
        }
        return true;
    }

    private void statusChange(WorkerInfo info, Fields message, List<Event> batch) throws BadMessageException {
        String name = message.string("status");
        WorkerStatus status = WorkerStatus.ofWireName(name).orElse(null);
        if (status == null) {
            log.warn("worker {} claims the unknown status {}", info.address(), name);
            return;
        }
        WorkerStatus before = info.status();
        info.status(status);
        graphs.workerRunning(info.address(), status == WorkerStatus.RUNNING);
        batch.add(new Event.WorkerStatusChanged(info.address(), status, WorkerEvents.stimulus(message)));
        events.log(
                info.address(),
                Map.of(
                        "action",
                        "worker-status-change",
                        "prev-status",
                        before.wireName(),
                        "status",
                        status.wireName(),
                        "stimulus_id",
                        WorkerEvents.stimulus(message)));
    }

    private void logEvent(WorkerInfo info, Fields message) throws BadMessageException {
        Object said = message.get("msg");
        if (said instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> withWorker = new LinkedHashMap<>(map);
            withWorker.put("worker", info.address());
            said = withWorker;
        }
        List<String> topics = Wire.textsOrNull(message, "topic");
        if (topics == null) {
            throw message.wrong("topic", "text or an array of text");
        }
        events.log(topics, said);
    }

    /// `heartbeat_worker`.
    public Object heartbeat(Fields request, Connection connection) throws BadMessageException {
        String address = request.string("address");
        WorkerInfo info = workers.get(address);
        if (info == null) {
            log.warn("heartbeat from {} for the worker {}, which is not registered", connection.peer(), address);
            return Map.of("status", "missing");
        }
        Map<?, ?> metrics = request.mapping("metrics");
        Map<?, ?> executing = request.mappingOrEmpty("executing");
        double interval = workers.heartbeatInterval();
        info.heartbeat(metrics, executing, interval);
        workers.metrics().add(metrics);
        loop.postSoon(Heartbeats.event(address, request, metrics, executing));
        return Map.of("status", "OK", "time", Wire.now(), "heartbeat-interval", interval);
    }
}
