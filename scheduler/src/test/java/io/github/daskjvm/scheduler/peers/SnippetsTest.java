package io.github.daskjvm.scheduler.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.Pickle;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SnippetsTest {
    private final Snippets snippets = new Snippets();

    private @Nullable Long note(Object value) {
        return snippets.note(Payload.pickled(Pickle.of(value)));
    }

    private @Nullable Object get(@Nullable Long number) {
        return number == null ? null : snippets.get(number);
    }

    @Test
    void theSameThingHasTheSameNumber() {
        Long number = note(Map.of("collections", List.of("x")));

        assertThat(note(Map.of("collections", List.of("y")))).isNotNull().isNotEqualTo(number);
        assertThat(note(Map.of("collections", List.of("x")))).isEqualTo(number);
        assertThat(get(number)).isEqualTo(Map.of("collections", List.of("x")));
    }

    @Test
    void whatSaysNothingHasNone() {
        assertThat(note(List.of())).isNull();
        assertThat(note(Map.of())).isNull();
        assertThat(snippets.note(null)).isNull();
        assertThat(snippets.note("plain")).isNull();
        assertThat(snippets.note(Payload.pickled(new byte[] {1, 2, 3}))).isNull();
        assertThat(snippets.note(Payload.pickled(new byte[2 << 20]))).isNull();
    }

    @Test
    void theOldestGo() {
        Long first = note("the first");
        for (int i = 0; i < Snippets.COUNT_MAX; i++) {
            assertThat(get(note("number " + i))).isEqualTo("number " + i);
        }

        assertThat(get(first)).isNull();
        Long again = note("the first");
        assertThat(again).isNotNull().isNotEqualTo(first);
        assertThat(get(again)).isEqualTo("the first");
    }

    @Test
    void whatTakesTooMuchRoomTogetherGoes() {
        Long first = note("0" + "x".repeat(900_000));
        for (int i = 1; i < 40; i++) {
            note(i + "x".repeat(900_000));
        }

        assertThat(get(first)).isNull();
    }
}
