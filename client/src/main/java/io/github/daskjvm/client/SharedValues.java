package io.github.daskjvm.client;

import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.JavaCodec;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What queues and variables hold, as Dask has it: a future, which travels as its key, or data that the protocol
/// itself can carry, which goes through the scheduler.
final class SharedValues {
    private static final int MAX_DEPTH = 100;

    private final Client client;

    SharedValues(Client client) {
        this.client = client;
    }

    /// The entry `key` or `data` of a request.
    ///
    /// @throws IllegalArgumentException if it is neither a future nor plain data, naming its type
    Map<String, ?> entry(@Nullable Object value) {
        if (value instanceof Future<?> future) {
            return Map.of("key", client.own(future).key());
        }
        Map<String, @Nullable Object> entry = new LinkedHashMap<>();
        entry.put("data", plain(value, 0));
        return entry;
    }

    private static @Nullable Object plain(@Nullable Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("the data is nested deeper than " + MAX_DEPTH + " levels");
        }
        return switch (value) {
            case null -> null;
            case Boolean b -> b;
            case String text -> text;
            case Byte n -> n;
            case Short n -> n;
            case Integer n -> n;
            case Long n -> n;
            case BigInteger n when n.bitLength() < Long.SIZE -> n.longValue();
            case Float n -> n;
            case Double n -> n;
            case byte[] bytes -> bytes;
            case Set<?> set -> all(set, new LinkedHashSet<>(), depth);
            case Collection<?> list -> all(list, new ArrayList<>(), depth);
            case Map<?, ?> map -> {
                Map<@Nullable Object, @Nullable Object> copy = new LinkedHashMap<>();
                map.forEach((key, item) -> copy.put(plain(key, depth + 1), plain(item, depth + 1)));
                yield copy;
            }
            case Future<?> future ->
                throw new IllegalArgumentException("a future inside other data does not travel: put the future itself");
            default ->
                throw new IllegalArgumentException("a " + value.getClass().getTypeName()
                        + " does not travel through the scheduler, which carries null, booleans, numbers, text, byte[],"
                        + " lists, sets and maps of these: scatter it, and share the future");
        };
    }

    private static Object all(Collection<?> items, Collection<@Nullable Object> copy, int depth) {
        for (Object item : items) {
            copy.add(plain(item, depth + 1));
        }
        return copy;
    }

    /// What an answer's record stands for.
    ///
    /// @param receipt the message by which the scheduler is told that its future has arrived; its key is added
    @SuppressWarnings({"unchecked", "NullAway"})
    <T extends @Nullable Object> T value(@Nullable Object record, Map<String, ?> receipt) throws IOException {
        if (!(record instanceof Map<?, ?> map)) {
            throw new IOException("the scheduler answers with " + record);
        }
        if (!"Future".equals(map.get("type"))) {
            Object data = map.get("value");
            return (T) (data instanceof Payload payload ? JavaCodec.value(payload, client.loader()) : data);
        }
        if (!(map.get("value") instanceof String key)) {
            throw new IOException("the future of " + map.get("value")
                    + " can not be had in Java, where keys are text; in Python, share a future of a task of its own");
        }
        Map<String, @Nullable Object> message = new LinkedHashMap<>(receipt);
        message.put("key", key);
        return (T) client.received(key, message);
    }

    List<Object> values(@Nullable Object records, Map<String, ?> receipt) throws IOException {
        List<Object> values = new ArrayList<>();
        for (Object record : records instanceof Collection<?> all ? all : List.of()) {
            values.add(this.<Object>value(record, receipt));
        }
        return values;
    }
}
