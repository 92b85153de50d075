package io.github.daskjvm.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionSetTest {
    private final OptionSet options = new OptionSet("tool run", "Runs.")
            .operand("ADDRESS", "Where to.")
            .value("--port", "PORT", "Port to listen on.")
            .flag("--keep", "Stay.")
            .flag("--quiet", "")
            .refused(Map.of("--preload", "it runs Python"));

    private Parsed parse(String... arguments) {
        return options.parse(List.of(arguments));
    }

    @Test
    void valuesMayFollowOrBeJoined() {
        assertThat(parse("--port", "1").text("--port")).isEqualTo("1");
        assertThat(parse("--port=1").text("--port")).isEqualTo("1");
        assertThat(parse("--port=a=b").text("--port")).isEqualTo("a=b");
        assertThat(parse("--port", "-1").text("--port")).isEqualTo("-1");
        assertThat(parse("--port=").text("--port")).isEmpty();
    }

    @Test
    void theLastOfTwoCounts() {
        assertThat(parse("--port", "1", "--port", "2").text("--port")).isEqualTo("2");
    }

    @Test
    void flagsAndTheOperandMayBeAnywhere() {
        Parsed parsed = parse("--keep", "tcp://a:1", "--quiet");
        assertThat(parsed.has("--keep")).isTrue();
        assertThat(parsed.has("--quiet")).isTrue();
        assertThat(parsed.has("--port")).isFalse();
        assertThat(parsed.operand()).isEqualTo("tcp://a:1");
    }

    @ParameterizedTest
    @CsvSource({
        "--foo, there is no option --foo",
        "--foo=1, there is no option --foo",
        "--port, '--port needs a value, PORT'",
        "--keep=1, --keep takes no value",
        "--preload, --preload has no meaning here: it runs Python",
        "--preload=x, --preload has no meaning here: it runs Python",
    })
    void whatMakesNoSenseIsRefusedWithASentence(String argument, String sentence) {
        assertThatThrownBy(() -> parse(argument))
                .isInstanceOf(BadOptionException.class)
                .hasMessage(sentence);
    }

    @Test
    void oneArgumentTooManyIsRefused() {
        assertThatThrownBy(() -> parse("a", "b")).hasMessage("'b' is one argument too many");
    }

    @Test
    void theHelpShowsWhatMeansSomething() {
        assertThat(options.help()).isEqualTo("""
                Usage: tool run [OPTIONS] [ADDRESS]

                Runs.

                  ADDRESS                   Where to.
                  --port PORT               Port to listen on.
                  --keep                    Stay.
                  --version                 Print the version and exit.
                  --help                    Print this and exit.
                """);
    }

    @Test
    void numbersAreChecked() {
        assertThat(parse("--port", "3").number("--port", 0, 0)).isEqualTo(3);
        assertThat(parse().number("--port", 7, 0)).isEqualTo(7);
        assertThatThrownBy(() -> parse("--port", "x").number("--port", 0, 0))
                .hasMessage("'x' is no value for --port, which takes a whole number from 0 on");
        assertThatThrownBy(() -> parse("--port", "-1").number("--port", 0, 0)).isInstanceOf(BadOptionException.class);
    }
}
