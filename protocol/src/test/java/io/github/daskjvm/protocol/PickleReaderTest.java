package io.github.daskjvm.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PickleReaderTest {
    private static byte[] written(String name) throws Exception {
        try (InputStream in = PickleReaderTest.class.getResourceAsStream("pickles.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(name + " "))
                    .map(line -> HexFormat.of().parseHex(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void plainValuesOfPythonAreRead(int protocol) throws Exception {
        var map = (Map<?, ?>) PickleReader.read(written("plain-" + protocol));

        assertThat(map.containsKey("n")).isTrue();
        assertThat(map.get("n")).isNull();
        assertThat(map.get("t")).isEqualTo(List.of(true, false));
        assertThat(map.get("again")).isEqualTo(List.of(true, false));
        assertThat(map.get("i"))
                .isEqualTo(List.of(
                        0L,
                        1L,
                        -1L,
                        255L,
                        256L,
                        65536L,
                        -(1L << 31),
                        1L << 31,
                        Long.MAX_VALUE,
                        Long.MIN_VALUE,
                        BigInteger.TWO.pow(70)));
        assertThat(map.get("s")).isEqualTo(List.of("", "abc", "süß €", "x".repeat(300)));
        assertThat((List<?>) map.get("b"))
                .satisfiesExactly(
                        b -> assertThat((byte[]) b).isEmpty(),
                        b -> assertThat((byte[]) b).containsExactly(0, 0xff),
                        b -> assertThat((byte[]) b).hasSize(300).containsOnly('y'));
        assertThat(map.get("set")).isEqualTo(Set.of(1L));
        assertThat(map.get("fs")).isEqualTo(Set.of("a"));
        assertThat(map.get(List.of("x", 1L))).isEqualTo(Map.of("nested", Map.of()));
        assertThat(map.get(new MsgpackReader.Bytes(new byte[] {'k'})))
                .isEqualTo(List.of(1L, List.of(2L, List.of(3L, 4L, 5L, 6L), List.of())));
        assertThat(map.get("f")).isEqualTo(List.of(0.0, -1.5, 1e300));
    }

    @Test
    void whatThePickleClassWritesIsRead() throws Exception {
        Object value = PickleReader.read(Pickle.of(
                Arrays.asList(null, true, 7, 1L << 40, 2.5, "ä", Map.of("k", List.of("v")), Pickle.tuple(1))));

        assertThat(value)
                .isEqualTo(Arrays.asList(null, true, 7L, 1L << 40, 2.5, "ä", Map.of("k", List.of("v")), List.of(1L)));
        assertThat((byte[]) PickleReader.read(written("bytearray"))).containsExactly('z', 'z');
        assertThat(PickleReader.read(written("empty-dict"))).isEqualTo(Map.of());
    }

    @Test
    void longByteStringsArePartsByReference() throws Exception {
        byte[] large = new byte[1 << 15];
        var parts = Pickle.partsOf(Pickle.tuple("a", large, "b"));

        assertThat(parts).hasSize(3).satisfies(p -> assertThat(p.get(1)).isSameAs(large));
        var joined = new java.io.ByteArrayOutputStream();
        parts.forEach(joined::writeBytes);
        assertThat((List<?>) PickleReader.read(joined.toByteArray()))
                .satisfiesExactly(
                        a -> assertThat(a).isEqualTo("a"),
                        b -> assertThat((byte[]) b).hasSize(large.length),
                        c -> assertThat(c).isEqualTo("b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"source-code", "exception", "timedelta", "function"})
    void nothingThatNeedsAClassOrAFunctionIsRead(String name) throws Exception {
        byte[] pickle = written(name);

        assertThatThrownBy(() -> PickleReader.read(pickle)).isInstanceOf(BadMessageException.class);
        assertThat(PickleReader.plain(Payload.pickled(pickle))).isEmpty();
    }

    @Test
    void objectsAreOpaqueWhereThatIsAskedFor() throws Exception {
        assertThat(PickleReader.readWithOpaque(written("source-code")))
                .isEqualTo(List.of(
                        new PickleReader.Opaque("distributed.client.SourceCode", List.of("f(x)", 3L, 4L, "a.py"))));
        assertThat(PickleReader.readWithOpaque(written("function")))
                .isEqualTo(new PickleReader.Opaque("builtins.print", null));
    }

    @Test
    void damagedPicklesAreRefusedAndNothingWorse() throws Exception {
        long seed = 20240611;
        var random = new Random(seed);
        byte[] good = written("plain-4");
        for (int i = 0; i < good.length; i++) {
            byte[] cut = Arrays.copyOf(good, i);
            assertThatThrownBy(() -> PickleReader.read(cut)).isInstanceOf(BadMessageException.class);
        }
        for (int round = 0; round < 20_000; round++) {
            byte[] bad = good.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try {
                PickleReader.read(bad);
            } catch (BadMessageException e) {
                assertThat(e.getMessage()).as("seed %d, round %d", seed, round).isNotEmpty();
            }
        }
    }

    @Test
    void aKeyWhoseHashWouldNotEndIsRefused() {
        var doubling = new java.io.ByteArrayOutputStream();
        doubling.writeBytes(new byte[] {(byte) 0x80, 4, '}', ')', (byte) 0x94});
        for (int level = 0; level < 60; level++) {
            doubling.writeBytes(new byte[] {'h', (byte) level, (byte) 0x86, (byte) 0x94});
            doubling.writeBytes(new byte[] {'h', (byte) (level + 1)});
        }
        doubling.writeBytes(new byte[] {'N', 's', '.'});
        byte[] listInItself = {(byte) 0x80, 4, '}', ']', (byte) 0x94, 'h', 0, 'a', 'N', 's', '.'};

        assertThatThrownBy(() -> PickleReader.read(doubling.toByteArray())).isInstanceOf(BadMessageException.class);
        assertThatThrownBy(() -> PickleReader.read(listInItself)).hasMessageContaining("key");
    }
}
