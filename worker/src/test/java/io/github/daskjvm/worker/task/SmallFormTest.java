package io.github.daskjvm.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SmallFormTest {
    @Test
    void boxedValuesAndShortStringsHaveOne() throws IOException {
        for (@Nullable
        Object value : Arrays.asList(
                null,
                1,
                2L,
                3.5,
                true,
                "text",
                "é",
                1.5f,
                'c',
                (short) 4,
                (byte) 5,
                Integer.MIN_VALUE,
                Double.NaN,
                "")) {
            byte[] form = JavaCodec.smallForm(value);
            assertThat(form).as(String.valueOf(value)).isNotNull().hasSizeLessThan(300);
            assertThat(JavaCodec.smallValue(form)).isEqualTo(value);
        }
    }

    @Test
    void whatMayBeLargeOrCanBeChangedHasNone() throws IOException {
        for (Object value : List.of("x".repeat(101), new byte[1], List.of(1), new StringBuilder("a"))) {
            assertThat(JavaCodec.smallForm(value)).isNull();
        }
    }
}
