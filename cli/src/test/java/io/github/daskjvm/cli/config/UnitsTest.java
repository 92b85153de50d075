package io.github.daskjvm.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "3s, 3000000000",
        "3.5 seconds, 3500000000",
        "300ms, 300000000",
        "500 ms, 500000000",
        "1us, 1000",
        "20 microseconds, 20000",
        "1 NS, 1",
        "5 minutes, 300000000000",
        "2m, 120000000000",
        "1h, 3600000000000",
        "30, 30000000000",
        "1e-3 s, 1000000",
        "day, 86400000000000",
        ".5s, 500000000",
        "0, 0",
    })
    void durationsReadAsInDask(String text, long nanos) {
        assertThat(Units.duration(text)).contains(Duration.ofNanos(nanos));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "5 parsecs", "-5s", "1-5s", "s5", "5 s s", "five", "nan"})
    void whatIsNoDurationIsNone(String text) {
        assertThat(Units.duration(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "100, 100",
        "100 MB, 100000000",
        "100M, 100000000",
        "5kB, 5000",
        "5.4 kB, 5400",
        "1kiB, 1024",
        "64MiB, 67108864",
        "4 GiB, 4294967296",
        "1Gi, 1073741824",
        "1e6, 1000000",
        "1e6 kB, 1000000000",
        "MB, 1000000",
        "123 B, 123",
        "2 TB, 2000000000000",
        "1 PiB, 1125899906842624",
    })
    void bytesReadAsInDask(String text, long bytes) {
        assertThat(Units.bytes(text)).contains(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5 foos", "-1", "1.2.3", "5 KiBi", "1i", "1ib", "auto"})
    void whatIsNoNumberOfBytesIsNone(String text) {
        assertThat(Units.bytes(text)).isEmpty();
    }
}
