package io.github.daskjvm.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionValuesTest {
    private static final long GIB = 1L << 30;

    @ParameterizedTest
    @CsvSource({
        ":8787, '', 8787",
        "8787, '', 8787",
        ":0, '', 0",
        "0.0.0.0:8787, 0.0.0.0, 8787",
        "node-7:80, node-7, 80",
        "node-7, node-7, 0",
        "[::1]:8787, ::1, 8787",
    })
    void addressesToListenOn(String text, String host, int port) {
        assertThat(ListenAddress.parse(text)).isEqualTo(new ListenAddress(host, port));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":x", "a:b:c", "host:99999", ":8787,:8887", "http://a:1"})
    void whatIsNoAddressToListenOn(String text) {
        assertThatThrownBy(() -> ListenAddress.parse(text)).isInstanceOf(BadOptionException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', '', -1",
        "node-7, '', node-7, -1",
        "node-7:1, '', node-7, 1",
        "tls://, tls, '', -1",
        "tls://node-7:1, tls, node-7, 1",
        "tcp://0.0.0.0:8786, tcp, 0.0.0.0, 8786",
        "[::1]:1, '', ::1, 1",
        "::1, '', ::1, -1",
    })
    void hosts(String text, String protocol, String host, int port) {
        HostAndPort parsed = HostAndPort.parse(text);
        assertThat(parsed.protocol().orElse("")).isEqualTo(protocol);
        assertThat(parsed.host()).isEqualTo(host);
        assertThat(parsed.port().orElse(-1)).isEqualTo(port);
    }

    @Test
    void aPathIsNoHost() {
        assertThatThrownBy(() -> HostAndPort.parse("tcp://a/b")).isInstanceOf(BadOptionException.class);
    }

    @Test
    void portsAndRangesOfThem() {
        assertThat(Ports.parse("0")).containsExactly(0);
        assertThat(Ports.parse("3000")).containsExactly(3000);
        assertThat(Ports.parse("3000:3003")).containsExactly(3000, 3001, 3002, 3003);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "3003:3000", "1:2:3", "-1", "65536", "1:"})
    void whatIsNoPort(String text) {
        assertThatThrownBy(() -> Ports.parse(text)).isInstanceOf(BadOptionException.class);
    }

    @Test
    void portsAreDealtOutInTurn() {
        assertThat(Ports.apportion(List.of(1, 2, 3, 4, 5), 2)).containsExactly(List.of(1, 3, 5), List.of(2, 4));
        assertThat(Ports.apportion(List.of(0), 2)).containsExactly(List.of(0), List.of(0));
        assertThatThrownBy(() -> Ports.apportion(List.of(1), 2))
                .hasMessage("there are 1 ports for 2 workers; each needs one");
    }

    @Test
    void resources() {
        assertThat(Resources.parse("GPU=2 MEM=10e9")).containsEntry("GPU", 2.0).containsEntry("MEM", 10e9);
        assertThat(Resources.parse("GPU=2,MEM=1")).hasSize(2);
        assertThat(Resources.parse(" ")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GPU", "GPU=", "=1", "GPU=x", "GPU=-1", "GPU=nan", "GPU=1=2"})
    void whatIsNoResource(String text) {
        assertThatThrownBy(() -> Resources.parse(text)).isInstanceOf(BadOptionException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "auto, 2147483648",
        "0, 0",
        "1 GiB, 1073741824",
        "1073741824, 1073741824",
        "0.25, 1073741824",
        "1.0, 4294967296",
        "100 GiB, 4294967296",
    })
    void memoryLimitsOfTwoWorkersInAHeapOfFourGibibytes(String text, long bytes) {
        assertThat(MemoryLimit.parse(text, 4 * GIB, 2)).isEqualTo(bytes);
    }

    @Test
    void whatIsNoAmountOfMemory() {
        assertThatThrownBy(() -> MemoryLimit.parse("much", GIB, 1))
                .isInstanceOf(BadOptionException.class)
                .hasMessageContaining("'much'");
    }

    @Test
    void theLoopbackInterfaceHasAnAddressAndOthersMayNotBe() {
        assertThat(NetworkInterfaces.address("lo")).isEqualTo("127.0.0.1");
        assertThatThrownBy(() -> NetworkInterfaces.address("none7"))
                .isInstanceOf(BadOptionException.class)
                .hasMessageContaining("lo");
    }
}
