package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.comm.RpcHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How the client comes to a scheduler, loses it, and leaves it.
@Timeout(30)
class ClientConnectionTest {
    @Test
    void aBrokenConnectionCancelsTheFuturesAndIsMadeAnew() throws Exception {
        var scheduler = ScriptedPeers.scheduler().start();
        int port = scheduler.port();
        try (Client client = Client.connect(scheduler.address())) {
            Future<String> future = client.future("k");
            scheduler.next("client-desires-keys");
            scheduler.close();
            assertThatThrownBy(future::get)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("127.0.0.1:" + port);

            try (var revived = ScriptedPeers.scheduler().start(port)) {
                assertThat(revived.next("register-client").get("client")).isEqualTo(client.id());
            }
        }
    }

    @Test
    void withoutASchedulerConnectingFailsWithTheAddressInTime() {
        assertThatThrownBy(() ->
                        Client.connect("tcp://127.0.0.1:1", ClientOptions.DEFAULT.timeout(Duration.ofMillis(200))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tcp://127.0.0.1:1");
    }

    @Test
    void aSchedulerThatRefusesSaysWhy() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler()
                .greeting(List.of(Map.of("op", "stream-start", "error", "versions may not be in sync")))
                .start()) {
            assertThatThrownBy(() -> Client.connect(scheduler.address()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("versions may not be in sync");
        }
    }

    @Test
    void somethingElseThanASchedulerIsToldApart() throws Exception {
        try (var worker = ScriptedPeers.worker()
                .on("register-client", (request, connection) -> {
                    connection.write("hello");
                    return RpcHandler.TAKEN;
                })
                .start()) {
            assertThatThrownBy(() -> Client.connect(worker.address()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("does not answer as a scheduler");
        }
    }

    @Test
    void closingSaysGoodbyeAndCancelsWhatIsPending() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start()) {
            Client client = Client.connect(scheduler.address());
            Future<String> future = client.future("k");
            client.close();

            scheduler.next("close-client");
            scheduler.next("close-stream");
            assertThatThrownBy(future::get)
                    .isInstanceOf(CancellationException.class)
                    .hasMessageContaining("closed");
            assertThatThrownBy(() -> client.submit(() -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("closed");
        }
    }
}
