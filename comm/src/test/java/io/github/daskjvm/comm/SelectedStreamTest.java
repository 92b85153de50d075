package io.github.daskjvm.comm;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.protocol.FrameLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SelectedStreamTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Test
    void aStreamWhoseSocketTheServerClosedEndsWithTheSelector() throws Exception {
        var selector = new StreamSelector();
        var attached = new CountDownLatch(1);
        var end = new CompletableFuture<IOException>();
        var server = RpcServer.start(
                new Address("tcp", "127.0.0.1", 0),
                null,
                FrameLimits.DEFAULT,
                Map.of("stream", (request, connection) -> {
                    SelectedStream stream = selector.attach(connection, Duration.ZERO);
                    attached.countDown();
                    try {
                        stream.receive(message -> {});
                    } catch (IOException e) {
                        end.complete(e);
                    }
                    return RpcHandler.TAKEN;
                }));
        try (var connection = Connection.open(new Address("tcp", "127.0.0.1", server.port()), null, TIMEOUT)) {
            connection.write(Map.of("op", "stream"));
            assertThat(attached.await(10, TimeUnit.SECONDS)).isTrue();
            selector.select(0);

            server.close();
            selector.select(0);
            assertThat(end).isNotDone();
            selector.close();

            assertThat(end.get(10, TimeUnit.SECONDS)).hasMessage("the streams are closed");
        }
    }
}
