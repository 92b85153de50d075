package io.github.daskjvm.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Expected values were printed by Dask's own `key_split` and `key_split_group`.
class KeyNamesTest {
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "x | x | x",
                "x-1 | x | x",
                "x-1-2-3 | x | x",
                "('x-2', 1) | x | x-2",
                "hello-world-1 | hello-world | hello-world",
                "ae05086432ca935f6eba409a8ecd4896 | data | data",
                "<module.submodule.myclass object at 0xdaf372 | myclass | myclass",
                "x-abcdefab | x | x",
                "_(x) | x | x",
                "inc-0123456789abcdef0123456789abcdef | inc | inc",
                "x-download | x | x",
            })
    void textKeysAreNamedAsDaskNamesThem(String key, String prefix, String group) {
        assertThat(TaskKey.of(key).prefix()).isEqualTo(prefix);
        assertThat(TaskKey.of(key).group()).isEqualTo(group);
    }

    @Test
    void tupleKeysAreNamedByTheirFirstElement() {
        var key = TaskKey.of(List.of("sum-aggregate-0123456789abcdef0123456789abcdef", 3L, 0L));
        assertThat(key.prefix()).isEqualTo("sum-aggregate");
        assertThat(key.group()).isEqualTo("sum-aggregate-0123456789abcdef0123456789abcdef");
        assertThat(key).hasToString("('sum-aggregate-0123456789abcdef0123456789abcdef', 3, 0)");
    }

    @Test
    void keysOfDifferentTypesAreDifferent() {
        assertThat(TaskKey.of(1L))
                .isNotEqualTo(TaskKey.of(1.0))
                .isNotEqualTo(TaskKey.of("1"))
                .isEqualTo(TaskKey.of(1));
        assertThat(TaskKey.of((Object) new byte[] {1})).isEqualTo(TaskKey.of((Object) new byte[] {1}));
    }
}
