package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerAddressTest {
    @ParameterizedTest
    @CsvSource({
        "tcp://10.0.0.1:80, tcp://10.0.0.1:80",
        "10.0.0.1:80, tcp://10.0.0.1:80",
        "localhost:80, tcp://127.0.0.1:80",
        "tls://localhost:80, tls://127.0.0.1:80",
        "[::1]:80, tcp://[::1]:80"
    })
    void isOneForAllTheFormsOfIt(String given, String address) {
        assertThat(WorkerAddress.of(given)).isEqualTo(address);
    }

    @Test
    void mayBeAPair() {
        assertThat(WorkerAddress.of(List.of("localhost", 80L))).isEqualTo("tcp://127.0.0.1:80");
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice", "localhost", "10.0.0.1", "ftp://10.0.0.1:80", "a:b:80", "10.0.0.1:99999", ""})
    void isNotMadeOfWhatIsNone(String given) {
        assertThat(WorkerAddress.of(given)).isNull();
    }

    @Test
    void isNoNumber() {
        assertThat(WorkerAddress.of(7L)).isNull();
        assertThat(WorkerAddress.of(null)).isNull();
    }
}
