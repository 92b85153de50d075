package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Command.ClientMessage;
import io.github.daskjvm.core.scheduler.Command.WorkerMessage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The streams of all workers and clients, and the way commands take to them. Connections add and remove their
/// streams; the loop writes, and flushes each stream it touched once a batch. Nobody waits for a worker to free
/// memory: that leaves a little later, mostly together with something else, since what costs is to wake the worker.
public final class Outbox implements EventLoop.Output {
    private static final Logger log = LoggerFactory.getLogger(Outbox.class);

    private final Map<String, PeerStream> workers = new ConcurrentHashMap<>();
    private final Map<String, PeerStream> clients = new ConcurrentHashMap<>();
    private final List<PeerStream> touched = new ArrayList<>();
    private final BiConsumer<String, Object> eventLog;

    /// @param eventLog takes what the core wants logged, by topic
    public Outbox(BiConsumer<String, Object> eventLog) {
        this.eventLog = eventLog;
    }

    public void addWorker(String address, PeerStream stream) {
        workers.put(address, stream);
    }

    public void addClient(String id, PeerStream stream) {
        clients.put(id, stream);
    }

    public void removeWorker(String address) {
        workers.remove(address);
    }

    public void removeClient(String id, PeerStream stream) {
        clients.remove(id, stream);
    }

    public @Nullable PeerStream worker(String address) {
        return workers.get(address);
    }

    public @Nullable PeerStream client(String id) {
        return clients.get(id);
    }

    public Collection<PeerStream> clients() {
        return clients.values();
    }

    @Override
    public void carryOut(Command command) {
        switch (command) {
            case Command.ToWorker(String worker, WorkerMessage message) -> toWorker(worker, message);
            case Command.ToClient(String client, ClientMessage message) -> toClient(client, message);
            case Command.LogEvent(String topic, Object message) -> eventLog.accept(topic, message);
            case Command.LogSteals(List<Command.Steal> steals) -> eventLog.accept("stealing", requests(steals));
            case Command.Reached(Object receipt) -> {
                if (receipt instanceof Runnable reached) {
                    reached.run();
                }
            }
            case Command.SetTimer timer -> throw new IllegalArgumentException("the loop sets its own timers: " + timer);
        }
    }

    /// As Dask's `WorkStealing` logs it.
    private static List<Object> requests(List<Command.Steal> steals) {
        double now = System.currentTimeMillis() / 1000.0;
        List<Object> rows = new ArrayList<>(steals.size());
        for (Command.Steal steal : steals) {
            rows.add(List.of(
                    now,
                    steal.level(),
                    steal.key().value(),
                    steal.costSeconds(),
                    steal.victim(),
                    steal.victimSeconds(),
                    steal.thief(),
                    steal.thiefSeconds()));
        }
        return List.of("request", rows);
    }

    private void toWorker(String worker, WorkerMessage message) {
        PeerStream peer = workers.get(worker);
        if (peer == null) {
            return;
        }
        touch(peer, !(message instanceof Command.FreeKeys));
        try {
            SentFunctions functions = peer.functions();
            if (functions != null && message instanceof Command.ComputeTask task) {
                ShortTasks.send(peer.stream(), task, functions);
                return;
            }
            boolean durations = peer.durations();
            peer.stream().add(writer -> WorkerMessages.write(writer, message, durations));
        } catch (RuntimeException e) {
            log.error("cannot write to worker {}, closing its stream", worker, e);
            peer.stream().close();
        }
    }

    private void toClient(String client, ClientMessage message) {
        PeerStream peer = clients.get(client);
        if (peer == null) {
            return;
        }
        touch(peer, true);
        tell(client, peer, message);
        try {
            boolean results = peer.results();
            peer.stream().add(writer -> ClientMessages.write(writer, message, results));
        } catch (RuntimeException e) {
            log.error("cannot write to client {}, closing its stream", client, e);
            peer.stream().close();
        }
    }

    /// What a client asked for and will not get is worth a line.
    private static void tell(String client, PeerStream peer, ClientMessage message) {
        if (message instanceof Command.TaskRejected(TaskKey key, String reason)) {
            log.warn("{} of client {} at {} is rejected: {}", key, client, peer.peer(), reason);
        } else if (message instanceof Command.CancelledKeys(Collection<TaskKey> keys) && !keys.isEmpty()) {
            log.info(
                    "{} keys are cancelled at client {} at {}, {} first",
                    keys.size(),
                    client,
                    peer.peer(),
                    keys.iterator().next());
        }
    }

    private void touch(PeerStream peer, boolean urgent) {
        peer.urgent |= urgent;
        if (!peer.touched) {
            peer.touched = true;
            touched.add(peer);
        }
    }

    @Override
    public void flush() {
        for (PeerStream peer : touched) {
            peer.touched = false;
            if (peer.urgent) {
                peer.urgent = false;
                peer.stream().flush();
            } else {
                peer.stream().flushSoon();
            }
        }
        touched.clear();
    }
}
