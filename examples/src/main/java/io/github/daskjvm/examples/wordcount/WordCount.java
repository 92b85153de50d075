package io.github.daskjvm.examples.wordcount;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The tasks of the word count; they run on workers.
final class WordCount {
    private static final int READ_AHEAD_BYTES = 256;

    private WordCount() {}

    /// A part of a file: the words that begin at or after `from` and before `to`, counted in bytes.
    record Chunk(String path, long from, long to) implements Serializable {
        static List<Chunk> of(Path path, long sizeBytes, long chunkBytes) {
            List<Chunk> chunks = new ArrayList<>();
            for (long from = 0; from < sizeBytes; from += chunkBytes) {
                chunks.add(new Chunk(path.toString(), from, Math.min(sizeBytes, from + chunkBytes)));
            }
            return chunks;
        }
    }

    /// Words and how often each was seen.
    record Counts(HashMap<String, Long> words) implements Serializable {
        long total() {
            long sum = 0;
            for (long count : words.values()) {
                sum += count;
            }
            return sum;
        }
    }

    /// What is left for the person who asked.
    record Summary(List<Word> mostFrequent, long distinct, long total) implements Serializable {}

    record Word(String text, long count) implements Serializable {}

    static Counts count(Chunk chunk) throws IOException {
        var words = new HashMap<String, Long>();
        String text = read(chunk);
        int start = -1;
        for (int i = 0; i <= text.length(); i++) {
            if (i < text.length() && Character.isLetter(text.charAt(i))) {
                start = start < 0 ? i : start;
            } else if (start >= 0) {
                words.merge(text.substring(start, i).toLowerCase(Locale.ROOT), 1L, Long::sum);
                start = -1;
            }
        }
        return new Counts(words);
    }

    /// From the first gap between words at or after the chunk's begin to the first at or after its end: so each word
    /// is read once and whole, wherever the cuts fall.
    private static String read(Chunk chunk) throws IOException {
        try (var file = new RandomAccessFile(chunk.path, "r")) {
            long from = chunk.from == 0 ? 0 : gap(file, chunk.from);
            long to = gap(file, chunk.to);
            byte[] bytes = new byte[Math.toIntExact(to - from)];
            file.seek(from);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /// The first ASCII byte at or after the position that is no letter, which no word and no character spans.
    private static long gap(RandomAccessFile file, long position) throws IOException {
        byte[] buffer = new byte[READ_AHEAD_BYTES];
        file.seek(position);
        long at = position;
        for (int n = file.read(buffer); n > 0; n = file.read(buffer)) {
            for (int i = 0; i < n; i++) {
                if (buffer[i] >= 0 && !Character.isLetter(buffer[i])) {
                    return at + i;
                }
            }
            at += n;
        }
        return Math.max(position, file.length());
    }

    static Counts merge(List<Counts> parts) {
        var words = new HashMap<String, Long>();
        for (Counts part : parts) {
            part.words.forEach((word, count) -> words.merge(word, count, Long::sum));
        }
        return new Counts(words);
    }

    static Summary summarize(Counts counts, int most) {
        List<Word> words = new ArrayList<>();
        for (Map.Entry<String, Long> entry : counts.words.entrySet()) {
            words.add(new Word(entry.getKey(), entry.getValue()));
        }
        words.sort(Comparator.comparingLong(Word::count).reversed().thenComparing(Word::text));
        return new Summary(
                new ArrayList<>(words.subList(0, Math.min(most, words.size()))), words.size(), counts.total());
    }
}
