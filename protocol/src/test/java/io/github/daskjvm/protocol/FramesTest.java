package io.github.daskjvm.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FramesTest {
    private static byte[] message(Object value) throws IOException {
        var out = new ByteArrayOutputStream();
        new FrameWriter(out).write(value);
        return out.toByteArray();
    }

    private static FrameReader reader(byte[] bytes, FrameLimits limits) {
        return new FrameReader(new ByteArrayInputStream(bytes), limits);
    }

    private static FrameReader reader(byte[] bytes) {
        return reader(bytes, FrameLimits.DEFAULT);
    }

    private static byte[] u64(long... values) {
        ByteBuffer buffer = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            buffer.putLong(value);
        }
        return buffer.array();
    }

    @Test
    void messagesComeBackFrameByFrameAndThenTheStreamEnds() throws Exception {
        byte[] large = new byte[3_000_000];
        new Random(1).nextBytes(large);
        var payload = Payload.serialized(Map.of(), List.of(large, new byte[0], new byte[] {7}));
        var out = new ByteArrayOutputStream();
        var writer = new FrameWriter(out);
        writer.write(Map.of("data", payload));
        writer.write("OK");
        var reader = reader(out.toByteArray());
        List<byte[]> frames = reader.read();
        assertThat(frames).hasSize(5);
        assertThat(frames.get(2)).isEqualTo(large);
        assertThat(new MsgpackReader().message(reader.read())).isEqualTo("OK");
        assertThat(reader.read()).isNull();
    }

    private record Late(byte[] bytes) implements LateFrame {
        @Override
        public int length() {
            return bytes.length;
        }

        @Override
        public void putInto(ByteBuffer into) {
            into.put(bytes);
        }
    }

    @Test
    void aMessageIsTheSameBytesFromOneBufferToTheNext() throws Exception {
        var random = new Random(2);
        for (int i = 0; i < 300; i++) {
            var message = new MsgpackWriter(16);
            for (int j = random.nextInt(30); j > 0; j--) {
                byte[] frame = new byte[random.nextInt(random.nextInt(10) == 0 ? 16_385 : 300)];
                random.nextBytes(frame);
                if (random.nextBoolean()) {
                    message.payload(new Payload(Payload.Kind.PICKLED, new byte[] {1}, List.of(frame)));
                } else {
                    message.payload(Payload.Kind.PICKLED, new byte[] {1}, new Late(frame));
                }
                message.string("x".repeat(random.nextInt(40_000)));
            }
            var out = new ByteArrayOutputStream();
            new FrameWriter(out).write(message);
            var parts = new ByteArrayOutputStream();
            MessageBytes bytes = Objects.requireNonNull(MessageBytes.of(message));
            ByteBuffer buffer =
                    ByteBuffer.allocateDirect(1 << 14 + random.nextInt(3)).order(ByteOrder.LITTLE_ENDIAN);
            for (boolean isLast = false; !isLast; ) {
                isLast = bytes.putInto(buffer.clear());
                byte[] part = new byte[buffer.flip().remaining()];
                buffer.get(part);
                parts.writeBytes(part);
            }
            assertThat(parts.toByteArray()).isEqualTo(out.toByteArray());
        }
    }

    @Test
    void theFirstChunkMayHoldFewerBytesThanTheMessage() throws Exception {
        byte[] whole = message("hello");
        ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 16);
        assertThat(new MsgpackReader().message(reader(whole).read())).isEqualTo("hello");
    }

    @Test
    void messagesInAnyPiecesAreReadWhereTheyAreOrFromFrames() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        List<String> sent = new ArrayList<>();
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < 300; i++) {
            int length = random.nextInt(20) == 0 ? random.nextInt(60_000) : random.nextInt(300);
            sent.add("x".repeat(length));
            out.writeBytes(message(random.nextInt(10) == 0 ? withFrame(sent.getLast()) : sent.getLast()));
        }
        var in = new ByteArrayInputStream(out.toByteArray());
        int pieces = random.nextBoolean() ? 100_000 : 500;
        FrameParser.Source source =
                (into, offset, length) -> in.read(into, offset, Math.min(length, random.nextInt(1, pieces)));
        var parser = new FrameParser(FrameLimits.DEFAULT);
        var reader = new MsgpackReader();
        List<Object> received = new ArrayList<>();
        int inPlace = 0;
        while (parser.fill(source) >= 0) {
            for (boolean more = true; more; ) {
                if (parser.isInPlace()) {
                    inPlace++;
                    received.add(parser.readInPlace(reader::message));
                } else {
                    List<byte[]> frames = parser.next();
                    more = frames != null;
                    if (frames != null) {
                        received.add(withoutFrame(reader.message(frames)));
                    }
                }
            }
        }
        assertThat(received).isEqualTo(sent);
        assertThat(parser.isBetweenMessages()).isTrue();
        assertThat(inPlace).isBetween(200, 299);
    }

    private static Object withFrame(String text) {
        return Payload.serialized(Map.of(), List.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static @Nullable Object withoutFrame(@Nullable Object message) {
        return message instanceof Payload payload
                ? new String(payload.frames().getFirst(), StandardCharsets.UTF_8)
                : message;
    }

    @Test
    void aMessageThatIsCutOffAnywhereEndsTheConnectionInsideAMessage() throws Exception {
        byte[] whole = message(Map.of("op", "identity"));
        for (int cut = 1; cut < whole.length; cut++) {
            byte[] part = Arrays.copyOf(whole, cut);
            assertThatThrownBy(() -> reader(part).read()).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void aFrameOverTheLimitIsRefusedBeforeItTakesMemory() {
        byte[] claim = u64(16 + (1L << 40), 1, 1L << 40);
        assertThatThrownBy(
                        () -> reader(claim, new FrameLimits(1000, 1L << 50, 10)).read())
                .isInstanceOf(BadMessageException.class)
                .hasMessageContaining("claims 1099511627776 bytes; the limit is 1000");
    }

    @Test
    void tooManyFramesAreRefused() {
        assertThatThrownBy(() -> reader(u64(1L << 33, 1L << 24)).read())
                .isInstanceOf(BadMessageException.class)
                .hasMessageContaining("16777216 frames");
    }

    @Test
    void anHttpRequestIsCalledByItsName() {
        byte[] http = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> reader(http).read())
                .isInstanceOf(FrameParser.HttpRequestException.class)
                .hasMessageContaining("8787");
    }

    @Test
    void aTlsHandshakeIsCalledByItsName() {
        byte[] hello = new byte[64];
        hello[0] = 0x16;
        hello[1] = 0x03;
        hello[7] = 0x7f;
        assertThatThrownBy(() -> reader(hello).read())
                .isInstanceOf(BadMessageException.class)
                .hasMessageContaining("TLS");
    }

    @Test
    void randomBytesAreABadMessageOrAnEarlyEndAndNothingElse() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (noise.length > 8 && random.nextBoolean()) {
                Arrays.fill(noise, 2, Math.min(noise.length, 8 * (1 + random.nextInt(3))), (byte) 0);
            }
            try {
                reader(noise).read();
            } catch (BadMessageException | EOFException e) {
                assertThat(e.getMessage()).isNotBlank();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void aFieldThatIsMissingOrMistypedIsNamed() throws Exception {
        Fields fields = Fields.of(Map.of("op", "who_has", "keys", 5L));
        assertThatThrownBy(() -> fields.list("keys"))
                .hasMessage("op who_has: the field keys must be an array, it is Long 5");
        assertThatThrownBy(() -> fields.string("client")).hasMessage("op who_has needs the field client");
        assertThatThrownBy(() -> Fields.of(List.of())).hasMessageContaining("an array of 0");
    }
}
