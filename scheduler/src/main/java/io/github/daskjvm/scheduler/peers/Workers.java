package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.scheduler.WorkerAddress;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.loop.Outbox;
import io.github.daskjvm.scheduler.loop.PeerStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The workers that have registered and not gone, as the shell knows them. Any thread may call.
public final class Workers {
    /// A worker that was removed without being told to end may stay connected for so long.
    private static final Duration LINGER = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(Workers.class);

    /// Is told of workers that come and go, by the thread of the worker's connection.
    public interface Listener {
        /// The worker is accepted, and about to be told so; it may not be known to the loop yet.
        void added(WorkerInfo worker);

        void removed(String address);
    }

    private final EventLoop loop;
    private final Outbox outbox;
    private final RpcPool rpc;
    private final EventLog events;
    private final Map<String, Member> members = new ConcurrentHashMap<>();
    private final Map<String, String> addressByName = new HashMap<>();
    private final WorkerMetrics metrics = new WorkerMetrics();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private long joined;

    public Workers(EventLoop loop, Outbox outbox, RpcPool rpc, EventLog events) {
        this.loop = loop;
        this.outbox = outbox;
        this.rpc = rpc;
        this.events = events;
    }

    private static final class Member {
        final WorkerInfo info;
        final Connection connection;

        volatile @Nullable PeerStream stream;

        boolean announced;
        /// The loop has been told of it.
        boolean joined;

        boolean leaving;
        /// It has said its last: nobody is shown it any more, though its address and name are still taken.
        volatile boolean closed;
        /// It has joined, or never will.
        final CountDownLatch settled = new CountDownLatch(1);

        Member(WorkerInfo info, Connection connection) {
            this.info = info;
            this.connection = connection;
        }
    }

    /// Takes the address and the name, if both are free.
    ///
    /// @return what is wrong, for the worker to log; null if nothing is
    synchronized @Nullable String claim(WorkerInfo info, Connection connection) {
        if (members.containsKey(info.address())) {
            return "Worker already exists " + info.address();
        }
        String name = String.valueOf(info.name());
        if (addressByName.containsKey(name)) {
            return "name taken, " + name;
        }
        members.put(info.address(), new Member(info, connection));
        addressByName.put(name, info.address());
        return null;
    }

    synchronized long nextSequence() {
        return joined++;
    }

    /// Tells the listeners of the worker. Before it is told itself that it is accepted: whoever started it, and waits
    /// for it to say that it is up, then knows of it already.
    void announce(WorkerInfo info) {
        Member member = members.get(info.address());
        if (member == null || member.info != info) {
            return;
        }
        synchronized (member) {
            if (member.leaving) {
                return;
            }
            member.announced = true;
            events.came(info.address());
            // Under the lock: nobody is told that it has come after having been told that it has gone.
            listeners.forEach(listener -> listener.added(info));
        }
    }

    /// The worker's stream is open: from now on it can be told to end.
    void opened(WorkerInfo info, PeerStream stream) {
        Member member = members.get(info.address());
        if (member != null && member.info == info) {
            member.stream = stream;
        }
    }

    /// The worker, of which [#opened] was told, is ready for tasks: tells the loop.
    ///
    /// @return false if it has gone already
    boolean join(WorkerInfo info, Event.WorkerJoined event) {
        Member member = members.get(info.address());
        PeerStream stream = member == null ? null : member.stream;
        if (member == null || member.info != info || stream == null) {
            return false;
        }
        synchronized (member) {
            if (member.leaving) {
                return false;
            }
            member.joined = true;
            outbox.addWorker(info.address(), stream);
            loop.post(event);
        }
        loop.await();
        member.settled.countDown();
        return true;
    }

    /// Removes a worker; what it held and ran is lost.
    ///
    /// @param expected it, or someone in charge, said that it would go
    /// @param close tells the worker to end, its nanny included, with this reason; null to say nothing: its next
    ///     heartbeat then tells it that it is not known any more, and until then it gives others its data
    /// @return false if it was not there
    public boolean remove(String address, boolean expected, @Nullable String close, String stimulusId) {
        Member member = members.get(address);
        if (member == null) {
            return false;
        }
        return remove(member, expected, close, close == null, stimulusId);
    }

    /// The worker has closed its stream: who asks from now on does not find it. Does not wait; [#gone] must follow.
    ///
    /// @return what to tell the loop
    Event.WorkerLeft closed(WorkerInfo info, String stimulusId) {
        Member member = members.get(info.address());
        if (member != null && member.info == info) {
            member.closed = true;
        }
        return new Event.WorkerLeft(info.address(), isExpected(info), stimulusId);
    }

    private static boolean isExpected(WorkerInfo info) {
        WorkerStatus status = info.status();
        return status == WorkerStatus.CLOSING
                || status == WorkerStatus.CLOSING_GRACEFULLY
                || status == WorkerStatus.CLOSED;
    }

    /// As above, for the worker's own connection: does nothing if the address belongs to a later worker.
    void gone(WorkerInfo info, String stimulusId) {
        Member member = members.get(info.address());
        if (member != null && member.info == info) {
            boolean removed = remove(member, isExpected(info), null, false, stimulusId);
            assert removed || member.leaving;
        }
    }

