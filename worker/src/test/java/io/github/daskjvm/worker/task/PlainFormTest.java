package io.github.daskjvm.worker.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.Payload;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PlainFormTest {
    private static final ClassLoader LOADER = PlainFormTest.class.getClassLoader();

    private static Object crossed(Object value) throws IOException {
        Payload payload = JavaCodec.payload(value);
        assertThat(new String(payload.header(), java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("java-plain");
        return JavaCodec.value(payload, LOADER);
    }

    private static final List<Object> VALUES = Arrays.asList(
            true,
            (byte) -7,
            (short) -300,
            'é',
            0,
            -1,
            Integer.MIN_VALUE,
            Integer.MAX_VALUE,
            Long.MIN_VALUE,
            1L << 40,
            -0.0f,
            Float.NaN,
            Double.MIN_VALUE,
            -0.0,
            "",
            "text",
            "häßlich €𝄞",
            "x".repeat(1000),
            "€".repeat(1000),
            "unpaired \ud800 surrogate",
            new byte[] {1, -2},
            new boolean[] {true, false},
            new short[] {1, -2},
            new char[] {'a', '\ud800'},
            new int[] {1, -2},
            new long[] {1, Long.MIN_VALUE},
            new float[] {1, -2.5f},
            new double[] {1, Double.NaN},
            new byte[100_000],
            new boolean[10_000],
            new char[10_000],
            new short[10_000],
            new int[10_000],
            new float[10_000],
            new long[10_000],
            new double[10_000],
            new String[] {"a", null},
            List.of(),
            List.of(1),
            List.of(1, "b"),
            List.of(1, 2, 3),
            Stream.of(1, null, 3).toList(),
            Collections.singletonList(null).stream().toList(),
            new ArrayList<>(Arrays.asList(1, null, List.of(2))),
            new HashSet<>(List.of(1, 2)),
            new LinkedHashSet<>(List.of("b", "a")),
            Set.of(),
            Set.of(1),
            Set.of(1, 2, 3),
            new HashMap<>(Map.of("a", List.of(1), "b", List.of())),
            Map.of(),
            Map.of(1, 2),
            Map.of(1, 2, 3, 4));

    @Test
    void aPlainValueComesBackAsWhatItWas() throws IOException {
        assertThat(crossed(null)).isNull();
        for (Object value : VALUES) {
            Object back = crossed(value);
            assertThat(back).isEqualTo(value).hasSameClassAs(value);
        }
        assertThat(crossed(List.of(new byte[5000], "between", new double[] {3}, new long[5000])))
                .usingRecursiveComparison()
                .isEqualTo(List.of(new byte[5000], "between", new double[] {3}, new long[5000]));
    }

    @Test
    void aLargeByteArrayIsNotCopied() throws IOException {
        byte[] large = new byte[1 << 20];

        Payload payload = JavaCodec.payload(large);

        assertThat(payload.frames().getLast()).isSameAs(large);
        assertThat(JavaCodec.value(payload, LOADER)).isSameAs(large);
    }

    @Test
    void whatIsNotPlainKeepsItsClassAndItsIdentity() throws IOException {
        record Point(int x) implements Serializable {}
        var twice = new ArrayList<>(List.of(1));
        var itself = new ArrayList<>();
        itself.add(itself);
        Object deep = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            deep = new ArrayList<>(List.of(deep));
        }
        var byAccess = new LinkedHashMap<>(16, 0.75f, true);
        byAccess.put("a", 1);
        byAccess.put("b", 2);
        byAccess.get("a");
        for (Object value : List.of(
                new Point(1), List.of(new Point(1)), new TreeMap<>(Map.of("k", 1)), Thread.State.NEW, deep, byAccess)) {
            Payload payload = JavaCodec.payload(value);
            assertThat(JavaCodec.value(payload, LOADER)).isEqualTo(value).hasSameClassAs(value);
        }
        assertThat(JavaCodec.value(JavaCodec.payload(byAccess), LOADER)).satisfies(map -> {
            var back = (LinkedHashMap<?, ?>) map;
            assertThat(back.get("b")).isEqualTo(2);
            assertThat(back.lastEntry().getKey()).isEqualTo("b");
        });
        List<?> shared = (List<?>) JavaCodec.value(JavaCodec.payload(List.of(twice, twice)), LOADER);
        assertThat(shared.get(0)).isSameAs(shared.get(1));
        List<?> cycle = (List<?>) JavaCodec.value(JavaCodec.payload(itself), LOADER);
        assertThat(cycle.getFirst()).isSameAs(cycle);
    }

    @Test
    void argumentsArePlainIfAllOfThemAre() throws IOException {
        SerializableVarFunction<Integer> count = List::size;
        byte[] function = TaskCall.functionBytes(count);
        var tuple = new KeyReference(TaskKey.of(List.of("x", 1L, new byte[] {1})));
        List<Object> plain = Arrays.asList(1, "a", new KeyReference(TaskKey.of("k")), null, new int[10_000]);

        Payload small = TaskCall.payload(function, Collections.singletonList(7));
        assertThat(small.frames().getLast()).hasSizeLessThan(8);
        assertThat(TaskCall.isCall(small)).isTrue();
        assertThat(TaskCall.readArguments(small, LOADER).getFirst()).isEqualTo(7);
        Payload apart = TaskCall.payload(function, plain);
        assertThat(TaskCall.isCall(apart)).isTrue();
        assertThat(apart.frames()).hasSize(3);
        assertThat(TaskCall.readArguments(apart, LOADER))
                .usingRecursiveComparison()
                .isEqualTo(plain);
        assertThat(TaskCall.readArguments(TaskCall.payload(function, List.of(tuple)), LOADER))
                .singleElement()
                .satisfies(back -> assertThat(((KeyReference) back).key()).isEqualTo(tuple.key()));
        assertThat(TaskCall.readArguments(TaskCall.payload(function, List.of(new TreeMap<>(), 1)), LOADER))
                .isEqualTo(List.of(new TreeMap<>(), 1));
    }

    @Test
    void argumentsAreAsTheyWereWhenTheyWereWritten() throws IOException {
        byte[] buffer = new byte[10_000];
        SerializableFunction<byte[], Byte> first = bytes -> bytes[0];

        Payload payload = TaskCall.payload(TaskCall.functionBytes(first), List.of(buffer));
        buffer[0] = 1;

        assertThat(TaskCall.readArguments(payload, LOADER).getFirst()).isEqualTo(new byte[10_000]);
    }

    @Test
    void whoDoesNotReadThePlainFormGetsJavas() throws IOException {
        Payload payload = JavaCodec.payload(5, List.of("pickle", "java"));

        assertThat(JavaCodec.isReadBy(List.of("java"), payload)).isTrue();
        assertThat(JavaCodec.value(payload, LOADER)).isEqualTo(5);
        assertThat(JavaCodec.isReadBy(List.of("java"), JavaCodec.payload(5))).isFalse();
    }

    @Test
    void damagedBytesAreAnIOExceptionAndTakeNoMemory() throws IOException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        List<byte[]> good = JavaCodec.payload(VALUES).frames();
        for (int i = 0; i < 5000; i++) {
            byte[] bad = Arrays.copyOf(good.getFirst(), random.nextInt(good.getFirst().length) + 1);
            for (int j = random.nextInt(3); j >= 0; j--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            var frames = new ArrayList<>(good);
            frames.set(0, bad);
            try {
                JavaCodec.value(Payload.serialized(Map.of("serializer", "java-plain"), frames), LOADER);
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed %d, round %d", seed, i).isNotBlank();
            }
        }
        byte[] hugeList = {1, PlainTag.ARRAY_LIST, -1, -1, -1, -1, 7, 0};
        assertThatThrownBy(() -> PlainReader.read(List.of(hugeList)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a length of 2147483647 with 1 bytes left");
        byte[] eachAsLargeAsAll = new byte[1 + 40 * 2 + 127];
        eachAsLargeAsAll[0] = 1;
        for (int i = 0; i < 40; i++) {
            eachAsLargeAsAll[1 + 2 * i] = PlainTag.ARRAY_LIST;
            eachAsLargeAsAll[2 + 2 * i] = 100;
        }
        assertThatThrownBy(() -> PlainReader.read(List.of(eachAsLargeAsAll)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more values than bytes");
        assertThatThrownBy(() -> PlainReader.read(List.of(new byte[] {1, PlainTag.NULL, 0})))
                .hasMessageContaining("more bytes than the value has");
    }
}
