package io.github.daskjvm.worker.task;

import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// What tells jars apart without reading them: the directory at the end of an archive, which has the checksum of each
/// entry. Source of the numbers: PKWARE's APPNOTE, "central directory structure".
final class JarDirectory {
    private static final int END_BYTES = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int ENTRY_BYTES = 46;
    private static final int ENTRY_SIGNATURE = 0x02014b50;
    private static final int COMMENT_MAX_BYTES = 0xffff;
    private static final int DIRECTORY_MAX_BYTES = 64 << 20;

    private JarDirectory() {}

    /// Eight digits that stand for names, sizes and checksums of all entries in their order, and not for their times:
    /// the CRC-32 of these. SHA-256 of as much would take a process that just started a tenth of a second.
    ///
    /// @return null if it is no archive, or one that is too large for this
    static @Nullable String hash(File jar) throws IOException {
        byte[] bytes = directory(jar);
        if (bytes == null) {
            return null;
        }
        ByteBuffer directory = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        var crc = new CRC32();
        int at = 0;
        while (at + ENTRY_BYTES <= bytes.length && directory.getInt(at) == ENTRY_SIGNATURE) {
            int name = directory.getShort(at + 28) & 0xffff;
            int extra = directory.getShort(at + 30) & 0xffff;
            int comment = directory.getShort(at + 32) & 0xffff;
            if (at + ENTRY_BYTES + name > bytes.length) {
                return null;
            }
            crc.update(bytes, at + 16, 4); // the entry's checksum
            crc.update(bytes, at + 24, 4); // its size
            crc.update(bytes, at + ENTRY_BYTES, name);
            at += ENTRY_BYTES + name + extra + comment;
        }
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    private static byte @Nullable [] directory(File jar) throws IOException {
        try (var in = new RandomAccessFile(jar, "r")) {
            long length = in.length();
            byte[] end = new byte[(int) Math.min(length, END_BYTES + COMMENT_MAX_BYTES)];
            in.seek(length - end.length);
            in.readFully(end);
            ByteBuffer tail = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN);
            int at = end.length - END_BYTES;
            while (at >= 0 && tail.getInt(at) != END_SIGNATURE) {
                at--;
            }
            if (at < 0) {
                return null;
            }
            long size = tail.getInt(at + 12) & 0xffffffffL;
            long offset = tail.getInt(at + 16) & 0xffffffffL;
            if (size > DIRECTORY_MAX_BYTES || offset + size > length) {
                return null;
            }
            byte[] directory = new byte[(int) size];
            in.seek(offset);
            in.readFully(directory);
            return directory;
        }
    }
}
