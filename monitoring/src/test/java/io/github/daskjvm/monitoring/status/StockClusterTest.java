package io.github.daskjvm.monitoring.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.monitoring.MonitorOptions;
import io.github.daskjvm.monitoring.RemoteMonitor;
import io.github.daskjvm.monitoring.SchedulerMonitor;
import io.github.daskjvm.monitoring.remote.RemoteScheduler;
import io.github.daskjvm.scheduler.Scheduler;
import io.github.daskjvm.scheduler.SchedulerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// The page in a real browser over a cluster with stock Dask workers under load. Skipped where there is no
/// Chromium on the `PATH` or no stock Dask (`interop/stock-dask setup`).
@EnabledIf("canRun")
class StockClusterTest {
    private static final Path STOCK =
            Path.of("../interop/stock-dask").toAbsolutePath().normalize();
    private static final String LOAD = """
            import os, sys, time
            from dask.distributed import Client, wait
            client = Client(sys.argv[1])
            print("link", client.dashboard_link, flush=True)
            def work(x):
                time.sleep(0.05)
                return bytes(200_000)
            def both(a, b):
                time.sleep(0.02)
                return len(a) + len(b)
            def fail(x):
                raise ValueError("<b>no</b> " + str(x))
            def slow(x, until):
                while not os.path.exists(until):
                    time.sleep(0.05)
            works = client.map(work, range(200))
            boths = client.map(both, works, works[::-1])
            fails = client.map(fail, range(3))
            slows = client.map(slow, range(2), until=sys.argv[2], priority=10)
            wait(works + boths + fails + slows)
            print("done", flush=True)
            sys.stdin.read()
            """;

    /// What the page knew and showed after each frame.
    private static final String WATCH = """
            import("/status/store.js").then(({ store, listen }) => {
              globalThis.store = store;
              globalThis.seen = { finished: new Set(), shown: new Set(), open: new Set() };
              listen((name) => {
                if (name !== "frame") return;
                seen.finished.add(store.totals.finished);
                seen.shown.add(document.querySelector("[data-state=memory] b")?.textContent);
                for (const [, , , , key] of store.open) seen.open.add(key);
              });
            })""";

    private final List<AutoCloseable> open = new ArrayList<>();

    static boolean canRun() {
        String folder = System.getenv("DASK_JVM_STOCK");
        Path stock = folder == null ? STOCK.resolveSibling(".stock") : Path.of(folder);
        return Browser.find().isPresent() && Files.exists(stock.resolve(".complete"));
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private Process stock(Path log, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of(STOCK.toString(), "run"));
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all)
                .directory(log.getParent().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        open.add(() -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        });
        return process;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    private void worker(Path folder, String name, String scheduler) throws IOException {
        stock(
                folder.resolve(name + ".log"),
                "dask",
                "worker",
                scheduler,
                "--name",
                name,
                "--nthreads",
                "2",
                "--no-nanny",
                "--no-dashboard",
                "--memory-limit",
                "1GiB",
                "--local-directory",
                folder.resolve(name).toString());
    }

    private Process scheduler(Path log, int port) throws IOException {
        return stock(
                log,
                "dask",
                "scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--dashboard-address",
                "127.0.0.1:0");
    }

    /// A scheduler that no part of is ours; the page is in front of it.
    @Test
    void thePageInFrontOfDasksOwnSchedulerShowsWhatItDoesAndOutlivesIt(@TempDir Path folder) throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        String address = "tcp://127.0.0.1:" + port;
        Process first = scheduler(folder.resolve("first.log"), port);
        var remote = new RemoteScheduler(address, null, Duration.ofSeconds(5));
        open.add(remote);
        RemoteMonitor monitor = RemoteMonitor.start(MonitorOptions.at("127.0.0.1", 0), remote);
        open.add(monitor);
        remote.start();
        worker(folder, "alice", address);
        worker(folder, "bob", address);
        var browser = new Browser();
        open.add(browser);
        browser.size(1280, 1000);
        String page = "http://127.0.0.1:" + monitor.port() + "/status";
        browser.open(page);
        browser.awaitTrue("document.querySelector('[data-figure=Workers] b')?.textContent === '2'");
        Path script = Files.writeString(folder.resolve("load.py"), LOAD);
        Path log = folder.resolve("client.log");
        Path seen = Files.createFile(folder.resolve("seen"));
        stock(log, "python3", script.toString(), address, seen.toString());
        Browser.await("the load is done: " + read(log), () -> read(log).contains("done"));
        assertAtRest(browser, page);
        browser.evaluate("import('/status/store.js').then(m => { globalThis.store = m.store; })");
        browser.awaitTrue("document.querySelectorAll('.progress-row:not([hidden])').length === 4");
        browser.awaitTrue("store.spans.length + store.cells.size > 0 && store.names.includes('both')");
        browser.awaitTrue("document.getElementById('notice').hidden");
        browser.evaluate("location.hash = '#/workers'");
        browser.awaitTrue("['alice', 'bob'].every((n) => document.querySelector('main').textContent.includes(n))");
        browser.evaluate("location.hash = '#/events'");
        browser.awaitTrue("document.querySelectorAll('.failures details').length === 3");
        assertThat((String) browser.evaluate("document.querySelector('.failures').textContent"))
                .contains("ValueError('<b>no</b> ", "raise ValueError(\"<b>no</b> \" + str(x))");
        browser.evaluate("document.querySelector('.failures details a.key').click()");
        browser.awaitTrue("document.querySelector('main').textContent.includes('Because of')");
        browser.evaluate("location.hash = '#/graph'");
        browser.awaitTrue("document.querySelectorAll('.graph rect.group').length === 4");
        browser.evaluate("location.hash = '#/overview'");

