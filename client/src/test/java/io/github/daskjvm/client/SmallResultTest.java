package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SmallResultTest {
    @Test
    void aSmallResultComesWithTheNewsOfIt() throws Exception {
        try (var cluster = LocalCluster.builder().workers(1).start();
                Client client = cluster.client();
                Client other = cluster.client()) {
            Future<Integer> small = client.submit(() -> 42);
            Future<byte[]> large = client.submit(() -> new byte[1000]);
            Future<Integer> next = client.submit(x -> x + 1, small);

            assertThat(small.get(60, TimeUnit.SECONDS)).isEqualTo(42);
            assertThat(small.keyState().result()).isNotNull();
            assertThat(large.get(60, TimeUnit.SECONDS)).hasSize(1000);
            assertThat(large.keyState().result()).isNull();
            assertThat(client.gather(List.of(next, small))).containsExactly(43, 42);
            // Who asks later hears the same.
            Future<Integer> same = other.future(small.key());
            assertThat(same.get(60, TimeUnit.SECONDS)).isEqualTo(42);
            assertThat(same.keyState().result()).isNotNull();
        }
    }

    @Test
    void aResultThatIsLostIsNotTheOneThatCame() throws Exception {
        try (var cluster = LocalCluster.builder().workers(0).start();
                Client client = cluster.client()) {
            var first = cluster.addWorker();
            Future<Long> once = client.submit(Counter::next);
            long was = once.get(60, TimeUnit.SECONDS);
            first.close();
            cluster.addWorker();
            Await.until("the task ran again", () -> once.get(60, TimeUnit.SECONDS) > was);
        }
    }

    private static final class Counter {
        private static long next = 1;

        static synchronized long next() {
            return next++;
        }
    }
}
