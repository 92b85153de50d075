package io.github.daskjvm.examples.wordcount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.client.ClusterListener;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WordCountDemoTest {
    @TempDir
    Path folder;

    @Test
    void itCountsTheWordsOfAFolder() throws Exception {
        Files.writeString(folder.resolve("one.txt"), "the cat and the dog\n".repeat(2_000));
        Files.writeString(folder.resolve("two.txt"), "The end.\n".repeat(100));
        Files.write(folder.resolve("binary"), new byte[10]);

        String output = run(folder);

        assertThat(output)
                .contains("2 text files, 40,900 bytes")
                .contains("1 files that are not text")
                .contains("Scheduler at: tcp://127.0.0.1:")
                .contains("10,200 words, 5 different")
                .contains("     4,100  the\n")
                .contains("     2,000  and\n")
                .containsPattern("\\d+ tasks in .* tasks per second");
    }

    @Test
    void withoutAFolderOfItsOwnItTakesOneOfTheMachine() throws Exception {
        assertThat(run(null))
                .contains("--input DIR")
                .contains("the most frequent")
                .contains("tasks per second");
    }

    @Test
    void anEmptyFolderIsNoFailure() throws Exception {
        assertThat(run(folder)).contains("There is no text to count.");
    }

    @Test
    void aFolderThatIsNotThereIsSaid() {
        assertThatThrownBy(() -> run(folder.resolve("missing"))).isInstanceOf(NoSuchFileException.class);
    }

    private static String run(Path input) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            WordCountDemo.run(new WordCountDemo.Options(input, 0, 2, 1, 10, false, false, ClusterListener.NONE), out);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
