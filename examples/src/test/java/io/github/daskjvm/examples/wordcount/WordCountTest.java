package io.github.daskjvm.examples.wordcount;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.examples.wordcount.WordCount.Chunk;
import io.github.daskjvm.examples.wordcount.WordCount.Counts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordCountTest {
    @TempDir
    Path folder;

    @Test
    void wordsAreLowerCasedRunsOfLetters() throws Exception {
        Path file = Files.writeString(folder.resolve("a.txt"), "Über den Fluß, über\nden-Fluß 42 x");

        assertThat(count(file, 1 << 20)).isEqualTo(Map.of("über", 2L, "den", 2L, "fluß", 2L, "x", 1L));
    }

    @Test
    void theCountsAreTheSameWhereverTheFileIsCut() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var text = new StringBuilder();
        String[] words = {"a", "bc", "über", "naïve", "中文", "\n", " ", ", ", "longer", "-", "Ω"};
        for (int i = 0; i < 300; i++) {
            text.append(words[random.nextInt(words.length)]);
        }
        Path file = Files.writeString(folder.resolve("b.txt"), text);
        Map<String, Long> whole = count(file, 1 << 20);

        for (int chunkBytes = 1; chunkBytes < 40; chunkBytes++) {
            assertThat(count(file, chunkBytes))
                    .as("seed %d, cut every %d bytes", seed, chunkBytes)
                    .isEqualTo(whole);
        }
    }

    private static Map<String, Long> count(Path file, int chunkBytes) throws Exception {
        List<Counts> parts = new ArrayList<>();
        for (Chunk chunk : Chunk.of(file, Files.size(file), chunkBytes)) {
            parts.add(WordCount.count(chunk));
        }
        return WordCount.merge(parts).words();
    }

    @Test
    void theMostFrequentWordsComeFirstAndTiesByName() throws Exception {
        Path file = Files.writeString(folder.resolve("c.txt"), "b a c b a d");

        WordCount.Summary summary =
                WordCount.summarize(WordCount.count(Chunk.of(file, 11, 100).getFirst()), 3);

        assertThat(summary.total()).isEqualTo(6);
        assertThat(summary.distinct()).isEqualTo(4);
        assertThat(summary.mostFrequent()).extracting(WordCount.Word::text).containsExactly("a", "b", "c");
    }

    @Test
    void filesThatHoldNoTextAreLeftOutAndCounted() throws Exception {
        Files.writeString(folder.resolve("text"), "some text");
        Files.write(folder.resolve("zeros"), new byte[100]);
        Files.write(folder.resolve("gzip"), new byte[] {0x1f, (byte) 0x8b, 8, 65, 66, 67});
        Files.createFile(folder.resolve("empty"));
        Path below = Files.createDirectory(folder.resolve("below"));
        Files.writeString(below.resolve("more"), "more text");
        Files.createSymbolicLink(folder.resolve("link"), below.resolve("more"));

        TextFiles found = TextFiles.under(folder);

        assertThat(found.files())
                .extracting(f -> f.path().getFileName().toString())
                .containsExactly("more", "text");
        assertThat(found.notText()).isEqualTo(2);
        assertThat(found.sizeBytes()).isEqualTo(18);
    }
}
