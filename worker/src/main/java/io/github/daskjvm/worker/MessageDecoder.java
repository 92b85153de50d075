package io.github.daskjvm.worker;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerEvent.Input;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.JavaCall;
import io.github.daskjvm.protocol.MsgpackReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads the stream messages of one scheduler that concern tasks, in order: tasks refer to functions that were sent
/// before, by number.
final class MessageDecoder {
    private static final int FUNCTIONS_MAX = 1024;

    private final Map<Long, byte[]> functions = new HashMap<>();

    /// The event, or null if the op is not one for the state machine.
    ///
    /// @throws BadMessageException if a field is missing or mistyped
    @Nullable
    WorkerEvent event(Fields message) throws BadMessageException {
        return switch (message.op()) {
            case "compute-task" -> compute(message);
            case "function" -> {
                keep(message);
                yield null;
            }
            case "free-keys" -> new WorkerEvent.FreeKeys(keys(message, "keys"));
            case "remove-replicas" -> new WorkerEvent.RemoveReplicas(keys(message, "keys"));
            case "acquire-replicas" -> new WorkerEvent.AcquireReplicas(inputs(message));
            case "refresh-who-has" -> new WorkerEvent.RefreshWhoHas(whoHas(message));
            case "cancel-compute" -> new WorkerEvent.CancelCompute(key(message, message.required("key")));
            case "steal-request" ->
                new WorkerEvent.StealRequest(key(message, message.required("key")), message.string("stimulus_id"));
            case "remove-worker" -> new WorkerEvent.RemoveWorker(message.string("worker"));
            default -> null;
        };
    }

    private void keep(Fields message) throws BadMessageException {
        long number = message.integer("number", -1);
        if (number < 0 || number >= FUNCTIONS_MAX || !(message.get("function") instanceof byte[] function)) {
            throw message.wrong("function", "bytes, with a number below " + FUNCTIONS_MAX);
        }
        functions.put(number, function);
    }

    private @Nullable Object runSpec(Fields message) throws BadMessageException {
        if (!(message.get("function") instanceof Long number)) {
            return message.get("run_spec");
        }
        byte[] function = functions.get(number);
        if (function == null || !(message.get("arguments") instanceof byte[] arguments)) {
            throw message.wrong("function", "the number of a function that was sent before, with arguments");
        }
        return new JavaCall(function, arguments);
    }

    private WorkerEvent compute(Fields message) throws BadMessageException {
        return new WorkerEvent.ComputeTask(
                key(message, message.required("key")),
                message.integer("run_id", 0),
                priority(message),
                inputs(message),
                new RunSpec(runSpec(message), message.get("span_id") instanceof String span ? span : null),
                resources(message));
    }

    private static Priority priority(Fields message) throws BadMessageException {
        Collection<?> numbers = message.list("priority");
        double[] parts = new double[3];
        int i = 0;
        for (Object number : numbers) {
            if (!(number instanceof Number n)) {
                throw message.wrong("priority", "an array of numbers");
            }
            if (i < parts.length) {
                parts[i++] = n.doubleValue();
            }
        }
        return new Priority(parts[0], parts[1], (long) parts[2]);
    }

    private static Map<String, Double> resources(Fields message) throws BadMessageException {
        Map<?, ?> given = message.mappingOrEmpty("resource_restrictions");
        if (given.isEmpty()) {
            return Map.of();
        }
        var resources = LinkedHashMap.<String, Double>newLinkedHashMap(given.size());
        for (var entry : given.entrySet()) {
            if (!(entry.getKey() instanceof String name) || !(entry.getValue() instanceof Number amount)) {
                throw message.wrong("resource_restrictions", "a map of names to numbers");
            }
            resources.put(name, amount.doubleValue());
        }
        return resources;
    }

    /// What `who_has` and `nbytes` say together.
    private static List<Input> inputs(Fields message) throws BadMessageException {
        Map<?, ?> whoHas = message.mappingOrEmpty("who_has");
        if (whoHas.isEmpty()) {
            return List.of();
        }
        Map<?, ?> sizes = message.mappingOrEmpty("nbytes");
        var inputs = new ArrayList<Input>(whoHas.size());
        for (var entry : whoHas.entrySet()) {
            long size = sizes.get(entry.getKey()) instanceof Long bytes ? bytes : 0;
            inputs.add(new Input(key(message, entry.getKey()), addresses(message, entry.getValue()), size));
        }
        return inputs;
    }

    static Map<TaskKey, List<String>> whoHas(Fields message) throws BadMessageException {
        var whoHas = new LinkedHashMap<TaskKey, List<String>>();
        for (var entry : message.mapping("who_has").entrySet()) {
            whoHas.put(key(message, entry.getKey()), addresses(message, entry.getValue()));
        }
        return whoHas;
    }

    private static List<String> addresses(Fields message, @Nullable Object value) throws BadMessageException {
        if (!(value instanceof Collection<?> items)) {
            throw message.wrong("who_has", "a map of keys to arrays of addresses");
        }
        var addresses = new ArrayList<String>(items.size());
        for (Object item : items) {
            if (!(item instanceof String address)) {
                throw message.wrong("who_has", "a map of keys to arrays of addresses");
            }
            addresses.add(address);
        }
        return addresses;
    }

    static List<TaskKey> keys(Fields message, String name) throws BadMessageException {
        Collection<?> values = message.list(name);
        var keys = new ArrayList<TaskKey>(values.size());
        for (Object value : values) {
            keys.add(key(message, value));
        }
        return keys;
    }

    static TaskKey key(Fields message, @Nullable Object value) throws BadMessageException {
        try {
            return TaskKey.of(value instanceof MsgpackReader.Bytes(byte[] bytes) ? bytes : value);
        } catch (IllegalArgumentException e) {
            throw new BadMessageException("op " + message.op() + ": " + e.getMessage(), e);
        }
    }
}
