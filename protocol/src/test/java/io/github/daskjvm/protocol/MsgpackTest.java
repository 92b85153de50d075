package io.github.daskjvm.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.presentation.StandardRepresentation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessagePack;
import org.msgpack.value.Value;

class MsgpackTest {
    /// With what arrays contain, wherever they are.
    private static final StandardRepresentation REPRESENTATION = new StandardRepresentation() {
        @Override
        protected @Nullable String fallbackToStringOf(Object object) {
            return object instanceof MsgpackReader.Bytes(byte[] value)
                    ? Arrays.toString(value)
                    : super.fallbackToStringOf(object);
        }
    };

    private static byte[] pack(Object value) {
        var writer = new MsgpackWriter(16);
        writer.value(value);
        return writer.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                127,
                128,
                255,
                256,
                65535,
                65536,
                1L << 31,
                (1L << 32) - 1,
                1L << 32,
                Long.MAX_VALUE,
                -1,
                -32,
                -33,
                -128,
                -129,
                -32769,
                Integer.MIN_VALUE,
                Long.MIN_VALUE
            })
    void integersOfEverySizeComeBackAndAnotherLibraryReadsThem(long value) throws Exception {
        assertThat(new MsgpackReader().whole(pack(value))).isEqualTo(value);
        assertThat(MessagePack.newDefaultUnpacker(pack(value)).unpackLong()).isEqualTo(value);
    }

    @Test
    void whatAnotherLibraryWritesIsRead() throws Exception {
        try (var packer = MessagePack.newDefaultBufferPacker()) {
            packer.packMapHeader(2).packString("k".repeat(300)).packFloat(1.5f);
            packer.packArrayHeader(2).packLong(1L << 40).packString("é").packBinaryHeader(2);
            packer.writePayload(new byte[] {1, 2});
            Map<?, ?> map = (Map<?, ?>) new MsgpackReader().whole(packer.toByteArray());
            assertThat(map.get("k".repeat(300))).isEqualTo(1.5);
            assertThat((byte[]) map.get(List.of(1L << 40, "é"))).containsExactly(1, 2);
        }
    }

    @Test
    void anyValueComesBackEqualAndAnotherLibraryReadsIt() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        var reader = new MsgpackReader();
        for (int i = 0; i < 2000; i++) {
            Object value = anything(random, 0);
            byte[] packed = pack(value);
            assertThat(reader.whole(packed)).isEqualTo(value);
            try (var unpacker = MessagePack.newDefaultUnpacker(packed)) {
                Value read = unpacker.unpackValue();
                assertThat(read).isNotNull();
                assertThat(unpacker.hasNext()).isFalse();
            }
        }
    }

    private static Object anything(Random random, int depth) {
        return switch (random.nextInt(depth > 3 ? 5 : 7)) {
            case 0 -> random.nextLong() >> random.nextInt(64);
            case 1 -> random.nextDouble();
            case 2 -> random.nextBoolean();
            case 3 -> text(random);
            case 4 -> "op";
            case 5 -> {
                var list = new ArrayList<Object>();
                for (int n = random.nextInt(20); n > 0; n--) {
                    list.add(anything(random, depth + 1));
                }
                yield list;
            }
            default -> {
                var map = new LinkedHashMap<Object, Object>();
                for (int n = random.nextInt(20); n > 0; n--) {
                    map.put(anything(random, depth + 1), anything(random, depth + 1));
                }
                yield map;
            }
        };
    }

    private static String text(Random random) {
        var text = new StringBuilder();
        for (int n = random.nextInt(50); n > 0; n--) {
            text.appendCodePoint(random.nextInt(10) == 0 ? 0x1F600 + random.nextInt(50) : 32 + random.nextInt(300));
        }
        return text.toString();
    }

    @Test
    void cutOffOrRandomBytesAreABadMessageAndNothingElse() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        byte[] good = pack(Map.of("op", "x", "keys", List.of("a", 1.5, Map.of("k", new byte[40]))));
        for (int cut = 0; cut < good.length; cut++) {
            byte[] part = Arrays.copyOf(good, cut);
            assertThatThrownBy(() -> new MsgpackReader().whole(part)).isInstanceOf(BadMessageException.class);
            int end = cut;
            assertThatThrownBy(() -> new MsgpackReader().message(good, 0, end)).isInstanceOf(BadMessageException.class);
        }
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(60)];
            random.nextBytes(noise);
            try {
                new MsgpackReader().whole(noise);
            } catch (BadMessageException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void amongOtherBytesAMessageIsWhatItIsByItself() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        byte[] good = pack(Map.of("op", "x", "keys", List.of("a", 1.5, Map.of("k", new byte[3]))));
        for (int i = 0; i < 20_000; i++) {
            byte[] alone = Damaged.some(good, random);
            byte[] among = Damaged.among(alone, random);
            Object expected;
            try {
                expected = new MsgpackReader().message(List.of(alone));
            } catch (BadMessageException e) {
                assertThatThrownBy(
                                () -> new MsgpackReader().message(among, Damaged.OFFSET, Damaged.OFFSET + alone.length))
                        .isInstanceOf(BadMessageException.class)
                        .hasMessage(e.getMessage());
                continue;
            }
            assertThat(REPRESENTATION.toStringOf(
                            new MsgpackReader().message(among, Damaged.OFFSET, Damaged.OFFSET + alone.length)))
                    .isEqualTo(REPRESENTATION.toStringOf(expected));
        }
    }

    @Test
    void aLengthBeyondTheMessageTakesNoMemory() {
        byte[] claim = {(byte) 0xdd, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1};
        assertThatThrownBy(() -> new MsgpackReader().whole(claim))
                .isInstanceOf(BadMessageException.class)
                .hasMessageContaining("exceeds");
    }

    @Test
    void daskSetsComeBackAsSets() throws Exception {
        var set = new LinkedHashSet<Object>(List.of("a", List.of("b", 1L)));
        assertThat(new MsgpackReader().whole(pack(Map.of("keys", set)))).isEqualTo(Map.of("keys", set));
    }

    @Test
    void payloadsTravelAsFramesAndAreRenumbered() throws Exception {
        var pickled = Payload.pickled(new byte[] {1, 2, 3});
        var serialized = Payload.serialized(Map.of("serializer", "pickle"), List.of(new byte[10], new byte[0]));
        var writer = new MsgpackWriter(16);
        writer.value(List.of(Map.of("run_spec", pickled), serialized, pickled));
        List<byte[]> frames = new ArrayList<>(List.of(writer.toByteArray()));
        frames.addAll(writer.frames());
        assertThat(frames).hasSize(1 + 1 + 3 + 1);
        List<?> read = (List<?>) new MsgpackReader().message(frames);
        assertThat(((Payload) read.get(1)).kind()).isEqualTo(Payload.Kind.SERIALIZED);
        assertThat(((Payload) read.get(1)).frames()).hasSize(2);
        assertThat(((Payload) read.get(2)).header()).isSameAs(frames.get(5));
    }

    @Test
    void aPayloadThatPointsNowhereIsABadMessage() {
        byte[] body = pack(Map.of("__Serialized__", 7));
        assertThatThrownBy(() -> new MsgpackReader().message(List.of(body)))
                .isInstanceOf(BadMessageException.class)
                .hasMessageContaining("frame 7");
        byte[] first = pack(Map.of("__Pickled__", 1));
        byte[] header = pack(Map.of("num-sub-frames", 5));
        assertThatThrownBy(() -> new MsgpackReader().message(List.of(first, header)))
                .isInstanceOf(BadMessageException.class)
                .hasMessageContaining("announces 5");
    }
}
