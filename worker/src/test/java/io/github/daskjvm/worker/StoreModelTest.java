package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.spill.SpillCompression;
import io.github.daskjvm.worker.spill.SpillFolder;
import io.github.daskjvm.worker.task.JavaCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The store against a map that remembers what should be in it.
class StoreModelTest {
    private static final ClassLoader LOADER = StoreModelTest.class.getClassLoader();
    private static final long TARGET = 100_000;
    private static final int KEYS = 40;

    @TempDir
    private Path folder;

    private final Random random = seeded();

    private static Random seeded() {
        long seed = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        return new Random(seed);
    }

    private SpillFolder files(long maxBytes) {
        return new SpillFolder(
                folder, SpillCompression.values()[random.nextInt(SpillCompression.values().length)], maxBytes);
    }

    private static DataStore store(SpillFolder files) {
        return new DataStore(new Spilling.Limits(10 * TARGET, TARGET, files), new WorkerLog());
    }

    /// Of one number and kind the value is always the same.
    private static Object object(int number, int kind) {
        int length = 100 + 37 * (number * 31 % 400);
        return switch (kind) {
            case 0 -> filled(number, length);
            case 1 -> Arrays.stream(new double[length / 8]).map(x -> number).toArray();
            case 2 -> new Object[] {"value " + number, filled(number, length)};
            default -> "text " + number + ".".repeat(length);
        };
    }

    private static byte[] filled(int number, int length) {
        byte[] bytes = new byte[length];
        new Random(number).nextBytes(bytes);
        return bytes;
    }

    private static StoredValue value(Object object, boolean asPayload) throws IOException {
        return asPayload ? StoredValue.ofPayload(JavaCodec.payload(object)) : StoredValue.ofObject(object);
    }

    private static StoredValue put(DataStore store, TaskKey key, Object object, boolean asPayload) throws IOException {
        StoredValue value = value(object, asPayload);
        long size = ValueSize.of(object);
        if (!asPayload) {
            store.admit(key, value, size);
        }
        store.put(key, value, size);
        return value;
    }

    private static void same(@Nullable Object got, @Nullable Object expected) {
        assertThat(Objects.deepEquals(got, expected)).isTrue();
    }

    private long filesOnDisk() throws IOException {
        try (var all = Files.list(folder)) {
            return all.count();
        }
    }

    @Test
    void whatWasPutIsThereWhereverItIs() throws IOException {
        SpillFolder files = files(random.nextBoolean() ? Long.MAX_VALUE : 2 * TARGET);
        DataStore store = store(files);
        Map<TaskKey, Object> model = new HashMap<>();
        Map<StoredValue, Object> held = new HashMap<>();
        for (int step = 0; step < 3000; step++) {
            TaskKey key = TaskKey.of("k" + random.nextInt(KEYS));
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> {
                    Object object = random.nextInt(50) == 0
                            ? filled(step, (int) TARGET + 1000)
                            : object(step, random.nextInt(4));
                    put(store, key, object, random.nextBoolean());
                    model.put(key, object);
                }
                case 4 -> {
                    store.remove(key);
                    model.remove(key);
                }
                case 5 -> hold(store, model, held, key);
                case 6 -> {
                    for (var entry : held.entrySet()) {
                        same(entry.getKey().value(LOADER), entry.getValue());
                        entry.getKey().unpin();
                    }
                    held.clear();
                }
                case 7 -> store.settle();
                default -> read(store, model, key);
            }
            check(store, files, model);
        }
        held.keySet().forEach(StoredValue::unpin);
        for (TaskKey key : model.keySet()) {
            read(store, model, key);
        }
        assertThat(files.counters().writes()).isPositive();
        assertThat(files.counters().reads()).isPositive();

        store.clear();

