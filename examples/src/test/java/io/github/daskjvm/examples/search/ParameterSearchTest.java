package io.github.daskjvm.examples.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.LocalCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ParameterSearchTest {
    @Test
    void itStopsOnceTheLossIsLowEnough() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(2).start();
                Client client = cluster.client()) {
            ParameterSearch.Outcome outcome =
                    ParameterSearch.search(client, ParameterSearch.line(1_000), 0.05, 100_000, 7);

            assertThat(outcome.best().loss()).isLessThanOrEqualTo(0.05);
            assertThat(outcome.tried()).isLessThan(100_000);
        }
    }

    @Test
    void itStopsAfterAsManyTrialsAsItMay() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(1).start();
                Client client = cluster.client()) {
            ParameterSearch.Outcome outcome = ParameterSearch.search(client, ParameterSearch.line(100), 0, 40, 7);

            assertThat(outcome.tried()).isEqualTo(40);
            assertThat(outcome.cancelled()).isZero();
        }
    }
}
