package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.SpanPath;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.core.scheduler.TaskSpec.TaskOptions;
import io.github.daskjvm.pickle.PicklePacker;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.MsgpackReader;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.scheduler.WorkerAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The tasks of a graph as `materialize.py` writes them, in pages. Each page is a u32 length, a msgpack map of
/// that length, and the pickled nodes one after the other. The map has
///
/// - `keys`: of this page's tasks
/// - `lengths`, `counts`, `dependencies`, `order`, `options`: little-endian i32 each, as bytes. Per task the
///   length of its node, how many dependencies it has, its place in the order, and which entry of `annotations`
///   is its own, -1 for none; the last two may be missing. A dependency is a number of a key: first all tasks of
///   all pages, then `external`
/// - `token`: what to ask for to get the next page; missing in the last
/// - in the first page also `total`, `external` (keys outside the graph) and `annotations`
final class GraphTable {
    private static final int TASKS_MAX = 1 << 28;

    private final GraphRequest request;
    private final MsgpackReader reader = new MsgpackReader();
    private final List<TaskKey> names = new ArrayList<>();
    private final List<Page> pages = new ArrayList<>();
    private final List<TaskKey> external = new ArrayList<>();
    private final List<TaskOptions> options = new ArrayList<>();
    private long total = -1;
    private @Nullable Object token;

    private record Page(
            PackedTask[] specs, int[] counts, int[] dependencies, int @Nullable [] order, int @Nullable [] options) {}

    GraphTable(GraphRequest request) {
        this.request = request;
    }

    /// What to ask for to get the next page; null when all are here.
    @Nullable
    Object token() {
        return token;
    }

    void add(byte[] page) throws BadMessageException {
        int size = page.length < 4
                ? -1
                : ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (size < 0 || size > page.length - 4) {
            throw new BadMessageException("a page of a table is cut off after " + page.length + " bytes");
        }
        if (!(reader.whole(Arrays.copyOfRange(page, 4, 4 + size)) instanceof Map<?, ?> meta)) {
            throw new BadMessageException("a page of a table must start with a map");
        }
        if (total < 0) {
            readFirst(meta);
        }
        List<?> keys = list(meta, "keys");
        int[] lengths = ints(meta, "lengths");
        int[] counts = ints(meta, "counts");
        if (lengths.length != keys.size() || counts.length != keys.size()) {
            throw new BadMessageException("a page of a table has " + keys.size() + " keys and " + lengths.length
                    + " lengths and " + counts.length + " counts");
        }
        for (Object key : keys) {
            names.add(key(key));
        }
        pages.add(new Page(
                specs(page, 4 + size, lengths),
                counts,
                ints(meta, "dependencies"),
                meta.containsKey("order") ? ints(meta, "order") : null,
                meta.containsKey("options") ? ints(meta, "options") : null));
        token = meta.get("token");
    }

    private void readFirst(Map<?, ?> meta) throws BadMessageException {
        if (!(meta.get("total") instanceof Long count) || count < 0 || count > TASKS_MAX) {
            throw new BadMessageException("a table of " + meta.get("total") + " tasks is not read here");
        }
        total = count;
        for (Object key : list(meta, "external")) {
            external.add(key(key));
        }
        for (Object entry : list(meta, "annotations")) {
            options.add(options(entry));
        }
    }

