package io.github.daskjvm.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Strings that one reader meets again and again, found by their bytes. A string is kept when it comes for the second
/// time
/// in a row in its place, so that those that come once push out what is kept but cost no more than a look at a number:
/// no
/// other string is touched for them.
final class StringCache {
    private final int[] hashes;
    private final byte[] @Nullable [] encoded;
    private final @Nullable String[] texts;
    private final boolean interned;

    /// @param places how many strings at most, a power of two
    /// @param interned whether a string is to be the same object as one of another cache, and as a literal
    StringCache(int places, boolean interned) {
        hashes = new int[places];
        encoded = new byte[places][];
        texts = new String[places];
        this.interned = interned;
    }

    /// The text of these bytes of UTF-8.
    String get(byte[] data, int from, int length) {
        int hash = length;
        for (int i = from; i < from + length; i++) {
            hash = 31 * hash + data[i];
        }
        int place = (hash ^ (hash >>> 15)) & (hashes.length - 1);
        if (hashes[place] != hash) {
            hashes[place] = hash;
            encoded[place] = null;
            return text(data, from, length);
        }
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

    private String text(byte[] data, int from, int length) {
        String text = new String(data, from, length, StandardCharsets.UTF_8);
        return interned ? text.intern() : text;
    }
}
