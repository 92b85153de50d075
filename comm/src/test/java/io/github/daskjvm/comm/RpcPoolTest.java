package io.github.daskjvm.comm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.protocol.FrameLimits;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RpcPoolTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private static RpcServer server(int port, Map<String, RpcHandler> handlers) throws IOException {
        return RpcServer.start(new Address("tcp", "127.0.0.1", port), null, FrameLimits.DEFAULT, handlers);
    }

    /// The port of a server that was just closed is taken until its accepting thread has noticed.
    private static RpcServer serverOnceFree(int port, Map<String, RpcHandler> handlers) throws Exception {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            try {
                return server(port, handlers);
            } catch (BindException e) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.sleep(1);
            }
        }
    }

    @Test
    void aConnectionIsKeptForTheNextCall() throws Exception {
        var peers = new java.util.concurrent.ConcurrentSkipListSet<String>();
        try (var server = server(0, Map.of("who", (request, connection) -> {
                    peers.add(connection.peer());
                    return null;
                }));
                var pool = new RpcPool(null, TIMEOUT)) {
            for (int i = 0; i < 5; i++) {
                assertThat(pool.call("tcp://127.0.0.1:" + server.port(), Map.of("op", "who"), TIMEOUT))
                        .isNull();
            }
            assertThat(peers).hasSize(1);
        }
    }

    @Test
    void aPeerThatCameBackIsReachedThoughTheKeptConnectionHasEnded() throws Exception {
        var calls = new AtomicInteger();
        Map<String, RpcHandler> handlers = Map.of("count", (request, connection) -> (long) calls.incrementAndGet());
        try (var pool = new RpcPool(null, TIMEOUT)) {
            RpcServer first = server(0, handlers);
            String address = "tcp://127.0.0.1:" + first.port();
            assertThat(pool.call(address, Map.of("op", "count"), TIMEOUT)).isEqualTo(1L);
            int port = first.port();
            first.close();
            Object reply = null;
            try (var second = serverOnceFree(port, handlers)) {
                assertThat(second.port()).isEqualTo(port);
                long deadline = System.nanoTime() + TIMEOUT.toNanos();
                while (reply == null) {
                    try {
                        reply = pool.call(address, Map.of("op", "count"), TIMEOUT);
                    } catch (IOException e) {
                        // Within a moment of its last use a connection is not looked at before it is used.
                        assertThat(System.nanoTime()).isLessThan(deadline);
                    }
                }
            }
            assertThat((Long) reply).isGreaterThanOrEqualTo(2L);
        }
    }

    @Test
    void aCallToAPeerThatIsGivenUpFailsAtOnce() throws Exception {
        var called = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        try (var server = server(0, Map.of("hang", (request, connection) -> {
                    called.countDown();
                    return release.await(1, TimeUnit.MINUTES);
                }));
                var pool = new RpcPool(null, TIMEOUT)) {
            String address = "tcp://127.0.0.1:" + server.port();
            var failure = new CompletableFuture<Exception>();
            Thread.ofVirtual().start(() -> {
                try {
                    Object reply = pool.call(address, Map.of("op", "hang"), Duration.ZERO);
                    failure.completeExceptionally(new AssertionError("answered " + reply));
                } catch (IOException | RpcFailure e) {
                    failure.complete(e);
                }
            });
            assertThat(called.await(10, TimeUnit.SECONDS)).isTrue();
            pool.forget(address);
            assertThat(failure.get(10, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
            release.countDown();
        }
    }

    @Test
    void aPatientCallReachesAPeerThatListensLater() throws Exception {
        int port;
        try (var first = server(0, Map.of())) {
            port = first.port();
        }
        String address = "tcp://127.0.0.1:" + port;
        try (var pool = new RpcPool(null, TIMEOUT)) {
            var refused = new CountDownLatch(1);
            var reply = new CompletableFuture<Object>();
            Thread.ofVirtual().start(() -> {
                try {
                    assertThatThrownBy(() -> pool.call(address, Map.of("op", "ping"), TIMEOUT))
                            .hasMessageStartingWith("cannot connect to " + address);
                    refused.countDown();
                    reply.complete(pool.callPatiently(address, Map.of("op", "ping"), TIMEOUT));
                } catch (IOException | RpcFailure | AssertionError e) {
                    reply.completeExceptionally(e);
                }
            });
            assertThat(refused.await(10, TimeUnit.SECONDS)).isTrue();
            try (var server = serverOnceFree(port, Map.of("ping", (request, connection) -> "pong"))) {
                assertThat(reply.get(20, TimeUnit.SECONDS)).isEqualTo("pong");
            }
        }
    }

    @Test
    void aPatientCallSaysAfterTheConnectTimeoutThatItIsOver() throws Exception {
        int port;
        try (var first = server(0, Map.of())) {
            port = first.port();
        }
        String address = "tcp://127.0.0.1:" + port;
        try (var pool = new RpcPool(null, Duration.ofMillis(200))) {
            assertThatThrownBy(() -> pool.callPatiently(address, Map.of("op", "ping"), Duration.ZERO))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("Timed out trying to connect to " + address + " after 0.2 s: ");
        }
    }

    @Test
    void aPatientCallEndsWhenThePeerIsGivenUp() throws Exception {
        int port;
        try (var first = server(0, Map.of())) {
            port = first.port();
        }
        String address = "tcp://127.0.0.1:" + port;
        try (var pool = new RpcPool(null, Duration.ofHours(1))) {
            var failure = new CompletableFuture<Exception>();
            var caller = Thread.ofVirtual().start(() -> {
                try {
                    pool.callPatiently(address, Map.of("op", "ping"), Duration.ZERO);
                } catch (IOException | RpcFailure e) {
                    failure.complete(e);
                }
            });
            while (!failure.isDone() && caller.isAlive()) {
                pool.forget(address);
            }
            assertThat(failure.get(10, TimeUnit.SECONDS)).hasMessageStartingWith("cannot connect to " + address);
        }
    }

    @Test
    void whatAHandlerRaisesIsRaisedAtTheCaller() throws Exception {
        try (var server = server(0, Map.of("fail", (request, connection) -> {
                    throw RpcFailure.valueError("no such thing");
                }));
                var pool = new RpcPool(null, TIMEOUT)) {
            assertThatThrownBy(() -> pool.call("tcp://127.0.0.1:" + server.port(), Map.of("op", "fail"), TIMEOUT))
                    .isInstanceOf(RpcFailure.class)
                    .hasMessage("no such thing");
        }
    }

    @Test
    void aReplyThatDoesNotComeInTimeIsAnIOException() throws Exception {
        var release = new CountDownLatch(1);
        try (var server = server(0, Map.of("hang", (request, connection) -> release.await(1, TimeUnit.MINUTES)));
                var pool = new RpcPool(null, TIMEOUT)) {
            assertThatThrownBy(() ->
                            pool.call("tcp://127.0.0.1:" + server.port(), Map.of("op", "hang"), Duration.ofMillis(50)))
                    .isInstanceOf(IOException.class);
            release.countDown();
        }
    }
}
