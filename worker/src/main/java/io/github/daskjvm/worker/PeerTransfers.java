package io.github.daskjvm.worker;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerEvent.Received;
import io.github.daskjvm.core.worker.WorkerInstruction;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.JavaCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Fetches values from peers by their op `get_data`, each transfer on a virtual thread of its own.
final class PeerTransfers {
    /// For a peer that accepts the request and then says nothing: it has to serialize before it can answer.
    private static final Duration SILENCE_MAX = Duration.ofMinutes(5);

    private final RpcPool pool;
    private final String address;
    private final Measurements measurements;
    private final WorkerLog log;

    PeerTransfers(RpcPool pool, String address, Measurements measurements, WorkerLog log) {
        this.pool = pool;
        this.address = address;
        this.measurements = measurements;
        this.log = log;
    }

    /// What a peer said.
    sealed interface Answer {}

    record Data(Map<TaskKey, Received> values) implements Answer {}

    record Busy() implements Answer {}

    /// Blocks. What the peer lacks is missing from the answer.
    ///
    /// @throws IOException if it cannot be reached, breaks off, or answers something else
    Answer get(String peer, List<TaskKey> keys) throws IOException {
        try {
            // A peer that the pool is told to forget meanwhile, as the scheduler lost it, ends the exchange.
            return (Answer) Objects.requireNonNull(pool.exchange(peer, connection -> ask(connection, keys)));
        } catch (IOException | RuntimeException e) {
            pool.closeIdle(peer);
            throw e;
        }
    }

    private Answer ask(Connection connection, List<TaskKey> keys) throws IOException {
        connection.readTimeout(SILENCE_MAX);
        var wire = new ArrayList<Object>(keys.size());
        for (TaskKey key : keys) {
            wire.add(key.value());
        }
        connection.write(
                Map.of("op", "get_data", "keys", wire, "who", address, "serializers", JavaCodec.SERIALIZERS_READ));
        Object reply = connection.read();
        if (!(reply instanceof Map<?, ?> map)) {
            throw new BadMessageException("get_data was answered with " + reply);
        }
        if ("busy".equals(map.get("status"))) {
            return new Busy();
        }
        if (!"OK".equals(map.get("status"))) {
            throw new IOException("get_data failed there: " + map.get("exception_text"));
        }
        connection.write("OK");
        return new Data(values(map));
    }

    private static Map<TaskKey, Received> values(Map<?, ?> reply) throws BadMessageException {
        if (!(reply.get("data") instanceof Map<?, ?> data)) {
            throw new BadMessageException("the answer to get_data has no data");
        }
        var values = LinkedHashMap.<TaskKey, Received>newLinkedHashMap(data.size());
        for (var entry : data.entrySet()) {
            if (!(entry.getValue() instanceof Payload payload)) {
                throw new BadMessageException("the answer to get_data has a value that is not serialized");
            }
            TaskKey key = MessageDecoder.key(Fields.of("get_data", reply), entry.getKey());
            values.put(key, new Received(StoredValue.ofPayload(payload), payload.sizeBytes()));
        }
        return values;
    }

    /// Starts the transfer; its end goes to the loop as an event.
    void start(WorkerInstruction.Fetch fetch, WorkerLoop loop) {
        Thread.ofVirtual().name("fetch-" + fetch.worker()).start(() -> loop.handle(transfer(fetch)));
    }

    private WorkerEvent transfer(WorkerInstruction.Fetch fetch) {
        double start = System.currentTimeMillis() / 1000.0;
        long startNanos = System.nanoTime();
        try {
            return switch (get(fetch.worker(), fetch.keys())) {
                case Busy() -> {
                    measurements.notGathered(true, (System.nanoTime() - startNanos) / 1e9);
                    yield new WorkerEvent.TransferBusy(fetch.worker());
                }
                case Data(Map<TaskKey, Received> values) -> {
                    double seconds = (System.nanoTime() - startNanos) / 1e9;
                    long bytes = 0;
                    for (Received value : values.values()) {
                        bytes += value.sizeBytes();
                    }
                    measurements.incoming(fetch.worker(), bytes, seconds);
                    yield new WorkerEvent.TransferFinished(fetch.worker(), values, start, start + seconds);
                }
            };
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            measurements.notGathered(false, (System.nanoTime() - startNanos) / 1e9);
            log.warn("could not fetch " + fetch.keys().size() + " values from " + fetch.worker() + ": " + e);
            return new WorkerEvent.TransferFailed(fetch.worker());
        }
    }
}
