package io.github.daskjvm.worker.spill;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/// How blocks of a spilled value are compressed: `distributed.worker.memory.spill-compression`.
///
/// LZ4 is the Java one: it needs no native library, and is faster than most disks.
public enum SpillCompression {
    NONE,
    LZ4,
    ZSTD;

    private static final LZ4Factory LZ4_JAVA = LZ4Factory.safeInstance();
    private static final int ZSTD_LEVEL = 3;

    /// By Dask's name; `auto` is LZ4. Empty for what is not written here, such as `snappy`.
    public static Optional<SpillCompression> named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "auto", "lz4" -> Optional.of(LZ4);
            case "zstd" -> Optional.of(ZSTD);
            case "none", "false" -> Optional.of(NONE);
            default -> Optional.empty();
        };
    }

    /// @return how many bytes were put; -1 if that would not be less than there are
    int compress(byte[] plain, int length, byte[] into) {
        int most = length - length / 10;
        return switch (this) {
            case NONE -> -1;
            case LZ4 -> {
                try {
                    yield LZ4_JAVA.fastCompressor().compress(plain, 0, length, into, 0, Math.min(most, into.length));
                } catch (LZ4Exception noRoom) {
                    yield -1;
                }
            }
            case ZSTD -> {
                try {
                    int room = Math.min(most, into.length);
                    long size = Zstd.compressByteArray(into, 0, room, plain, 0, length, ZSTD_LEVEL);
                    yield Zstd.isError(size) ? -1 : (int) size;
                } catch (ZstdException noRoom) {
                    yield -1;
                }
            }
        };
    }

    /// @param length how many bytes it must become
    void decompress(byte[] block, int size, byte[] into, int length) throws IOException {
        try {
            int got = switch (this) {
                case NONE -> -1;
                case LZ4 -> LZ4_JAVA.safeDecompressor().decompress(block, 0, size, into, 0, length);
                case ZSTD -> (int) Zstd.decompressByteArray(into, 0, length, block, 0, size);
            };
            if (got != length) {
                throw new IOException("a block of a spilled value has " + got + " bytes instead of " + length);
            }
        } catch (LZ4Exception | ZstdException e) {
            throw new IOException("a block of a spilled value is damaged: " + e.getMessage(), e);
        }
    }
}
