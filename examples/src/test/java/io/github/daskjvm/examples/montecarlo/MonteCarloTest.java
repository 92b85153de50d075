package io.github.daskjvm.examples.montecarlo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.LocalCluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MonteCarloTest {
    /// By the formula of Black and Scholes.
    private static final double PRICE = 10.450584;

    @Test
    void theActorStopsTheSimulationWhenItIsPreciseEnough() throws Exception {
        try (LocalCluster cluster =
                        LocalCluster.builder().workers(2).threadsPerWorker(1).start();
                Client client = cluster.client()) {
            Sample total = MonteCarlo.price(client, new Option(100, 100, 0.05, 0.2, 1), 0.02, 4);

            assertThat(total.standardError()).isLessThanOrEqualTo(0.02).isGreaterThan(0.01);
            assertThat(total.mean()).isCloseTo(PRICE, within(5 * total.standardError()));
        }
    }

    @Test
    void equalSeedsAreEqualPaths() {
        Option option = new Option(100, 110, 0.01, 0.3, 2);

        assertThat(option.sample(3, 1000)).isEqualTo(option.sample(3, 1000)).isNotEqualTo(option.sample(4, 1000));
    }
}
