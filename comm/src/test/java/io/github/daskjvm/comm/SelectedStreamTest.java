package io.github.daskjvm.comm;

import static java.util.concurrent.TimeUnit.HOURS;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.protocol.FrameLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SelectedStreamTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final StreamSelector selector = new StreamSelector();
    private final CountDownLatch attached = new CountDownLatch(1);
    private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
    private final CompletableFuture<IOException> end = new CompletableFuture<>();
    private final RpcServer server = RpcServer.start(
            new Address("tcp", "127.0.0.1", 0), null, FrameLimits.DEFAULT, Map.of("stream", (request, connection) -> {
                SelectedStream stream = selector.attach(connection, Duration.ZERO);
                if (Boolean.TRUE.equals(request.get("endsPauses"))) {
                    stream.endPauses();
                }
                attached.countDown();
                try {
                    stream.receive(received::add);
                } catch (IOException e) {
                    end.complete(e);
                }
                return RpcHandler.TAKEN;
            }));

    SelectedStreamTest() throws IOException {}

    @AfterEach
    void close() {
        selector.close();
        server.close();
    }

    @Test
    void aStreamWhoseSocketTheServerClosedEndsWithTheSelector() throws Exception {
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

    @Test
    void aPauseIsOverOnceAStreamThatEndsPausesHasSomething() throws Exception {
        try (var connection = Connection.open(new Address("tcp", "127.0.0.1", server.port()), null, TIMEOUT)) {
            connection.write(Map.of("op", "stream", "endsPauses", true));
            assertThat(attached.await(10, TimeUnit.SECONDS)).isTrue();
            Thread owner = Thread.ofPlatform().start(() -> {
                while (received.isEmpty()) {
                    selector.pause(HOURS.toNanos(1));
                    selector.select(0);
                }
            });

            connection.write("now");

            assertThat(owner.join(TIMEOUT)).isTrue();
            assertThat(received).containsExactly("now");
        }
    }

    /// Its socket would stay open as long as the selector of pauses knew it.
    @Test
    void aStreamThatHasEndedIsForgottenWithoutAPause() throws Exception {
        try (var connection = Connection.open(new Address("tcp", "127.0.0.1", server.port()), null, TIMEOUT)) {
            connection.write(Map.of("op", "stream", "endsPauses", true));
            assertThat(attached.await(10, TimeUnit.SECONDS)).isTrue();
            selector.select(0);
            assertThat(selector.pauses().keys()).hasSize(1);
        }
        while (!end.isDone()) {
            selector.select(0);
        }
        selector.select(0);
        assertThat(selector.pauses().keys()).isEmpty();
    }
}