    private boolean remove(Member member, boolean expected, @Nullable String close, boolean linger, String stimulusId) {
        String address = member.info.address();
        synchronized (member) {
            if (member.leaving) {
                return false;
            }
            member.leaving = true;
            member.settled.countDown();
        }
        PeerStream stream = member.stream;
        if (stream != null && close != null) {
            tellToClose(stream, close);
        }
        if (member.joined) {
            loop.post(new Event.WorkerLeft(address, expected, stimulusId));
            // Commands meant for this worker must not reach a later one with the same address.
            loop.await();
            outbox.removeWorker(address);
        }
        synchronized (this) {
            members.remove(address);
            addressByName.remove(String.valueOf(member.info.name()));
        }
        if (linger && stream != null && member.joined) {
            Thread.ofVirtual().name("linger").start(() -> closeLater(member, stream));
        } else {
            close(member, stream, close == null);
        }
        rpc.forget(address);
        log.info("Remove worker addr: {} name: {}", address, member.info.name());
        events.log(List.of("all", address), Map.of("action", "remove-worker", "worker", address));
        events.left(address);
        if (member.announced) {
            for (Listener listener : listeners) {
                listener.removed(address);
            }
        }
        return true;
    }

    private static void close(Member member, @Nullable PeerStream stream, boolean atOnce) {
        if (atOnce || stream == null) {
            member.connection.close();
        }
        if (stream != null) {
            // Ends the thread that writes, too.
            stream.stream().close();
        }
    }

    private static void closeLater(Member member, PeerStream stream) {
        try {
            Thread.sleep(LINGER);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close(member, stream, true);
    }

    public void listen(Listener listener) {
        listeners.add(listener);
    }

    public void forget(Listener listener) {
        listeners.remove(listener);
    }

    public @Nullable WorkerInfo get(String address) {
        Member member = members.get(address);
        return member == null || member.closed ? null : member.info;
    }

    /// Whether the loop knows the worker. A worker that has just registered is asked first which fields it wants.
    public boolean hasJoined(String address) {
        Member member = members.get(address);
        return member != null && member.settled.getCount() == 0;
    }

    /// Waits until the loop knows the worker, which takes a round trip to it after it has registered.
    ///
    /// @return false if it is not there, or went before it was
    public boolean awaitJoined(String address) throws InterruptedException {
        Member member = members.get(address);
        if (member == null) {
            return false;
        }
        member.settled.await();
        return members.get(address) == member;
    }

    /// By address, in any of the forms of [WorkerAddress], or by name, as Dask's `coerce_address` allows. Not for the
    /// loop: a host's name may be looked up.
    public @Nullable WorkerInfo find(Object addressOrName) {
        String text = String.valueOf(addressOrName);
        WorkerInfo byAddress = get(text);
        if (byAddress != null) {
            return byAddress;
        }
        String address;
        synchronized (this) {
            address = addressByName.get(text);
        }
        if (address == null) {
            address = WorkerAddress.of(addressOrName);
        }
        return address == null ? null : get(address);
    }

    /// Those on a host, in order of joining.
    ///
    /// @param host as it stands in their addresses
    public List<WorkerInfo> on(String host) {
        List<WorkerInfo> all = all();
        all.removeIf(worker -> !worker.host().equals(host));
        return all;
    }

    /// Waits for the loop to have read what workers have sent so far: one that has closed its stream is then gone.
    public void settle() {
        loop.await();
    }

    /// In order of joining.
    public List<WorkerInfo> all() {
        var all = new ArrayList<WorkerInfo>(members.size());
        for (Member member : members.values()) {
            if (!member.closed) {
                all.add(member.info);
            }
        }
        all.sort(Comparator.comparingLong(WorkerInfo::sequence));
        return all;
    }

    /// What all of them measured, those that have gone included.
    public WorkerMetrics metrics() {
        return metrics;
    }

    public int count() {
        return members.size();
    }

    /// Seconds between heartbeats, fewer the more workers there are; source: `heartbeat_interval`.
    public double heartbeatInterval() {
        int n = members.size();
        if (n <= 10) {
            return 0.5;
        }
        if (n < 50) {
            return 1;
        }
        return n < 200 ? 2 : n / 200.0 + 1;
    }

    private static void tellToClose(PeerStream stream, String reason) {
        stream.stream().send(Map.of("op", "close", "reason", reason));
    }

    /// Tells every worker to end, whether it has joined or not; its stream closes once that is written.
    public void closeAll(String reason) {
        for (Member member : members.values()) {
            PeerStream stream = member.stream;
            if (stream == null) {
                member.connection.close(); // It has only just registered, and ends with its connection.
            } else {
                tellToClose(stream, reason);
                stream.stream().close();
            }
        }
    }

    /// Sends one message on the stream to a worker, if it is there.
    public void send(String address, Map<String, ?> message) {
        PeerStream stream = outbox.worker(address);
        if (stream != null) {
            stream.stream().send(message);
        }
    }
}