    private static PackedTask[] specs(byte[] page, int from, int[] lengths) throws BadMessageException {
        var specs = new PackedTask[lengths.length];
        PicklePacker packer = PicklePacker.take();
        int at = from;
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] < 0 || lengths[i] > page.length - at) {
                throw new BadMessageException("a page of a table is cut off after " + page.length + " bytes");
            }
            specs[i] = new PackedTask(packer.pack(Arrays.copyOfRange(page, at, at + lengths[i]), lengths[i]));
            at += lengths[i];
        }
        packer.giveBack();
        return specs;
    }

    /// All tasks, once the last page is here.
    List<TaskSpec> tasks() throws BadMessageException {
        if (names.size() != total) {
            throw new BadMessageException("a table of " + total + " tasks has " + names.size());
        }
        names.addAll(external);
        var tasks = new ArrayList<TaskSpec>((int) total);
        long orderOfOthers = request.internalPriority().values().stream()
                .mapToLong(given -> given)
                .max()
                .orElse(-1);
        TaskOptions[] ofActors = new TaskOptions[options.size() + 1];
        try {
            for (Page page : pages) {
                int at = 0;
                for (int i = 0; i < page.specs.length; i++) {
                    TaskKey key = names.get(tasks.size());
                    List<TaskKey> dependencies = dependencies(page.dependencies, at, page.counts[i]);
                    at += page.counts[i];
                    Long given = request.internalPriority().get(key);
                    long order = given != null ? given : page.order != null ? page.order[i] : ++orderOfOthers;
                    int option = page.options == null ? -1 : page.options[i];
                    tasks.add(new TaskSpec(
                            key, page.specs[i], Runtime.PYTHON, dependencies, order, option(key, option, ofActors)));
                }
            }
        } catch (IndexOutOfBoundsException e) {
            throw new BadMessageException("a table points outside of itself: " + e.getMessage(), e);
        }
        return Collections.unmodifiableList(tasks);
    }

    private List<TaskKey> dependencies(int[] numbers, int from, int count) {
        if (count < 0 || count > numbers.length - from) {
            throw new IndexOutOfBoundsException("a task with " + count + " dependencies");
        }
        if (count == 0) {
            return List.of();
        }
        if (count == 1) {
            return List.of(names.get(numbers[from]));
        }
        var keys = new TaskKey[count];
        for (int i = 0; i < count; i++) {
            keys[i] = names.get(numbers[from + i]);
        }
        return List.of(keys);
    }

    private TaskOptions option(TaskKey key, int number, @Nullable TaskOptions[] ofActors) {
        TaskOptions chosen = number < 0 ? TaskOptions.NONE : options.get(number);
        if (!request.actors().contains(key)) {
            return chosen;
        }
        TaskOptions ofActor = ofActors[number + 1];
        if (ofActor == null) {
            ofActor = ofActor(chosen);
            ofActors[number + 1] = ofActor;
        }
        return ofActor;
    }

    static TaskOptions ofActor(TaskOptions options) {
        return new TaskOptions(
                options.priority(),
                options.retries(),
                options.workers(),
                options.allowOtherWorkers(),
                options.resources(),
                true,
                options.annotations(),
                options.span());
    }

    /// @param entry what the annotations of a table consist of
    static TaskOptions options(@Nullable Object entry) throws BadMessageException {
        if (!(entry instanceof Map<?, ?> map) || !(map.get("pickle") instanceof byte[] pickle)) {
            throw new BadMessageException("the annotations of a table must be maps with a pickle");
        }
        List<String> workers = null;
        if (map.get("workers") instanceof List<?> names) {
            workers = new ArrayList<>();
            for (Object name : names) {
                workers.add(String.valueOf(name));
                String address = WorkerAddress.of(name);
                if (address != null && !address.equals(name)) {
                    workers.add(address);
                }
            }
        }
        Map<String, Double> resources = new LinkedHashMap<>();
        if (map.get("resources") instanceof Map<?, ?> amounts) {
            for (Map.Entry<?, ?> amount : amounts.entrySet()) {
                if (amount.getValue() instanceof Number number) {
                    resources.put(String.valueOf(amount.getKey()), number.doubleValue());
                }
            }
        }
        return new TaskOptions(
                map.get("priority") instanceof Number priority ? priority.doubleValue() : 0,
                map.get("retries") instanceof Long retries ? (int) Math.clamp(retries, 0, Integer.MAX_VALUE) : 0,
                workers,
                Boolean.TRUE.equals(map.get("allow_other_workers")),
                Collections.unmodifiableMap(resources),
                false,
                Payload.pickled(pickle),
                map.get("span") instanceof Map<?, ?> span ? span(span) : null);
    }

    private static TaskSpec.SpanAnnotation span(Map<?, ?> span) throws BadMessageException {
        try {
            return new TaskSpec.SpanAnnotation(
                    new SpanPath(texts(span, "name"), texts(span, "ids")),
                    span.get("others") instanceof byte[] pickle ? Payload.pickled(pickle) : null);
        } catch (IllegalArgumentException e) {
            throw new BadMessageException(String.valueOf(e.getMessage()), e);
        }
    }

    private static List<String> texts(Map<?, ?> meta, String name) throws BadMessageException {
        List<String> texts = new ArrayList<>();
        for (Object item : list(meta, name)) {
            texts.add(String.valueOf(item));
        }
        return texts;
    }

    private static TaskKey key(@Nullable Object value) throws BadMessageException {
        try {
            return TaskKey.of(value);
        } catch (IllegalArgumentException e) {
            throw new BadMessageException(String.valueOf(e.getMessage()), e);
        }
    }

    private static List<?> list(Map<?, ?> meta, String name) throws BadMessageException {
        if (meta.get(name) instanceof List<?> list) {
            return list;
        }
        throw new BadMessageException("a page of a table lacks the array " + name);
    }

    private static int[] ints(Map<?, ?> meta, String name) throws BadMessageException {
        if (!(meta.get(name) instanceof byte[] bytes) || bytes.length % 4 != 0) {
            throw new BadMessageException("a page of a table lacks the numbers " + name);
        }
        int[] ints = new int[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(ints);
        return ints;
    }
}
