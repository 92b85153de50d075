package io.github.daskjvm.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PythonLiteralTest {
    static Stream<Arguments> literals() {
        return Stream.of(
                Arguments.of("0", 0L),
                Arguments.of("-3", -3L),
                Arguments.of("1_000", 1000L),
                Arguments.of("0x10", 16L),
                Arguments.of("1.5", 1.5),
                Arguments.of("1e3", 1000.0),
                Arguments.of(".5", 0.5),
                Arguments.of("True", true),
                Arguments.of("False", false),
                Arguments.of("None", null),
                Arguments.of("'a b'", "a b"),
                Arguments.of("\"it's\"", "it's"),
                Arguments.of("'a\\n'", "a\n"),
                Arguments.of("[]", List.of()),
                Arguments.of("['run', 'x']", List.of("run", "x")),
                Arguments.of("(1, 2)", List.of(1L, 2L)),
                Arguments.of("(1,)", List.of(1L)),
                Arguments.of("(1)", 1L),
                Arguments.of("()", List.of()),
                Arguments.of("[1, [2, None],]", List.of(1L, Arrays.asList(2L, null))),
                Arguments.of("{'a': 1, 'b': {'c': 2.0}}", Map.of("a", 1L, "b", Map.of("c", 2.0))),
                Arguments.of("{1, 2}", List.of(1L, 2L)),
                Arguments.of("99999999999999999999", 1e20),
                Arguments.of("  7 ", 7L));
    }

    @ParameterizedTest
    @MethodSource("literals")
    void literalsReadAsInPython(String text, @Nullable Object value) {
        assertThat(PythonLiteral.parse(text)).contains(new PythonLiteral.Value(value));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "500ms",
                "5 s",
                "inf",
                "true",
                "tcp://a:1",
                "0777",
                "[1, 2",
                "{'a': 1, 2}",
                "'open",
                "1.1.1",
                "-",
                "+",
                "1e",
                "/a/b.pem",
                "f(1)",
                "[1] [2]",
                "--1"
            })
    void anythingElseIsNoLiteral(String text) {
        assertThat(PythonLiteral.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {52, 100_000})
    void nestingHasABound(int depth) {
        assertThat(PythonLiteral.parse("[".repeat(depth) + "]".repeat(depth))).isEmpty();
    }
}
