package io.github.daskjvm.monitoring.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.monitoring.MonitorOptions;
import io.github.daskjvm.monitoring.SchedulerMonitor;
import io.github.daskjvm.scheduler.ServiceFigures;
import io.github.daskjvm.scheduler.loop.LoopFigures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// The page in a real browser, over clusters that are made up. Skipped where there is no Chromium on the `PATH`.
@EnabledIf("hasBrowser")
class PageTest {
    private static final List<String> VIEWS =
            List.of("overview", "tasks", "workers", "memory", "transfers", "graph", "events");
    private Browser browser;
    private SchedulerMonitor monitor;

    static boolean hasBrowser() {
        return Browser.find().isPresent();
    }

    @BeforeEach
    void startBrowser() throws IOException {
        browser = new Browser();
    }

    @AfterEach
    void close() throws IOException {
        browser.close();
        if (monitor != null) {
            monitor.close();
        }
    }

    private String serve(SyntheticStatus status) throws IOException {
        monitor = SchedulerMonitor.start(
                MonitorOptions.at("127.0.0.1", 0),
                new SchedulerMonitor.Sources(
                        status::snapshot, Map::of, () -> LoopFigures.NONE, () -> ServiceFigures.NONE, status));
        return "http://127.0.0.1:" + monitor.port() + "/status";
    }

    private void open(String url) {
        browser.open(url);
        browser.awaitTrue("document.querySelector('#live')?.dataset.how === 'live'");
        browser.awaitTrue("document.querySelector('[data-figure=Workers] b')?.textContent !== '–'");
    }

    @Test
    void theNumbersAreThoseOfTheSnapshot() throws IOException {
        var status = new SyntheticStatus(20, 2, 10_000, 12, "w");
        open(serve(status));
        assertThat(browser.evaluate("document.querySelector('[data-figure=Workers] b').textContent"))
                .isEqualTo("20");
        Thread.ofVirtual();
        browser.screenshot(Path.of("target/shots/first.png"));
        assertThat(browser.complaints()).isEmpty();
    }
}
