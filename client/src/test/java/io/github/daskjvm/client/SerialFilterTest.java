package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.worker.task.SerialFilter;
import java.net.URI;
import java.net.URL;
import org.junit.jupiter.api.Test;

class SerialFilterTest {
    private static Future<URL> address(Client client) {
        return client.submit(() -> URI.create("http://localhost/x").toURL());
    }

    @Test
    void aResultOfAClassThatIsRefusedIsNotMadeAndOthersArrive() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(1).start();
                Client client = cluster.client()) {
            Future<URL> refused = address(client);

            assertThatThrownBy(refused::get)
                    .isInstanceOfSatisfying(
                            ResultException.class, e -> assertThat(e.key()).isEqualTo(refused.key()))
                    .hasMessageContaining(refused.key())
                    .hasMessageContaining("java.net.URL")
                    .hasMessageContaining("ClientOptions.serialFilter");
            assertThat(client.submit(() -> 1).get()).isEqualTo(1);
        }
    }

    @Test
    void aFilterOfOnesOwnLetsItThrough() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder()
                        .workers(1)
                        .serialFilter(SerialFilter.of("java.net.URL"))
                        .start();
                Client client = cluster.client()) {
            assertThat(address(client).get().getPath()).isEqualTo("/x");
        }
    }
}
