package io.github.daskjvm.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Strings that one reader meets again and again, found by their bytes. Each has two places to be in, and is kept when
/// it
/// comes for the second time while its hash is still in one of them. So strings that come once push out what is kept,
/// but
/// cost no more than a look at numbers: no other string is touched for them.
final class StringCache {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    private final int[] hashes;
    private final byte[] @Nullable [] encoded;
    private final @Nullable String[] texts;
    private final boolean interned;

    /// @param places how many strings at most, a power of two from 2 on
    /// @param interned whether a string is to be the same object as one of another cache, and as a literal
    StringCache(int places, boolean interned) {
        hashes = new int[places];
        encoded = new byte[places][];
        texts = new String[places];
        this.interned = interned;
    }

    /// The text of these bytes of UTF-8.
    String get(byte[] data, int from, int length) {
        int hash = hash(data, from, length);
        int home = hash & (hashes.length - 1);
        int other = home ^ 1;
        if (hashes[home] != hash && hashes[other] != hash) {
            remember(hash, home, other);
            return text(data, from, length);
        }
        int place = hashes[home] == hash ? home : other;
        byte[] kept = encoded[place];
        String known = texts[place];
        if (kept != null && known != null && Arrays.equals(kept, 0, kept.length, data, from, from + length)) {
            return known;
        }
        String text = text(data, from, length);
        encoded[place] = Arrays.copyOfRange(data, from, from + length);
        texts[place] = text;
        return text;
    }

    /// Remembers the hash of a string that came for the first time. One that is kept goes for it only if both are.
    private void remember(int hash, int home, int other) {
        if (encoded[home] != null) {
            hashes[other] = hash;
            encoded[other] = null;
            return;
        }
        if (encoded[other] == null) {
            hashes[other] = hashes[home];
        }
        hashes[home] = hash;
    }

    private static int hash(byte[] data, int from, int length) {
        long mixed = length;
        int end = from + length;
        int at = from;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            mixed = (mixed ^ (long) LONG.get(data, at)) * FACTOR;
            mixed ^= mixed >>> 32;
        }
        for (; at < end; at++) {
            mixed = (mixed ^ data[at]) * FACTOR;
        }
        return (int) (mixed ^ mixed >>> 32);
    }

    private String text(byte[] data, int from, int length) {
        String text = new String(data, from, length, StandardCharsets.UTF_8);
        return interned ? text.intern() : text;
    }
}
