package io.github.daskjvm.monitoring.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.monitoring.MonitorOptions;
import io.github.daskjvm.monitoring.SchedulerMonitor;
import io.github.daskjvm.scheduler.ServiceFigures;
import io.github.daskjvm.scheduler.loop.LoopFigures;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// The page in a real browser, over clusters that are made up. Skipped where there is no Chromium on the `PATH`.
@EnabledIf("hasBrowser")
class PageTest {
    private static final List<String> VIEWS =
            List.of("overview", "tasks", "workers", "memory", "transfers", "graph", "events");
    private static final String HOSTILE = "<img src=x onerror=\"document.title='taken'\">";

    private static Browser browser;
    private @Nullable StatusServer server;

    static boolean hasBrowser() {
        return Browser.find().isPresent();
    }

    @BeforeAll
    static void startBrowser() throws IOException {
        browser = new Browser();
    }

    @AfterAll
    static void closeBrowser() throws IOException {
        browser.close();
    }

    @BeforeEach
    void fresh() {
        browser.fresh();
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    private String serve(SyntheticStatus status) throws IOException {
        server = new StatusServer(status, StatusServer.SOON, 0);
        return server.url();
    }

    private void open(String url) {
        browser.open(url);
        browser.awaitTrue("document.querySelector('#live')?.dataset.how === 'live'");
        browser.awaitTrue("document.querySelector('[data-figure=Workers] b')?.textContent !== '–'");
    }

    private void view(String name) {
        browser.evaluate("location.hash = '#/" + name + "'");
        browser.awaitTrue("document.querySelector('main').className === 'view-" + name.split("/")[0] + "'");
        // Two frames later everything that is drawn from them is there.
        browser.evaluate(
                "import('/status/store.js').then(m => { globalThis.store = m.store; globalThis.from = m.store.frames; })");
        browser.awaitTrue("store.frames > from + 2");
    }

    @Test
    void theNumbersAreThoseOfTheMetrics() throws Exception {
        var status = new SyntheticStatus(20, 2, 10_000, 12, "w");
        status.actions.watch();
        status.work(0.5);
        var sources = new SchedulerMonitor.Sources(
                status::snapshot, Map::of, () -> LoopFigures.NONE, () -> ServiceFigures.NONE, status);
        try (var monitor = SchedulerMonitor.start(MonitorOptions.at("127.0.0.1", 0), sources)) {
            assertNumbers("http://127.0.0.1:" + monitor.port() + "/status");
        }
    }

    private void assertNumbers(String url) throws Exception {
        open(url);
        view("overview");
        assertThat(browser.evaluate("[...store.cells.keys()].every((place) => place >= 0)"))
                .isEqualTo(true);
        var request = HttpRequest.newBuilder(URI.create(url.replace("/status", "/metrics")))
                .build();
        String metrics = HttpClient.newHttpClient()
                .send(request, BodyHandlers.ofString())
                .body();
        for (String state : List.of("released", "waiting", "queued", "processing", "memory", "erred", "no-worker")) {
            Object shown = browser.evaluate(
                    "document.querySelector('[data-state=\"" + state + "\"] b').textContent.replaceAll('\\u2009', '')");
            assertThat(metrics).contains("dask_scheduler_tasks{state=\"" + state + "\"} " + shown + ".0\n");
        }
        assertThat(browser.evaluate("document.querySelector('[data-figure=Workers] b').textContent"))
                .isEqualTo("20");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void nothingOverflowsAtAnyWidthInEitherThemeAndTheConsoleStaysClean() throws IOException {
        var status = new SyntheticStatus(1_000, 4, 1_000_000, 400, "a-rather-long-name-of-a-prefix-or-worker-");
        status.actions.watch();
        status.work(0.5);
        status.fail(
                "('a-very-long-key-" + "x".repeat(200) + "', 1)",
                "ValueError('" + "y".repeat(300) + "')",
                "z".repeat(900));
        status.tell("all", Map.of("action", "add-worker", "worker", "tcp://10.0.0.1:1" + "0".repeat(200)));
        open(serve(status));
        String worker = "worker/"
                + status.snapshot()
                        .workers()
                        .getFirst()
                        .address()
                        .replace(":", "%3A")
                        .replace("/", "%2F");
        for (String theme : List.of("light", "dark")) {
            browser.prefers(theme);
            for (int width : new int[] {360, 768, 1280, 1920}) {
                browser.size(width, 900);
                for (String view : VIEWS) {
                    view(view);
                    status.work(0.5);
                    assertFits(theme, width, view);
                }
                view(worker);
                assertFits(theme, width, worker);
                view("task/known%20" + "k".repeat(150));
                assertFits(theme, width, "task");
            }
        }
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void eachOfDasksSinglePlotsFillsThePageByItself() throws IOException {
        var status = new SyntheticStatus(40, 2, 10_000, 12, "w");
        status.actions.watch();
        status.work(0.5);
        open(serve(status));
        List<String> singles = DaskRoutes.REDIRECTS.values().stream()
                .map(to -> to.substring("/status#/".length()))
                .filter(to -> to.startsWith("only/"))
                .distinct()
                .toList();
        assertThat(singles).hasSizeGreaterThan(10);
        for (int width : new int[] {360, 1920}) {
            browser.size(width, 900);
            for (String name : singles) {
                view(name);
                assertFits("light", width, name);
                assertThat(browser.evaluate("document.querySelector('main').children.length"))
                        .as(name)
                        .isEqualTo(1);
                assertThat(((Number) browser.evaluate(
                                        "document.querySelector('main').firstChild.getBoundingClientRect().width"))
                                .doubleValue())
                        .as(name)
                        .isGreaterThan(width * 0.9);
            }
        }
        assertThat(browser.complaints()).isEmpty();
    }

    private void assertFits(String theme, int width, String view) {
        Object wide = browser.evaluate("""
                (() => {
                  const root = document.documentElement;
                  if (root.scrollWidth > root.clientWidth) return `the page: ${root.scrollWidth} of ${root.clientWidth}: ` + [...document.querySelectorAll("main *")].filter((e) => e.getBoundingClientRect().right > root.clientWidth).slice(0, 4).map((e) => e.outerHTML.slice(0, 150)).join(" | ");
                  for (const element of document.querySelectorAll("main .card, main .figure, header, footer")) {
                    const box = element.getBoundingClientRect();
                    if (box.right > root.clientWidth + 1 || box.left < -1) return element.className + " " + box.right;
                  }
                  for (const element of document.querySelectorAll("main .card > *, main .figure b")) {
                    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === "visible") return "inside: " + element.outerHTML.slice(0, 200);
                  }
                  return "fits";
                })()""");
        assertThat(wide).as("%s at %d px, %s", view, width, theme).isEqualTo("fits");
    }

    @Test
    void aKeyOrATracebackIsTextWhateverItSays() throws IOException {
        var status = new SyntheticStatus(2, 1, 10, 14, HOSTILE);
        status.fail(HOSTILE, HOSTILE, HOSTILE + "</script>");
        status.tell(HOSTILE, HOSTILE);
        open(serve(status));
        for (String view : VIEWS) {
            view(view);
        }
        view("task/" + "%3Cimg%20src%3Dx%20onerror%3D%22document.title%3D%27taken%27%22%3E");
        view("events");
        assertThat(browser.evaluate("document.querySelectorAll('main img, main script').length"))
                .isEqualTo(0);
        assertThat((String) browser.evaluate("document.querySelector('main').textContent"))
                .contains(HOSTILE);
        assertThat(browser.evaluate("document.title")).isEqualTo("Dask: Events");
        // The task is not known, which the browser notes: nothing else.
        assertThat(browser.complaints()).allMatch(complaint -> complaint.contains("task.json"));
    }

    @Test
    void everyControlIsReachedByTheTabKeyAndSaysWhatItIs() throws IOException {
        var status = new SyntheticStatus(60, 2, 1_000, 12, "w");
        status.fail("x", "ValueError('x')", "Traceback");
        open(serve(status));
        for (String view : VIEWS) {
            view(view);
            long controls = ((Number) browser.evaluate("""
                    (() => {
                      document.activeElement.blur();
                      globalThis.left = new Set([...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")]
                        .filter((e) => e.checkVisibility() ));
                      for (const e of left) e.dataset.was = "here";
                      return left.size;
                    })()""")).longValue();
            for (int i = 0; i < controls + 20; i++) {
                browser.press("Tab", 9);
                browser.evaluate("left.delete(document.activeElement)");
            }
            assertThat(browser.evaluate(
                            "[...left].filter((e) => e.isConnected).map((e) => e.outerHTML.slice(0, 150)).join('\\n')"))
                    .as(view)
                    .isEqualTo("");
            assertThat(browser.evaluate(
                            "[...document.querySelectorAll('button, input, a[href], [tabindex=\"0\"]')].filter((e) => e.checkVisibility()"
                                    + " && !(e.textContent.trim() || e.getAttribute('aria-label') || e.querySelector('[aria-label]')))"
                                    + ".map((e) => e.outerHTML.slice(0, 150)).join('\\n')"))
                    .as(view)
                    .isEqualTo("");
        }
    }

    @Test
    void whoComesAfterTheFactLooksBackAtWhatWasDone() throws IOException {
        var status = new SyntheticStatus(2, 1, 100, 2, "w");
        status.actions.watch();
        double then = Feed.now() - 1_000;
        for (int i = 0; i < 100; i++) {
            status.actions.add(new Action(
                    status.snapshot().workers().get(i % 2).address(),
                    1,
                    TaskKey.of("late-" + i),
                    "compute",
                    then + i,
                    then + i + 1,
                    false));
        }
        open(serve(status));
        view("tasks");
        String note = "document.querySelector('[aria-label=\"Task stream\"] .note').textContent";
        String title =
                "[...document.querySelectorAll('[aria-label=\"Task stream\"] button')].find((b) => b.textContent === 'All')";
        browser.evaluate(title + ".click()");
        browser.awaitTrue(note + ".endsWith('100.0 s')");
        browser.evaluate("document.querySelector('[aria-label=\"Task stream\"] .canvas').focus()");
        browser.press("+", 187);
        browser.awaitTrue(note + ".endsWith('50.0 s')");
        browser.press("ArrowRight", 39);
        browser.awaitTrue(note + ".endsWith('50.0 s')");
        browser.press("Escape", 27);
        browser.awaitTrue(title + ".ariaPressed === 'false'");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void theSwitchGoesFromTheSystemsThemeToLightAndDarkAndIsRemembered() throws IOException {
        String url = serve(new SyntheticStatus(2, 1, 10, 2, "w"));
        browser.prefers("dark");
        open(url);
        String background = "getComputedStyle(document.body).backgroundColor";
        assertThat(browser.evaluate(background)).isEqualTo("rgb(15, 20, 25)");
        browser.evaluate("document.getElementById('theme').click()");
        assertThat(browser.evaluate(background)).isEqualTo("rgb(244, 246, 248)");
        open(url);
        assertThat(browser.evaluate(background)).isEqualTo("rgb(244, 246, 248)");
        browser.prefers("light");
        browser.evaluate("document.getElementById('theme').click()");
        assertThat(browser.evaluate(background)).isEqualTo("rgb(15, 20, 25)");
        browser.evaluate("document.getElementById('theme').click()");
        assertThat(browser.evaluate(background)).isEqualTo("rgb(244, 246, 248)");
    }

    @Test
    void aSavedPageShowsTheSameFromAFileAlone(@TempDir Path folder) throws Exception {
        var status = new SyntheticStatus(20, 2, 10_000, 12, "w");
        status.actions.watch();
        status.work(0.5);
        status.fail("</script>" + HOSTILE, HOSTILE, HOSTILE);
        String url = serve(status) + "/report.html";
        Path file = folder.resolve("report.html");
        HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofFile(file));
        server.close();
        assertThat(Files.readString(file)).doesNotContain("src=\"/", "href=\"/status/");
        browser.open(file.toUri().toString());
        browser.awaitTrue("document.querySelector('[data-figure=Workers] b')?.textContent === '20'");
        for (String view : VIEWS) {
            browser.evaluate("location.hash = '#/" + view + "'");
            browser.awaitTrue("document.querySelector('main').className === 'view-" + view + "'");
        }
        assertThat((String) browser.evaluate("document.querySelector('main').textContent"))
                .contains(HOSTILE);
        assertThat(browser.evaluate("document.title")).isEqualTo("Dask: Events");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void aPageWhoseConnectionsEndGoesOn() throws IOException {
        var status = new SyntheticStatus(2, 1, 10, 2, "w");
        String url = serve(status);
        int port = server.port;
        open(url);
        server.close();
        browser.awaitTrue("document.querySelector('#live').dataset.how !== undefined");
        server = new StatusServer(status, StatusServer.SOON, port);
        browser.evaluate(
                "import('/status/store.js').then(m => { globalThis.store = m.store; globalThis.from = m.store.frames; })");
        browser.awaitTrue("store.frames > from + 2");
    }
}
