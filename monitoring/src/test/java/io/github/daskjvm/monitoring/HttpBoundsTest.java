package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What peers do wrong, or too much of, ends their own connections and nobody else's.
@Timeout(60)
class HttpBoundsTest {
    private SchedulerMonitor monitor;

    @BeforeEach
    void start() throws IOException {
        monitor = SchedulerMonitor.start(MonitorOptions.at("127.0.0.1", 0), Samples.sources());
    }

    @AfterEach
    void theOthersAreStillAnswered() {
        assertThat(Http.get(monitor.port(), "/health").body()).isEqualTo("ok");
        monitor.close();
    }

    private static Socket connect(int port) throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout(20_000);
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        return socket;
    }

    /// What comes until the connection ends.
    private static String exchange(int port, byte[] request) throws IOException {
        try (Socket socket = connect(port)) {
            try {
                socket.getOutputStream().write(request);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            } catch (SocketException cutOff) {
                return "cut off";
            }
        }
    }

    private static byte[] request(String line, String headers) {
        return (line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void until(Supplier<Boolean> condition) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.get()) {
            assertThat(System.nanoTime() - deadline).as("it never came about").isNegative();
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "NONSENSE"})
    void otherMethodsAreToldWhichThereAre(String method) throws IOException {
        String answer = exchange(monitor.port(), request(method + " /metrics", "Content-Length: 0\r\n"));
        assertThat(answer).startsWith("HTTP/1.1 405").contains("Allow: GET, HEAD");
    }

    @Test
    void headHasTheHeadersOfGetAndNoBody() throws IOException {
        String answer = exchange(monitor.port(), request("HEAD /metrics", ""));
        assertThat(answer).startsWith("HTTP/1.1 200").contains("version=0.0.4").endsWith("\r\n\r\n");
        assertThat(answer).doesNotContain("# HELP");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nothing", "/metrics/", "/../etc/passwd", "/%00", "/metrics%2f", "//metrics"})
    void unknownPathsAreNotFound(String path) throws IOException {
        assertThat(exchange(monitor.port(), request("GET " + path, ""))).startsWith("HTTP/1.1 404");
    }

    @Test
    void aHeaderOfMegabytesIsRefused() throws IOException {
        String header = "X-Large: " + "x".repeat(4_000_000) + "\r\n";
        assertThat(exchange(monitor.port(), request("GET /metrics", header))).doesNotContain("200 OK");
    }

    @Test
    void thousandsOfHeadersAreRefused() throws IOException {
        String headers = "X-Many: x\r\n".repeat(10_000);
        assertThat(exchange(monitor.port(), request("GET /metrics", headers))).doesNotContain("200 OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET\r\n\r\n", "GET /metrics\r\n\r\n", "\u0016\u0003\u0001\u0002 hello tls\r\n\r\n"})
    void whatIsNoHttpIsRefused(String text) throws IOException {
        assertThat(exchange(monitor.port(), text.getBytes(StandardCharsets.ISO_8859_1)))
                .doesNotContain("200 OK");
    }

    @Test
    void twoHundredScrapersAtOnceAllGetTheWholePage() throws Exception {
        var go = new CountDownLatch(1);
        List<Future<String>> pages = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 200; i++) {
                pages.add(threads.submit(() -> {
                    go.await();
                    return exchange(monitor.port(), request("GET /metrics", ""));
                }));
            }
            go.countDown();
            for (Future<String> page : pages) {
                assertThat(page.get(50, TimeUnit.SECONDS))
                        .startsWith("HTTP/1.1 200")
                        .contains("\ndask_scheduler_clients 2.0\n", "\ndask_semaphore_max_leases{name=\"one\"} 2.0\n");
            }
        }
    }

    @Test
    void aConnectionOnWhichNothingIsAskedIsClosedInTime() throws IOException {
        try (var process = new MonitorProcess("sun.net.httpserver.maxReqTime=1", "sun.net.httpserver.timerMillis=100");
                Socket halfAsked = connect(process.port)) {
            halfAsked.getOutputStream().write("GET /metrics HTTP/1.1\r\nHost:".getBytes(StandardCharsets.US_ASCII));
            assertThat(endOf(halfAsked)).isZero();
            assertThat(Http.get(process.port, "/health").body()).isEqualTo("ok");
        }
    }

    @Test
    void aReaderThatDoesNotReadIsCutOffInTime() throws IOException {
        try (var process =
                new MonitorProcess("sun.net.httpserver.maxRspTime=1", "sun.net.httpserver.timerMillis=100")) {
            long before = process.sockets();
            Socket lazy = connect(process.port);
            lazy.getOutputStream().write(request("GET /metrics", ""));
            until(() -> process.sockets() > before);
            // Others are answered meanwhile.
            assertThat(exchange(process.port, request("GET /health", ""))).startsWith("HTTP/1.1 200");
            until(() -> process.sockets() == before);
            assertThat(endOf(lazy)).isLessThan(10_000_000);
            lazy.close();
        }
    }

    @Test
    void connectionsBeyondTheBoundAreClosedAndThereIsRoomAgainLater() throws IOException {
        try (var process = new MonitorProcess(
                "jdk.httpserver.maxConnections=20",
                "sun.net.httpserver.maxReqTime=1",
                "sun.net.httpserver.timerMillis=100")) {
            long before = process.sockets();
            List<Socket> open = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                open.add(connect(process.port));
                open.getLast().getOutputStream().write("GET".getBytes(StandardCharsets.US_ASCII));
            }
            for (Socket socket : open) {
                assertThat(endOf(socket)).isZero();
                socket.close();
            }
            until(() -> process.sockets() == before);
            assertThat(Http.get(process.port, "/health").body()).isEqualTo("ok");
        }
    }

    /// Reads to the end of the connection.
    ///
    /// @return bytes that came
    private static long endOf(Socket socket) throws IOException {
        long bytes = 0;
        try {
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[65_536];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                bytes += read;
            }
        } catch (SocketException cutOff) {
            return bytes;
        }
        return bytes;
    }
}
