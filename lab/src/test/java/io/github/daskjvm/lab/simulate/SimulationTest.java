package io.github.daskjvm.lab.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.lab.simulate.Simulation.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Runs of the whole: fresh seeds every time, and every seed that ever failed. A seed that fails is printed with a
/// short script that fails, too; `./dask-jvm lab simulate --seed N` runs it again.
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("daskjvm.seeds", 500);
    private static final int EVENTS = 2_000;

    @Test
    void everyFreshSeedHolds() {
        long first = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + first + " and " + (SEEDS - 1) + " after it");
        for (long seed = first; seed < first + SEEDS; seed++) {
            holds(seed);
        }
    }

    @Test
    void everySeedThatEverFailedHolds() throws IOException {
        for (String line : lines("failed-seeds.txt")) {
            holds(Long.parseLong(line.substring(0, line.indexOf(' '))));
        }
    }

    private static void holds(long seed) {
        Outcome outcome = new Simulation(seed, Tampering.NONE).run(EVENTS);
        if (outcome.failed()) {
            System.out.println("seed " + seed + " fails: " + outcome.failure());
            Outcome shorter = new Reducer(outcome, Tampering.NONE, 2_000).reduce();
            String script = new ScriptFile(seed, shorter.script()).text();
            throw new AssertionError("seed " + seed + " fails; this script does, too:\n" + script, shorter.failure());
        }
    }

    private static List<String> lines(String resource) throws IOException {
        List<String> lines = new ArrayList<>();
        InputStream in = SimulationTest.class.getResourceAsStream(resource);
        assertThat(in).as(resource).isNotNull();
        try (var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    lines.add(line);
                }
            }
        }
        return lines;
    }

    @Test
    void aSeedGivesTheSameCommandsEveryTime() {
        for (long seed = 1; seed <= 20; seed++) {
            assertThat(digest(seed)).as("seed %d", seed).isEqualTo(digest(seed));
        }
    }

    private static long digest(long seed) {
        return new Simulation(seed, Tampering.NONE).withDigest().run(EVENTS).digest();
    }

    /// Hashes of objects and the order of immutable maps differ from one process to the next.
    @Test
    void aSeedGivesTheSameCommandsInAnotherProcess() throws IOException, InterruptedException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process other = new ProcessBuilder(java.toString(), "-cp", classPath, Digests.class.getName())
                .redirectErrorStream(true)
                .start();
        String digests = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(other.waitFor()).as(digests).isZero();
        assertThat(digests.strip()).isEqualTo(Digests.of(5));
    }

    static final class Digests {
        public static void main(String[] arguments) {
            System.out.println(of(5));
        }

        static String of(int seeds) {
            var text = new StringBuilder();
            for (long seed = 1; seed <= seeds; seed++) {
                text.append(Long.toHexString(digest(seed))).append(' ');
            }
            return text.toString().strip();
        }
    }
}