        assertThat(files.diskBytes()).isZero();
        assertThat(filesOnDisk()).isZero();
        assertThat(store.accounts().memoryBytes()).isZero();
    }

    private static void hold(DataStore store, Map<TaskKey, Object> model, Map<StoredValue, Object> held, TaskKey key) {
        StoredValue value = store.get(key);
        if (value != null && !held.containsKey(value)) {
            assertThat(value.pin()).isTrue();
            held.put(value, model.get(key));
        }
    }

    private static void read(DataStore store, Map<TaskKey, Object> model, TaskKey key) throws IOException {
        StoredValue value = store.get(key);
        assertThat(value != null).isEqualTo(model.containsKey(key));
        if (value != null) {
            same(value.value(LOADER), model.get(key));
        }
    }

    private static void check(DataStore store, SpillFolder files, Map<TaskKey, Object> model) throws IOException {
        long memory = 0;
        long all = 0;
        int spilled = 0;
        for (var entry : model.entrySet()) {
            long size = ValueSize.of(entry.getValue());
            StoredValue value = store.get(entry.getKey());
            assertThat(value).isNotNull();
            all += size;
            memory += value.isInMemory() ? size : 0;
            spilled += value.isInMemory() ? 0 : 1;
        }
        assertThat(store.accounts().memoryBytes()).isEqualTo(memory);
        assertThat(store.sizeBytes()).isEqualTo(all);
        assertThat(store.accounts().spilled()).isEqualTo(spilled);
        assertThat(store.accounts().spilledDiskBytes()).isLessThanOrEqualTo(files.diskBytes());
    }

    /// Readers, a writer and a spiller at once: nobody sees anything but the value of a key, or that it is gone.
    @Test
    void threadsThatReadStoreDropAndSpillAtOnceDoNotHarmEachOther() throws Exception {
        SpillFolder files = files(Long.MAX_VALUE);
        DataStore store = store(files);
        var done = new AtomicBoolean();
        List<Callable<@Nullable Void>> others = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long seed = random.nextLong();
            others.add(() -> readAtRandom(store, new Random(seed), done));
        }
        others.add(() -> {
            while (!done.get()) {
                Spilling spilling = store.spilling();
                if (spilling != null) {
                    spilling.deleteUseless();
                    spilling.toBytes(TARGET / 4);
                }
                Thread.onSpinWait();
            }
            return null;
        });
        try (var threads = Executors.newCachedThreadPool()) {
            List<Future<@Nullable Void>> running =
                    others.stream().map(threads::submit).toList();
            try {
                for (int step = 0; step < 4000; step++) {
                    int number = random.nextInt(KEYS);
                    TaskKey key = TaskKey.of("k" + number);
                    if (random.nextInt(4) == 0) {
                        store.remove(key);
                    } else {
                        put(store, key, object(number, number % 4), random.nextBoolean());
                    }
                }
            } finally {
                done.set(true);
            }
            for (Future<?> each : running) {
                each.get();
            }
        }

        for (TaskKey key : store.keys()) {
            StoredValue value = store.get(key);
            assertThat(value).isNotNull();
            int number = Integer.parseInt(key.toString().substring(1));
            same(value.value(LOADER), object(number, number % 4));
        }
        store.clear();
        assertThat(store.accounts().memoryBytes()).isZero();
        assertThat(store.accounts().spilledBytes()).isZero();
        assertThat(store.accounts().spilled()).isZero();
        assertThat(files.diskBytes()).isZero();
        assertThat(filesOnDisk()).isZero();
    }

    private static @Nullable Void readAtRandom(DataStore store, Random random, AtomicBoolean done) {
        try {
            while (!done.get()) {
                int number = random.nextInt(KEYS);
                StoredValue value = store.get(TaskKey.of("k" + number));
                if (value != null && value.pin()) {
                    try {
                        same(value.value(LOADER), object(number, number % 4));
                    } finally {
                        value.unpin();
                    }
                }
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theLeastRecentlyUsedGoFirstAndOneLargerThanTheTargetGoesAlone() throws IOException {
        DataStore store = store(files(Long.MAX_VALUE));
        Map<String, StoredValue> values = new HashMap<>();
        for (int i = 0; i < 4; i++) {
            values.put("k" + i, put(store, TaskKey.of("k" + i), new byte[20_000], false));
        }
        assertThat(store.get(TaskKey.of("k0"))).isNotNull();

        values.put("large", put(store, TaskKey.of("large"), new byte[200_000], false));
        assertThat(spilled(values)).containsExactly("large");

        values.put("k4", put(store, TaskKey.of("k4"), new byte[30_000], false));
        assertThat(spilled(values)).containsExactlyInAnyOrder("large", "k1");
    }

    /// Asking the store for them would be a use.
    private static List<String> spilled(Map<String, StoredValue> values) {
        return values.keySet().stream()
                .filter(key -> !values.get(key).isInMemory())
                .toList();
    }

    @Test
    void aPayloadOfPythonsStaysAsItIs() throws IOException {
        DataStore store = store(files(Long.MAX_VALUE));
        Payload payload = Payload.serialized(
                Map.of("serializer", "pickle"), List.of(filled(1, 70_000), filled(2, 50_000), new byte[0]));
        StoredValue value = StoredValue.ofPayload(payload);
        store.put(TaskKey.of("p"), value, payload.sizeBytes());
        store.settle();

        assertThat(value.isInMemory()).isFalse();
        Payload again = Forms.of(value, List.of());
        assertThat(again.header()).isEqualTo(payload.header());
        assertThat(again.frames()).usingElementComparator(Arrays::compare).containsExactlyElementsOf(payload.frames());
    }
}
