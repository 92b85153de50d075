package io.github.daskjvm.client;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.python.ConversionException;
import io.github.daskjvm.worker.python.PythonWriter;
import io.github.daskjvm.worker.task.ArgumentTree;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.KeyReference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Published datasets, in the form in which Python's clients publish: a pickle in which a future is
/// `distributed.client.Future(key)`. So either reads the other's, as far as the value has a counterpart there.
final class Datasets {
    private final Client client;
    private final SchedulerCalls calls;

    Datasets(Client client, SchedulerCalls calls) {
        this.client = client;
        this.calls = calls;
    }

    void publish(String name, @Nullable Object value, boolean replace) throws IOException {
        Set<String> keys = new LinkedHashSet<>();
        Payload data;
        try {
            data = PythonWriter.write(ArgumentTree.map(value, leaf -> {
                if (leaf instanceof Future<?> future) {
                    keys.add(client.own(future).key());
                    return new KeyReference(TaskKey.of(future.key()));
                }
                return leaf;
            }));
        } catch (ConversionException e) {
            throw new IllegalArgumentException(
                    "what is published must be readable in Python, too: " + e.getMessage()
                            + ". Publish a future of it instead, of a task or of scatter",
                    e);
        }
        // The tasks must be known before they are wanted: the call waits for this mark on the client's stream.
        String mark = UUID.randomUUID().toString();
        client.keys().tell(Map.of("op", "publish_flush_batched_send", "uid", mark));
        publish(
                name,
                Map.of(
                        "op",
                        "publish_put",
                        "names",
                        List.of(name),
                        "keys",
                        List.of(List.copyOf(keys)),
                        "data",
                        List.of(data),
                        "override",
                        replace,
                        "client",
                        client.id(),
                        "uid",
                        mark));
        java.lang.ref.Reference.reachabilityFence(value);
    }

    private void publish(String name, Map<String, ?> request) throws IOException {
        try {
            calls.call(request);
        } catch (NoSuchElementException e) {
            // Python's scheduler raises a KeyError for a name that is taken.
            throw new IllegalStateException("there is a dataset " + name + " already", e);
        }
    }

    @SuppressWarnings({"unchecked", "NullAway"})
    <T extends @Nullable Object> T get(String name) throws IOException {
        Object answer = calls.call(Map.of("op", "publish_get", "name", name));
        if (!(answer instanceof Map<?, ?> dataset)) {
            throw new NoSuchElementException("there is no dataset " + name);
        }
        if (!(dataset.get("data") instanceof Payload payload)) {
            throw new IOException("the dataset " + name + " has no data that can be read in Java");
        }
        Object value;
        try {
            value = JavaCodec.value(payload, client.loader());
        } catch (IOException e) {
            throw new IOException("the dataset " + name + " can not be read in Java: " + e.getMessage(), e);
        }
        List<KeyState> found = new ArrayList<>();
        Object restored = ArgumentTree.map(
                value,
                leaf -> leaf instanceof KeyReference reference
                        ? client.unannounced(textKey(name, reference), found)
                        : leaf);
        if (!found.isEmpty()) {
            client.keys().desire(found);
        }
        return (T) restored;
    }

    private static String textKey(String name, KeyReference reference) {
        if (reference.keyValue() instanceof String key) {
            return key;
        }
        throw new IllegalArgumentException("the dataset " + name + " has a future of the key " + reference.keyValue()
                + ", which is no text, as of a part of a collection; such can not be had in Java");
    }

    void unpublish(String name) throws IOException {
        calls.call(Map.of("op", "publish_delete", "name", name));
    }

    List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        for (Object name : calls.call(Map.of("op", "publish_list")) instanceof Collection<?> all ? all : List.of()) {
            names.add(String.valueOf(name));
        }
        return names;
    }
}
