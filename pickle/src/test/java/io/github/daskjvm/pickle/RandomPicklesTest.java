package io.github.daskjvm.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random objects, pickled by Python. `-Dtest.jvm=-Ddaskjvm.seed=N` replays.
class RandomPicklesTest {
    private static final long SEED = Long.getLong("daskjvm.seed", System.nanoTime() & 0xffff_ffffL);
    private static final int NUMBER = Integer.getInteger("daskjvm.pickles", 3000);

    @TempDir
    private static Path folder;

    private static List<List<byte[]>> pickles = List.of();

    @BeforeAll
    static void pickled() throws Exception {
        System.out.println("RandomPicklesTest: seed " + SEED);
        Python.assumeThere();
        Python.run(folder, "random_pickles.py", "write", "" + SEED, "" + NUMBER, folder.resolve("pickles") + "");
        pickles = Records.read(folder.resolve("pickles"));
        assertThat(pickles.size()).isGreaterThan(NUMBER * 9 / 10);
    }

    @Test
    void whatIsWrittenAgainMakesTheSameObjects() throws Exception {
        List<List<byte[]>> read =
                pickles.stream().filter(RandomPicklesTest::isRead).toList();
        assertThat(read.size()).isGreaterThan(pickles.size() * 99 / 100);
        Records.write(folder.resolve("read"), read);
        Records.write(folder.resolve("again"), Records.again(read));
        assertThat(compare("read", "again")).contains(read.size() + " are the same");
    }

    /// An object among the arguments of the call that makes it is made twice by Python, and once thrown away.
    private static boolean isRead(List<byte[]> blobs) {
        try {
            PickleParser.parse(blobs.getFirst());
            return true;
        } catch (PickleFormatException e) {
            assertThat(e).hasMessageContaining("a call whose result is thrown away");
            return false;
        }
    }

    @Test
    void aDifferenceWouldBeSeen() throws Exception {
        List<List<byte[]>> others = pickles.subList(1, pickles.size());
        Records.write(folder.resolve("few"), pickles.subList(0, others.size()));
        Records.write(folder.resolve("others"), others);
        assertThatThrownBy(() -> compare("few", "others")).hasMessageContaining("differs");
    }

    private static String compare(String one, String other) throws Exception {
        return Python.run(folder, "random_pickles.py", "compare", folder.resolve(one) + "", folder.resolve(other) + "");
    }

    @Test
    void aDamagedPickleIsRefusedOrReadAndNothingElse() {
        var random = new Random(SEED);
        int refused = 0;
        for (List<byte[]> blobs : pickles) {
            for (int i = 0; i < 20; i++) {
                byte[] damaged = blobs.getFirst().clone();
                for (int j = random.nextInt(3); j >= 0; j--) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                }
                try {
                    PickleWriter.write(PickleParser.parse(damaged, 0, damaged.length - random.nextInt(2)));
                } catch (PickleFormatException e) {
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(pickles.size());
    }
}
