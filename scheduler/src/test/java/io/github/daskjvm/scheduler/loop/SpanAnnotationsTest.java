package io.github.daskjvm.scheduler.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.scheduler.SpanPath;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.protocol.PickleReader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpanAnnotationsTest {
    private static final SpanPath PATH = new SpanPath(List.of("a", "b"), List.of("1", "2"));
    private static final Map<String, Object> SPAN = Map.of("name", List.of("a", "b"), "ids", List.of("1", "2"));

    @Test
    void withoutOthersThereIsOnlyTheSpan() throws BadMessageException {
        assertThat(SpanAnnotations.with(PATH, null)).isEqualTo(Map.of("span", SPAN));
        assertThat(SpanAnnotations.with(PATH, Map.of("x", 1, "span", "old"))).isEqualTo(Map.of("x", 1, "span", SPAN));
    }

    @Test
    void aPickleGetsOneEntryMore() throws BadMessageException {
        Payload others = Payload.pickled(Pickle.of(Map.of("priority", 3, "names", List.of("x"))));

        assertThat(SpanAnnotations.with(PATH, others))
                .isInstanceOfSatisfying(
                        Payload.class,
                        payload -> assertThat(PickleReader.plain(payload))
                                .contains(Map.of("priority", 3L, "names", List.of("x"), "span", SPAN)));
    }

    @Test
    void whatIsNoPickleStaysAsItIs() throws BadMessageException {
        Payload odd = Payload.pickled(new byte[] {'.'});

        assertThat(SpanAnnotations.with(PATH, odd)).isSameAs(odd);
    }
}
