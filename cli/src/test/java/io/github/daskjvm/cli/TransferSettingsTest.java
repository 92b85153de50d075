package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.worker.WorkerOptions;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransferSettingsTest {
    @TempDir
    Path home;

    private WorkerOptions options(Map<String, String> environment) {
        WorkerOptions.Builder builder = WorkerOptions.builder("tcp://127.0.0.1:8786");
        TransferSettings.apply(DaskConfig.load(environment, home), builder);
        return builder.build();
    }

    @Test
    void withoutSettingsTransfersAreLimitedAsInDask() {
        WorkerOptions options = options(Map.of());

        assertThat(options.outgoingConnections()).isEqualTo(50);
        assertThat(options.incomingConnections()).isEqualTo(10);
        assertThat(options.messageBytesMax()).isEqualTo(50_000_000);
        assertThat(options.transferFraction()).isEqualTo(0.1);
        WorkerOptions unsaid = WorkerOptions.builder("tcp://127.0.0.1:8786").build();
        assertThat(unsaid.outgoingConnections()).isEqualTo(options.outgoingConnections());
        assertThat(unsaid.incomingConnections()).isEqualTo(options.incomingConnections());
        assertThat(unsaid.messageBytesMax()).isEqualTo(options.messageBytesMax());
        assertThat(unsaid.transferFraction()).isEqualTo(options.transferFraction());
    }

    @Test
    void theSettingsOfTheirNamesAreHonoured() {
        WorkerOptions options = options(Map.of(
                "DASK_DISTRIBUTED__WORKER__CONNECTIONS__OUTGOING", "3",
                "DASK_DISTRIBUTED__WORKER__CONNECTIONS__INCOMING", "2",
                "DASK_DISTRIBUTED__WORKER__TRANSFER__MESSAGE_BYTES_LIMIT", "1 MiB",
                "DASK_DISTRIBUTED__WORKER__MEMORY__TRANSFER", "0.25"));

        assertThat(options.outgoingConnections()).isEqualTo(3);
        assertThat(options.incomingConnections()).isEqualTo(2);
        assertThat(options.messageBytesMax()).isEqualTo(1 << 20);
        assertThat(options.transferFraction()).isEqualTo(0.25);
    }

    @Test
    void theShareOfMemoryCanBeSwitchedOff() {
        assertThat(options(Map.of("DASK_DISTRIBUTED__WORKER__MEMORY__TRANSFER", "False"))
                        .transferFraction())
                .isZero();
    }
}
