package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Incoming;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.Markers;
import io.github.daskjvm.protocol.StreamedMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// Passes the values of a large request on to workers while they come: through one buffer, in their order, each
/// straight to its worker. Who sends them waits for the slowest of these, and nobody else does. Used once, by the
/// thread that reads the request.
final class StreamedScatter {
    private final Incoming incoming;
    private final List<Value> values;

    /// Where the frames of a key's value are in the request.
    ///
    /// @param key as it goes over the wire
    /// @param marker the marker map that points to the first of them
    private record Value(@Nullable Object key, Map<?, ?> marker, int from, long[] lengths)
            implements StreamedMessage.Frames {
        long bytes() {
            long sum = 0;
            for (long length : lengths) {
                sum += length;
            }
            return sum;
        }

        @Override
        public void writeTo(OutputStream out) {
            throw new IllegalStateException("these are passed on one at a time");
        }
    }

    private StreamedScatter(Incoming incoming, List<Value> values) {
        this.incoming = incoming;
        this.values = values;
    }

    /// Null if there is more in the frames of the request than one payload for each key.
    ///
    /// @param request with marker maps
    static @Nullable StreamedScatter of(Map<?, ?> request, Incoming incoming) {
        List<Map.Entry<?, ?>> entries = new ArrayList<>();
        for (Map.Entry<?, ?> field : request.entrySet()) {
            if (!"data".equals(field.getKey())) {
                if (Markers.in(field.getValue())) {
                    return null;
                }
            } else if (field.getValue() instanceof Map<?, ?> data) {
                entries.addAll(data.entrySet());
            }
        }
        entries.sort(Comparator.comparingLong(entry -> Markers.frame(entry.getValue())));
        long[] lengths = incoming.lengths();
        List<Value> values = new ArrayList<>(entries.size());
        long next = 1;
        for (int i = 0; i < entries.size(); i++) {
            long from = Markers.frame(entries.get(i).getValue());
            long to = i + 1 < entries.size() ? Markers.frame(entries.get(i + 1).getValue()) : lengths.length + 1L;
            if (from != next || to <= from || to > lengths.length + 1L) {
                return null;
            }
            next = to;
            values.add(new Value(
                    entries.get(i).getKey(),
                    (Map<?, ?>) entries.get(i).getValue(),
                    (int) from,
                    Arrays.copyOfRange(lengths, (int) from - 1, (int) to - 1)));
        }
        return values.isEmpty() ? null : new StreamedScatter(incoming, values);
    }

    /// Sends each worker its values.
    ///
    /// @param workers the worker's address by key
    /// @return what each answered, or why it did not, in their order
    Map<String, WorkerCalls.Outcome> send(RpcPool rpc, Map<Object, String> workers) throws IOException {
        Map<String, Target> targets = new LinkedHashMap<>();
        try {
            for (String worker : workers.values()) {
                targets.computeIfAbsent(worker, w -> new Target(rpc, w));
            }
            for (Value value : values) {
                target(targets, workers, value).values.add(value);
            }
            Map<String, Callable<@Nullable Object>> beginnings = new LinkedHashMap<>();
            targets.forEach((worker, target) -> beginnings.put(worker, target::begin));
            WorkerCalls.concurrently(beginnings);
            for (Value value : values) {
                incoming.passTo(target(targets, workers, value), value.bytes());
            }
            Map<String, WorkerCalls.Outcome> outcomes = new LinkedHashMap<>();
            for (Target target : targets.values()) {
                outcomes.put(target.worker, target.outcome());
            }
            return outcomes;
        } finally {
            targets.values().forEach(Target::close);
        }
    }

    private static Target target(Map<String, Target> targets, Map<Object, String> workers, Value value) {
        Target target = targets.get(workers.get(value.key()));
        if (target == null) {
            throw new IllegalArgumentException("no worker is named for " + value.key());
        }
        return target;
    }

    /// What goes to one worker. When it has failed, the rest is dropped, so that the others get theirs.
    private static final class Target extends OutputStream {
        private final RpcPool rpc;
        private final String worker;
        private final List<Value> values = new ArrayList<>();
        private RpcPool.@Nullable Held held;
        private @Nullable OutputStream out;
        private @Nullable Exception failure;

        Target(RpcPool rpc, String worker) {
            this.rpc = rpc;
            this.worker = worker;
        }

        /// Connects, which may take a while if the worker is not there.
        @Nullable
        Object begin() {
            var message = new StreamedMessage();
            message.body().mapHeader(2);
            message.body().string("op");
            message.body().string("update_data");
            message.body().string("data");
            message.body().mapHeader(values.size());
            for (Value value : values) {
                long before = message.frames(value);
                message.body().value(value.key());
                message.body().value(Markers.moved(value.marker(), before + 1 - value.from()));
            }
            try {
                RpcPool.Held call = rpc.holdPatiently(worker);
                held = call;
                out = call.connection().begin(message);
            } catch (IOException e) {
                failure = e;
            }
            return null;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            if (out == null || failure != null) {
                return;
            }
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                failure = e;
            }
        }

        WorkerCalls.Outcome outcome() {
            if (held == null || failure != null) {
                return new WorkerCalls.Outcome(null, failure);
            }
            try {
                Object reply = RpcPool.checked(held.connection().read());
                held.giveBack();
                return new WorkerCalls.Outcome(reply, null);
            } catch (IOException | RpcFailure e) {
                return new WorkerCalls.Outcome(null, e);
            }
        }

        @Override
        public void close() {
            if (held != null) {
                held.close();
            }
        }
    }
}
