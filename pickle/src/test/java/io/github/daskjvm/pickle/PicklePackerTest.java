package io.github.daskjvm.pickle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PicklePackerTest {
    private final Random random = random();

    private static Random random() {
        long seed = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        return new Random(seed);
    }

    @Test
    void whatIsUnpackedIsWhatWasPacked() {
        for (int round = 0; round < 200; round++) {
            var packer = new PicklePacker();
            byte[] bytes = bytes(1 + random.nextInt(random.nextInt(10) == 0 ? 40_000 : 400));
            for (int step = 0; step < 40; step++) {
                byte[] longer = Arrays.copyOf(bytes, bytes.length + random.nextInt(20));
                PackedPickle packed = packer.pack(longer, bytes.length);
                assertThat(packed.bytes()).isEqualTo(bytes);
                assertThat(packed.length()).isEqualTo(bytes.length);
                bytes = changed(bytes);
            }
        }
    }

    /// Few different ones, so that much is equal by chance.
    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        int different = 1 + random.nextInt(255);
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(different);
        }
        return bytes;
    }

    private byte[] changed(byte[] bytes) {
        int from = random.nextInt(bytes.length);
        int to = from + random.nextInt(Math.min(60, bytes.length - from) + 1);
        byte[] instead = random.nextInt(20) == 0 ? bytes(20_000) : bytes(random.nextInt(30) + 1);
        byte[] changed = new byte[from + instead.length + bytes.length - to];
        System.arraycopy(bytes, 0, changed, 0, from);
        System.arraycopy(instead, 0, changed, from, instead.length);
        System.arraycopy(bytes, to, changed, from + instead.length, bytes.length - to);
        return random.nextInt(30) == 0 ? bytes(100) : changed;
    }

    @Test
    void tasksThatAreAlikeTakeWhatDiffers() {
        var packer = new PicklePacker();
        String function = "a function, which is the same for all of them and longer than this ".repeat(20);
        int wholes = 0;
        for (int i = 0; i < 1_000; i++) {
            String kind = i % 2 == 0 ? "inc" : "dec";
            String text =
                    kind + ": (" + kind + "-" + i * 7 + ", " + function + ", with " + i + " and no more than that)";
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            PackedPickle packed = packer.pack(bytes, bytes.length);
            assertThat(packed.bytes()).isEqualTo(bytes);
            if (packed.like() == null) {
                wholes++;
            } else {
                assertThat(packed.packed()).hasSizeLessThan(30);
            }
        }
        assertThat(wholes).isLessThan(10);
    }

    /// The second kind is like the first, though not much, and more like others of its kind.
    @Test
    void eachKindHasItsOwnModel() {
        var packer = new PicklePacker();
        String common = "what both kinds have in common, and would be enough for a quarter of it ".repeat(3);
        String special = "what only the second kind has, of a hundred bytes or so, so that it is worth it ".repeat(2);
        int bytesPacked = 0;
        for (int i = 0; i < 400; i++) {
            String text = (i % 2 == 0 ? common : common + special) + (100_000 + i * 13);
            PackedPickle packed = packer.pack(text.getBytes(StandardCharsets.UTF_8), text.length());
            assertThat(new String(packed.bytes(), StandardCharsets.UTF_8)).isEqualTo(text);
            bytesPacked += i >= 40 && packed.like() != null ? packed.packed().length : 0;
        }
        assertThat(bytesPacked).isLessThan(400 * 25);
    }

    @Test
    void aLargeGraphHasModelsOfItsOwn() {
        String common =
                "a function of a hundred bytes or more, that is in every one of the pickles of many graphs ".repeat(2);
        for (int graph = 0; graph < 5; graph++) {
            PicklePacker packer = PicklePacker.take();
            String token = " of graph " + graph * 1234567891011L + 'x' + graph * 9876543210123L;
            for (int i = 0; i < 100; i++) {
                String text = common + token + (100_000 + i * 13);
                PackedPickle packed = packer.pack(text.getBytes(StandardCharsets.UTF_8), text.length());
                assertThat(new String(packed.bytes(), StandardCharsets.UTF_8)).isEqualTo(text);
                if (i > 16 && packed.like() != null) {
                    assertThat(packed.packed()).hasSizeLessThan(20);
                }
            }
            packer.giveBack();
        }
    }

    @Test
    void aSmallOneDoesNotKeepALargeOne() {
        var packer = new PicklePacker();
        byte[] large = new byte[100_000];
        random.nextBytes(large);
        byte[] small = Arrays.copyOf(large, 500);
        packer.pack(large, large.length);

        assertThat(packer.pack(small, small.length).like()).isNull();
        assertThat(packer.pack(large, large.length).like()).isEqualTo(large);
    }

    @Test
    void whatHasNothingInCommonIsKeptAsItIs() {
        var packer = new PicklePacker();
        for (int i = 0; i < 20; i++) {
            byte[] bytes = new byte[300];
            random.nextBytes(bytes);
            PackedPickle packed = packer.pack(bytes, bytes.length);
            assertThat(packed.packed()).isEqualTo(bytes);
            assertThat(packed.like()).isNull();
        }
    }
}
