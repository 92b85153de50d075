package io.github.daskjvm.examples.wordcount;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The text files under a folder, and what was left out.
///
/// @param files in the order of their paths
/// @param notText files that hold something else than text, going by their first 4096 bytes
/// @param unreadable files and folders that could not be read
record TextFiles(List<TextFile> files, int notText, int unreadable) {
    private static final int LOOKED_AT_BYTES = 4096;
    /// Beyond this a byte in thirty that no text has makes a file something else.
    private static final int ODD_BYTES_SHARE = 30;

    record TextFile(Path path, long sizeBytes) {}

    /// Symbolic links are not followed: they would count a file twice.
    static TextFiles under(Path folder) {
        List<TextFile> files = new ArrayList<>();
        int[] notText = new int[1];
        int[] unreadable = new int[1];
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile() && attributes.size() > 0) {
                        try {
                            if (isText(file)) {
                                files.add(new TextFile(file, attributes.size()));
                            } else {
                                notText[0]++;
                            }
                        } catch (IOException e) {
                            unreadable[0]++;
                        }
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) {
                    unreadable[0]++;
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.sort(Comparator.comparing(TextFile::path));
        return new TextFiles(List.copyOf(files), notText[0], unreadable[0]);
    }

    long sizeBytes() {
        long sum = 0;
        for (TextFile file : files) {
            sum += file.sizeBytes;
        }
        return sum;
    }

    private static boolean isText(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(LOOKED_AT_BYTES);
            int odd = 0;
            for (byte b : head) {
                if (b == 0) {
                    return false;
                }
                if (b < 0x20 && b >= 0 && b != '\n' && b != '\r' && b != '\t' && b != '\f') {
                    odd++;
                }
            }
            return odd <= head.length / ODD_BYTES_SHARE && !isCompressed(head);
        }
    }

    /// A small gzip file may hold no zero byte.
    private static boolean isCompressed(byte[] head) {
        return head.length > 2 && head[0] == 0x1f && (head[1] & 0xff) == 0x8b;
    }
}
