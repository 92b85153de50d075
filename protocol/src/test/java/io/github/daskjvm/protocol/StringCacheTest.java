package io.github.daskjvm.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class StringCacheTest {
    private static String get(StringCache cache, String text) {
        byte[] data = ("before" + text + "after").getBytes(StandardCharsets.UTF_8);
        return cache.get(data, 6, text.getBytes(StandardCharsets.UTF_8).length);
    }

    @Test
    void aStringThatComesAgainIsTheSameObjectFromTheSecondTimeOn() {
        var cache = new StringCache(8, false);
        for (String text : List.of("", "ok", "größe", "eight888", "x".repeat(96), "y".repeat(95))) {
            assertEquals(text, get(cache, text));
            String second = get(cache, text);
            assertEquals(text, second);
            assertSame(second, get(cache, text));
        }
    }

    @Test
    void twoThatComeInTurnAreBothKeptWhereThereAreOnlyTwoPlaces() {
        var cache = new StringCache(2, false);
        for (int i = 0; i < 4; i++) {
            get(cache, "compute");
            get(cache, "transfer");
        }
        assertSame(get(cache, "compute"), get(cache, "compute"));
        assertSame(get(cache, "transfer"), get(cache, "transfer"));
    }

    @Test
    void inTheSamePlacesStringsReplaceEachOtherAndAreNeverMistaken() {
        var cache = new StringCache(2, false);
        for (int i = 0; i < 1000; i++) {
            String text = "task-" + i % 7;
            assertEquals(text, get(cache, text));
        }
        String once = get(cache, "task-0");
        assertNotSame(once, get(cache, "task-0"));
    }

    @Test
    void internedOnesAreThoseOfOtherCachesAndLiterals() {
        assertSame("run_id", get(new StringCache(8, true), "run_id"));
    }
}
