package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.monitoring.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A headless Chromium from the `PATH` with one page, driven by the protocol of its developer tools.
final class Browser implements AutoCloseable, WebSocket.Listener {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Process process;
    private final Path profile;
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Map<?, ?>>> answers = new ConcurrentHashMap<>();
    private final StringBuilder partial = new StringBuilder();
    /// What the page wrote to its console, threw, or was refused.
    private final List<String> complaints = new ArrayList<>();

    static Optional<String> find() {
        return Stream.of(System.getenv("PATH").split(":"))
                .flatMap(folder -> Stream.of(Path.of(folder, "chromium"), Path.of(folder, "chromium-browser")))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    Browser() throws IOException {
        profile = Files.createTempDirectory("browser");
        process = new ProcessBuilder(
                        find().orElseThrow(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--hide-scrollbars=false",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolve("log").toFile())
                .start();
        Path portFile = profile.resolve("DevToolsActivePort");
        await(
                "Chromium listens",
                () -> Files.exists(portFile) && lines(portFile).size() > 1);
        String port = lines(portFile).getFirst();
        socket = HTTP.newWebSocketBuilder()
                .buildAsync(URI.create(pageSocket(port)), this)
                .join();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", Map.of());
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String pageSocket(String port) throws IOException {
        try {
            String list = HTTP.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
            var targets = (List<?>) Json.readObject("{\"all\":" + list + "}").get("all");
            for (Object target : targets) {
                if (target instanceof Map<?, ?> map && "page".equals(map.get("type"))) {
                    return (String) map.get("webSocketDebuggerUrl");
                }
            }
            throw new AssertionError("no page in " + list);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            try {
                received(Json.readObject(partial.toString()));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            partial.setLength(0);
        }
        from.request(1);
        return CompletableFuture.completedStage(null);
    }

    private void received(Map<String, @Nullable Object> message) {
        if (message.get("id") instanceof Number id) {
            CompletableFuture<Map<?, ?>> answer = answers.remove(id.intValue());
            if (message.containsKey("error")) {
                answer.completeExceptionally(new AssertionError(message.get("error")));
            } else {
                answer.complete((Map<?, ?>) message.get("result"));
            }
            return;
        }
        String method = String.valueOf(message.get("method"));
        if (List.of("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
                .contains(method)) {
            synchronized (complaints) {
                complaints.add(message.get("params").toString());
            }
        }
    }

    Map<?, ?> call(String method, Map<String, ?> parameters) {
        int id = ids.incrementAndGet();
        var answer = new CompletableFuture<Map<?, ?>>();
        answers.put(id, answer);
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", id);
        message.put("method", method);
        message.put("params", parameters);
        socket.sendText(Json.write(message), true).join();
        return answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    /// As it was at first, so that tests can share one.
    void fresh() {
        call("Page.navigate", Map.of("url", "about:blank"));
        awaitTrue("location.href === 'about:blank'");
        call("Emulation.clearDeviceMetricsOverride", Map.of());
        call("Emulation.setEmulatedMedia", Map.of("features", List.of()));
        synchronized (complaints) {
            complaints.clear();
        }
    }

    void open(String url) {
        call("Page.navigate", Map.of("url", url));
    }

    /// The value of a JavaScript expression, promises waited for.
    @Nullable
    Object evaluate(String expression) {
        var result =
                call("Runtime.evaluate", Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
        if (result.containsKey("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.get("exceptionDetails"));
        }
        return ((Map<?, ?>) result.get("result")).get("value");
    }

    void awaitTrue(String expression) {
        try {
            await(expression, () -> Boolean.TRUE.equals(evaluate(expression)));
        } catch (AssertionError e) {
            throw new AssertionError(
                    e.getMessage() + "; complaints: " + complaints() + "; the page says: "
                            + evaluate("document.body.innerText.slice(0, 3000)"),
                    e);
        }
    }

    void size(int width, int height) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    }

    void prefers(String scheme) {
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    void press(String key, int code) {
        for (String type : List.of("rawKeyDown", "keyUp")) {
            call(
                    "Input.dispatchKeyEvent",
                    Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code));
        }
    }

    void screenshot(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, Base64.getDecoder().decode((String)
                call("Page.captureScreenshot", Map.of("format", "png")).get("data")));
    }

    List<String> complaints() {
        synchronized (complaints) {
            return List.copyOf(complaints);
        }
    }

    static void await(String what, java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it never came about that " + what);
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        process.onExit().join();
        try (Stream<Path> files = Files.walk(profile)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (java.io.UncheckedIOException e) {
            // A process of the browser that is still ending writes into its profile.
        }
    }
}
