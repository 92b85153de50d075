package io.github.daskjvm.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScannedBatchTest {
    private final MsgpackReader reader = new MsgpackReader();
    private final ScannedBatch batch = new ScannedBatch(reader);

    @FunctionalInterface
    private interface Use {
        Object of(Fields message) throws BadMessageException;
    }

    private static byte[] pack(Object value) {
        var writer = new MsgpackWriter(16);
        writer.value(value);
        return writer.toByteArray();
    }

    /// What the messages of these bytes are, as a list, by a look at each where it stands.
    ///
    /// @param fields what they are to be of one
    private List<@Nullable Object> scanned(byte[] bytes, int from, int to, Use fields) throws BadMessageException {
        List<@Nullable Object> messages = new ArrayList<>();
        try (batch) {
            batch.open(bytes, from, to);
            while (batch.hasNext()) {
                Fields message = batch.next();
                messages.add(message == null ? batch.decoded() : fields.of(message));
            }
        }
        return messages;
    }

    /// By its fields, one by one, the last one first.
    private static Map<Object, Object> mapOf(Fields message) throws BadMessageException {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (Object name : new ArrayList<>(message.map().keySet()).reversed()) {
            Object value = message.get(String.valueOf(name));
            assertThat(message.has(String.valueOf(name))).isTrue();
            if (value instanceof List<?>) {
                Fields.Maps maps = message.maps(String.valueOf(name));
                List<@Nullable Object> items = new ArrayList<>();
                for (int i = 0; i < maps.size(); i++) {
                    Fields item = maps.next();
                    items.add(item == null ? ((List<?>) value).get(i) : item.map());
                }
                assertThat(items).isEqualTo(value);
            }
            map.put(name, value);
        }
        assertThat(message.map().get("op")).isEqualTo(message.op());
        assertThat(message.get("no such field")).isNull();
        assertThat(message.has("no such field")).isFalse();
        return map;
    }

    private static Object lookAt(Fields message) throws BadMessageException {
        for (String name : List.of("keys", "startstops")) {
            if (message.get(name) instanceof List<?>) {
                Fields.Maps maps = message.maps(name);
                for (int i = 0; i < maps.size(); i++) {
                    maps.next();
                }
            }
        }
        return message.map();
    }

    private static Object anything(Random random, int depth) {
        return switch (random.nextInt(depth > 2 ? 6 : 8)) {
            case 0 -> random.nextLong() >> random.nextInt(64);
            case 1 -> random.nextDouble();
            case 2 -> random.nextBoolean();
            case 3 -> name(random);
            case 4 -> "ü" + name(random);
            case 5 -> List.of();
            case 6 -> {
                var list = new ArrayList<Object>();
                for (int n = random.nextInt(20); n > 0; n--) {
                    list.add(anything(random, depth + 1));
                }
                yield list;
            }
            default -> map(random, depth, random.nextInt(40));
        };
    }

    private static String name(Random random) {
        return "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz".substring(0, random.nextInt(45));
    }

    private static Map<Object, Object> map(Random random, int depth, int size) {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int n = size; n > 0; n--) {
            map.put(random.nextInt(40) == 0 ? (Object) (long) n : name(random), anything(random, depth + 1));
        }
        return map;
    }

    private static Object message(Random random) {
        Map<Object, Object> message = map(random, 0, random.nextInt(12));
        if (random.nextInt(8) > 0) {
            message.put("op", random.nextInt(10) == 0 ? (Object) 1L : "op-" + name(random));
        }
        return random.nextInt(20) == 0 ? "OK" : message;
    }

    @Test
    void aLookAtMessagesFindsWhatDecodingThemDoes() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            List<Object> messages = new ArrayList<>();
            for (int n = random.nextInt(20); n > 0; n--) {
                messages.add(message(random));
            }
            byte[] packed = pack(messages);
            byte[] among = new byte[packed.length + 20];
            random.nextBytes(among);
            System.arraycopy(packed, 0, among, 10, packed.length);

            assertThat(scanned(among, 10, 10 + packed.length, ScannedBatchTest::mapOf))
                    .isEqualTo(messages);
            if (!messages.isEmpty()) {
                byte[] single = pack(messages.getFirst());
                assertThat(scanned(single, 0, single.length, ScannedBatchTest::mapOf))
                        .isEqualTo(List.of(messages.getFirst()));
            }
        }
    }

    @Test
    void whatCannotBeDecodedIsABadMessageHereTooAndNothingElse() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        byte[] good = pack(List.of(
                Map.of("op", "x", "keys", List.of("a", 1.5, Map.of("k", new byte[3], "l", 1L << 40))),
                Map.of("op", "y", "startstops", List.of(Map.of("start", 1.5), Map.of("start", 2.5)))));
        int bad = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] alone = Damaged.some(good, random);
            byte[] among = Damaged.among(alone, random);
            Object expected;
            try {
                expected = reader.whole(alone);
            } catch (BadMessageException e) {
                bad++;
                assertThatThrownBy(() ->
                                scanned(among, Damaged.OFFSET, Damaged.OFFSET + alone.length, ScannedBatchTest::lookAt))
                        .isInstanceOf(BadMessageException.class)
                        .message()
                        .isNotBlank();
                continue;
            }
            List<?> messages = scanned(among, Damaged.OFFSET, Damaged.OFFSET + alone.length, ScannedBatchTest::lookAt);
            assertThat(messages).hasSize(expected instanceof List<?> list ? list.size() : 1);
        }
        assertThat(bad).isGreaterThan(1000);
    }

    @Test
    void theLastOfEqualNamesCounts() throws Exception {
        byte[] packed = "\u0082\u00a2op\u00a5first\u00a2op\u00a4last".getBytes(StandardCharsets.ISO_8859_1);
        batch.open(packed, 0, packed.length);

        assertThat(batch.next().op()).isEqualTo("last");
    }
}
