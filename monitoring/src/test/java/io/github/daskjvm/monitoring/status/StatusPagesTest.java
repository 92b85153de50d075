package io.github.daskjvm.monitoring.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.monitoring.Json;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the live page is served, over real sockets.
class StatusPagesTest {
    private static final Feed.Limits QUICK = new Feed.Limits(300, 300, 500, ByteBudget.BYTES_PER_SECOND);
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<AutoCloseable> open = new ArrayList<>();
    private int port;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private StatusPages serve(StatusSource source, Feed.Limits limits) throws IOException {
        var server = new StatusServer(source, limits, 0);
        port = server.port;
        open.add(server);
        open.add(http::shutdownNow);
        return server.pages;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpResponse<InputStream> stream(String... headers) throws Exception {
        HttpRequest.Builder request = request("/status/stream");
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
        open.add(response.body());
        return response;
    }

    /// Names and ids of the first so many events.
    private static List<String> events(InputStream in, int most) throws IOException {
        List<String> events = new ArrayList<>();
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        String id = "";
        String name = "";
        while (events.size() < most) {
            String line = reader.readLine();
            if (line.startsWith("event: ")) {
                name = line.substring(7);
            } else if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("data: ")) {
                events.add(id.isEmpty() ? name : name + " " + id);
                id = "";
            }
        }
        return events;
    }

    @Test
    void aPageIsToldEverythingAndThenFrames() throws Exception {
        serve(new SyntheticStatus(2, 1, 10, 2, "w"), QUICK);
        List<String> events = events(stream().body(), 7);
        assertThat(events.subList(0, 5)).containsExactly("hello", "table", "frame", "history", "activity");
        assertThat(events.get(5)).startsWith("frame ");
    }

    @Test
    void aMillionTasksOnAThousandWorkersTakeNoMoreThan200kBInAnySecond() throws Exception {
        var status = new SyntheticStatus(1_000, 4, 1_000_000, 400, "prefix");
        serve(status, QUICK);
        long started = System.nanoTime();
        InputStream in = stream().body();
        byte[] buffer = new byte[1 << 16];
        long bytes = 0;
        double seconds = 0;
        while (seconds < 5) {
            status.work(0.3);
            bytes += in.read(buffer);
            seconds = (System.nanoTime() - started) / 1e9;
            // What has come until now was sent within as many seconds, begun ones counted.
            assertThat(bytes).isLessThanOrEqualTo(200_000 * (long) Math.ceil(seconds));
        }
        assertThat(bytes).isGreaterThan(200_000);
    }

    @Test
    void aPageGoesOnFromTheFrameItHadLast() throws Exception {
        serve(new SyntheticStatus(2, 1, 10, 2, "w"), Feed.Limits.USUAL);
        HttpResponse<InputStream> first = stream();
        String last = events(first.body(), 6).getLast();
        first.body().close();
        String id = last.substring(last.indexOf(' ') + 1);
        List<String> next = events(stream("Last-Event-ID", id).body(), 2);
        long number = Long.parseLong(id.substring(id.indexOf('-') + 1));
        String run = id.substring(0, id.indexOf('-') + 1);
        assertThat(next).containsExactly("frame " + run + (number + 1), "frame " + run + (number + 2));
    }

    @Test
    void aPageThatWasAwayTooLongBeginsAnew() throws Exception {
        serve(new SyntheticStatus(2, 1, 10, 2, "w"), QUICK);
        assertThat(events(stream("Last-Event-ID", "another-7").body(), 1)).containsExactly("hello");
    }

    @Test
    void whenTheSchedulerWasRestartedOpenPagesBeginAnew() throws Exception {
        var status = new SyntheticStatus(2, 1, 10, 2, "w");
        status.notice = "The scheduler <is> away.";
        StatusPages pages = serve(status, Feed.Limits.USUAL);
        InputStream in = stream().body();
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        String frame = reader.lines()
                .filter(line -> line.startsWith("data: {\"now\""))
                .findFirst()
                .orElseThrow();
        assertThat(frame).contains("\"notice\":\"The scheduler <is> away.\"");
        String id = reader.lines()
                .filter(line -> line.startsWith("id: "))
                .findFirst()
                .orElseThrow()
                .substring(4);
        status.generation++;
        // The stream ends; the browser asks again with the last id it had.
        reader.lines().forEach(line -> {});
        assertThat(events(stream("Last-Event-ID", id).body(), 1)).containsExactly("hello");
        assertThat(pages.feed().made()).isPositive();
    }