        first.descendants().forEach(ProcessHandle::destroyForcibly);
        first.destroyForcibly().waitFor();
        browser.awaitTrue("document.getElementById('notice').textContent.includes('does not answer')");
        scheduler(folder.resolve("second.log"), port);
        browser.awaitTrue("document.getElementById('notice').hidden && store.events.length > 0");
        browser.awaitTrue("document.querySelector('[data-state=memory] b').textContent === '0'");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void thePageShowsWhatStockWorkersDo(@TempDir Path folder) throws Exception {
        Scheduler scheduler = Scheduler.start(
                SchedulerOptions.builder().host("127.0.0.1").port(0).build());
        open.add(scheduler);
        SchedulerMonitor monitor = SchedulerMonitor.start(
                MonitorOptions.at("127.0.0.1", 0),
                new SchedulerMonitor.Sources(
                        scheduler::snapshot,
                        scheduler::identity,
                        scheduler::loopFigures,
                        scheduler::serviceFigures,
                        new SchedulerStatus(() -> scheduler)));
        open.add(monitor);
        scheduler.services(Map.of("dashboard", monitor.port()));
        for (String name : List.of("alice", "bob")) {
            worker(folder, name, scheduler.address());
        }
        var browser = new Browser();
        open.add(browser);
        browser.size(1280, 1000);
        String page = "http://127.0.0.1:" + monitor.port() + "/status";
        browser.open(page);
        browser.awaitTrue("document.querySelector('[data-figure=Workers] b')?.textContent === '2'");
        browser.evaluate(WATCH);
        Path script = Files.writeString(folder.resolve("load.py"), LOAD);
        Path log = folder.resolve("client.log");
        Path seen = folder.resolve("seen");
        stock(log, "python3", script.toString(), scheduler.address(), seen.toString());
        // They run until the page has shown that they do.
        browser.awaitTrue("[...globalThis.seen.open].filter((key) => key.startsWith('slow-')).length === 2");
        Files.createFile(seen);
        Browser.await("the load is done: " + read(log), () -> read(log).contains("done"));
        assertThat(read(log)).contains("link " + page);
        assertAtRest(browser, page);
        // While the tasks ran the page went with them, from frame to frame.
        assertThat(((Number) browser.evaluate("Math.min(seen.finished.size, seen.shown.size)")).intValue())
                .isGreaterThanOrEqualTo(4);
        browser.awaitTrue("store.open.length === 0 && store.waits[2] === 0");
        assertViews(browser, scheduler);
        assertThat(browser.complaints()).isEmpty();
    }

    /// Nothing happens any more: page, metrics and scheduler agree. The metrics may be of a moment ago, so they
    /// are read until they do.
    private static void assertAtRest(Browser browser, String page) throws Exception {
        browser.awaitTrue("document.querySelector('[data-state=erred] b').textContent === '3'");
        var request = HttpRequest.newBuilder(URI.create(page.replace("/status", "/metrics")))
                .build();
        try (var http = HttpClient.newHttpClient()) {
            for (String state :
                    List.of("released", "waiting", "queued", "processing", "memory", "erred", "no-worker")) {
                String shown = "document.querySelector('[data-state=\"" + state + "\"] b').textContent";
                Browser.await(
                        "page and metrics agree on tasks in state " + state,
                        () -> tasks(
                                        http.sendAsync(request, BodyHandlers.ofString())
                                                .join()
                                                .body(),
                                        state)
                                .equals(browser.evaluate(shown)));
            }
        }
    }

    private static String tasks(String metrics, String state) {
        Matcher value = Pattern.compile(
                        "^dask_scheduler_tasks\\{state=\"" + state + "\"} (\\d+)\\.0$", Pattern.MULTILINE)
                .matcher(metrics);
        assertThat(value.find()).as(state).isTrue();
        return value.group(1);
    }

    private static void assertViews(Browser browser, Scheduler scheduler) {
        browser.evaluate("import('/status/store.js').then(m => { globalThis.store = m.store; })");
        // Every computation was seen once, in the cells or as a span; transfers between the workers as well.
        browser.awaitTrue("store.spans.some((s) => s[3] === 1) && store.names.includes('both')");
        browser.evaluate("location.hash = '#/transfers'");
        // Each of the two workers fetched from the other: so many bytes, at 200 kB and a little a result.
        browser.awaitTrue("document.querySelector('[aria-label=Links]').textContent.includes('The 2 pairs with most')");
        browser.evaluate("location.hash = '#/events'");
        browser.awaitTrue("document.querySelectorAll('.failures details').length === 3");
        assertThat((String) browser.evaluate("document.querySelector('.failures').textContent"))
                .contains("ValueError('<b>no</b> ", "raise ValueError(\"<b>no</b> \" + str(x))");
        browser.evaluate("document.querySelector('.failures details a.key').click()");
        browser.awaitTrue("document.querySelector('main').textContent.includes('Because of')");
        assertThat((String) browser.evaluate("document.querySelector('main').textContent"))
                .contains("erred", "processing");
        browser.evaluate("location.hash = '#/graph'");
        browser.awaitTrue(
                "document.querySelectorAll('.graph rect.group').length === 4 || document.querySelectorAll('.graph circle').length === 405");
        browser.evaluate("location.hash = '#/worker/"
                + scheduler.workers().getFirst().address().replace("/", "%2F") + "'");
        browser.awaitTrue("document.querySelector('main').textContent.includes('distributed 2024.12.1')");
    }
}
