package io.github.daskjvm.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StringCacheTest {
    private static String get(StringCache cache, String text) {
        byte[] data = ("before" + text + "after").getBytes(StandardCharsets.UTF_8);
        return cache.get(data, 6, text.getBytes(StandardCharsets.UTF_8).length);
    }

    @Test
    void aStringThatComesAgainIsTheSameObjectFromTheSecondTimeOn() {
        var cache = new StringCache(8, false);
        for (String text : new String[] {"", "ok", "größe", "x".repeat(96)}) {
            assertEquals(text, get(cache, text));
            String second = get(cache, text);
            assertEquals(text, second);
            assertSame(second, get(cache, text));
        }
    }

    @Test
    void inOnePlaceStringsReplaceEachOtherAndAreNeverMistaken() {
        var cache = new StringCache(1, false);
        for (int i = 0; i < 1000; i++) {
            String text = "task-" + i % 7;
            assertEquals(text, get(cache, text));
        }
        String kept = get(cache, "task-6"); // 999 % 7 is 5
        assertNotSame(kept, get(cache, "task-6"));
        assertEquals("Aa", get(cache, "Aa"));
        assertEquals("BB", get(cache, "BB")); // of the same hash and length
        assertEquals("Aa", get(cache, "Aa"));
    }

    @Test
    void internedOnesAreThoseOfOtherCachesAndLiterals() {
        assertSame("run_id", get(new StringCache(8, true), "run_id"));
    }
}