    @Test
    void fiftyPagesGetTheSameFramesAndTheirNumberIsBounded() throws Exception {
        StatusPages pages = serve(new SyntheticStatus(50, 2, 1_000, 5, "w"), QUICK);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<String>>> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                InputStream in = stream().body();
                all.add(threads.submit(() -> events(in, 10)));
            }
            Set<String> frames = new HashSet<>();
            for (Future<List<String>> one : all) {
                frames.addAll(one.get().subList(5, 10));
            }
            assertThat(frames).allMatch(frame -> frame.startsWith("frame "));
            // Made once, for all.
            assertThat((long) frames.size()).isLessThanOrEqualTo(pages.feed().made());
        }
        List<HttpResponse<InputStream>> more = new ArrayList<>();
        while (pages.feed().readers() < Feed.READERS_MAX) {
            more.add(stream());
        }
        HttpResponse<InputStream> refused = stream();
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(more).allMatch(one -> one.statusCode() == 200);
    }

    @Test
    void whileNobodyLooksNoFrameIsMadeAndNoActionKept() throws Exception {
        var status = new SyntheticStatus(2, 1, 10, 2, "w");
        StatusPages pages = serve(status, QUICK);
        assertThat(pages.feed().made()).isZero();
        assertThat(status.actions.isWatched()).isFalse();
        HttpResponse<InputStream> response = stream();
        events(response.body(), 6);
        assertThat(status.actions.isWatched()).isTrue();
        response.body().close();
        Browser.await("the page is gone", () -> !status.actions.isWatched());
        long made = pages.feed().made();
        assertThat(pages.feed().readers()).isZero();
        // Who comes then begins with the next frame, so none was made in between.
        events(stream().body(), 6);
        assertThat(pages.feed().made()).isBetween(made + 1, made + 4);
    }

    @Test
    void aReaderThatDoesNotReadIsCutOffAndOthersDoNotNotice() throws Exception {
        var status = new SyntheticStatus(1_000, 4, 1_000_000, 400, "prefix");
        StatusPages pages = serve(status, new Feed.Limits(300, 300, 20, 100_000_000));
        InputStream good = stream().body();
        try (var socket = new Socket()) {
            socket.setReceiveBufferSize(2_048);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.getOutputStream()
                    .write("GET /status/stream HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            Browser.await("both read", () -> pages.feed().readers() == 2);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<?> reading = threads.submit(() -> good.transferTo(java.io.OutputStream.nullOutputStream()));
                Browser.await("the slow one is cut off", () -> {
                    status.work(0.5);
                    return pages.feed().readers() == 1;
                });
                assertThat(reading.isDone()).isFalse();
                good.close();
            }
        }
    }

    @Test
    void thePageAndItsFilesAllowNothingFromElsewhere() throws Exception {
        serve(new SyntheticStatus(1, 1, 1, 1, "w"), QUICK);
        HttpResponse<String> page = get("/status");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self';", "style-src 'self';")
                .doesNotContain("unsafe");
        assertThat(page.body())
                .doesNotContain("http://", "https://", "style=", " onclick")
                .containsOnlyOnce("<title>");
        for (String name : Assets.MODULES) {
            HttpResponse<String> module = get("/status/" + name);
            assertThat(module.statusCode()).as(name).isEqualTo(200);
            if (!name.startsWith("vendor/")) {
                assertThat(module.body())
                        .as(name)
                        .doesNotContain(
                                "innerHTML",
                                "outerHTML",
                                "insertAdjacentHTML",
                                "document.write",
                                "eval(",
                                "new Function");
            }
        }
        assertThat(get("/status/../StatusPages.class").statusCode()).isEqualTo(404);
        assertThat(get("/status/package-info.class").statusCode()).isEqualTo(404);
        String tag = get("/status/app.js").headers().firstValue("ETag").orElseThrow();
        var again =
                http.send(request("/status/app.js").header("If-None-Match", tag).build(), BodyHandlers.ofString());
        assertThat(again.statusCode()).isEqualTo(304);
    }

    @Test
    void dasksPathsLeadToViewsThatThereAre() throws Exception {
        serve(new SyntheticStatus(1, 1, 1, 1, "w"), QUICK);
        String app = get("/status/app.js").body();
        String single = get("/status/views/single.js").body();
        DaskRoutes.REDIRECTS.values().forEach(to -> {
            assertThat(to).startsWith("/status#/");
            String view = to.substring("/status#/".length());
            if (view.startsWith("only/")) {
                assertThat(single).contains("  \"" + view.substring("only/".length()) + "\": ()");
            } else {
                assertThat(app).contains("  " + view + ": [\"");
            }
        });
        assertThat(DaskRoutes.individualPlots()).containsEntry("Individual Task Stream", "/individual-task-stream");
        assertThat(get("/info/worker/tcp%3A%2F%2F10.0.0.1%3A1.html").headers().firstValue("Location"))
                .contains("/status#/worker/tcp%3A%2F%2F10.0.0.1%3A1");
    }

    @Test
    void theTraceHasEachActionOnceWithItsWorker() throws Exception {
        var status = new SyntheticStatus(3, 2, 100, 3, "w");
        status.actions.watch();
        status.work(2);
        long actions = status.actions.total();
        serve(status, QUICK);
        HttpResponse<String> trace = get("/status/trace.json");
        assertThat(trace.headers().firstValue("Content-Disposition").orElseThrow())
                .contains("attachment");
        var events = (List<?>) Json.readObject(trace.body()).get("traceEvents");
        assertThat(events.stream().filter(e -> e.toString().contains("ph=X"))).hasSize((int) actions);
        assertThat(events.stream().filter(e -> e.toString().contains("process_name")))
                .hasSize(3);
    }

    @Test
    void onNoTrackOfATraceDoSlicesOverlap() throws Exception {
        var status = new SyntheticStatus(3, 2, 100, 3, "w");
        status.actions.watch();
        status.work(2);
        String worker = status.snapshot().workers().getFirst().address();
        double now = Feed.now();
        // Fetched at once, for a task of a thread that still computes; and a clock that went back.
        for (int i = 0; i < 5; i++) {
            status.actions.add(new Action(worker, 1, TaskKey.of("x"), "transfer", now + i, now + i + 2.5, false));
        }
        status.actions.add(new Action(worker, 1, TaskKey.of("x"), "compute", now + 3, now + 9, false));
        status.actions.add(new Action(worker, 1, TaskKey.of("y"), "compute", now + 5, now + 6, false));
        status.actions.add(new Action(worker, 1, TaskKey.of("z"), "compute", now, now - 6, false));
        long actions = status.actions.total();
        serve(status, QUICK);
        Map<String, Long> ends = new HashMap<>();
        Set<String> named = new HashSet<>();
        int slices = 0;
        for (Object item :
                (List<?>) Json.readObject(get("/status/trace.json").body()).get("traceEvents")) {
            Map<?, ?> event = (Map<?, ?>) item;
            String track = event.get("pid") + "." + event.get("tid");
            if ("M".equals(event.get("ph"))) {
                named.add(track + " " + event.get("name"));
                continue;
            }
            assertThat(named).contains(track + " thread_name", event.get("pid") + ".0 process_name");
            long start = ((Number) event.get("ts")).longValue();
            long length = ((Number) event.get("dur")).longValue();
            assertThat(length).isNotNegative();
            assertThat(start).as(track).isGreaterThanOrEqualTo(ends.getOrDefault(track, 0L));
            ends.put(track, start + length);
            slices++;
        }
        // But for the one that ended before it began.
        assertThat(slices).isEqualTo((int) actions - 1);
    }

    @Test
    void whatIsNotKnownIsSaidToBe() throws Exception {
        serve(new SyntheticStatus(1, 1, 1, 1, "w"), QUICK);
        assertThat(get("/status/task.json?key=nothing").statusCode()).isEqualTo(404);
        assertThat(get("/status/task.json").statusCode()).isEqualTo(404);
        assertThat(get("/status/task.json?key=known%20one").body()).contains("known one");
    }
}
