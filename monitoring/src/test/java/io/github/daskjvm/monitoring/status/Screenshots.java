package io.github.daskjvm.monitoring.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Makes the pictures in the documents anew, in the folder that `-Dtest.jvm=-Ddaskjvm.screenshots=FOLDER` says. Runs
/// where it is named only, for it is no test.
class Screenshots {
    private static final Path FOLDER = Path.of(System.getProperty("daskjvm.screenshots", ""));

    private static void shoot(SyntheticStatus status, String scheme, String view, int height, String name)
            throws Exception {
        status.actions.watch();
        status.work(1.5);
        try (var server = new StatusServer(status, Feed.Limits.USUAL, 0);
                var browser = new Browser()) {
            browser.size(1440, height);
            browser.prefers(scheme);
            browser.open(server.url() + "#/" + view);
            browser.awaitTrue("document.querySelector('#live')?.dataset.how === 'live'");
            browser.evaluate("import('/status/store.js').then(m => { globalThis.store = m.store; })");
            // Long enough for a history that is worth a picture.
            Browser.await("there is some history", () -> {
                status.beatAll(1.5);
                return ((Number) browser.evaluate("store.points.length")).intValue() > 20;
            });
            browser.screenshot(FOLDER.resolve(name));
            assertThat(Files.size(FOLDER.resolve(name))).isPositive();
        }
    }

    @Test
    void theOverviewInLight() throws Exception {
        var status = new SyntheticStatus(40, 4, 20_000, 12, "worker-");
        status.fail("('read-parquet-3f', 17)", "OSError('no such file: part.17.parquet')", "Traceback …");
        status.tell("all", Map.of("action", "add-worker"));
        shoot(status, "light", "overview", 1500, "status-light.png");
    }

    @Test
    void theTaskStreamInDark() throws Exception {
        shoot(new SyntheticStatus(1_000, 4, 1_000_000, 12, "worker-"), "dark", "tasks", 1100, "status-dark.png");
    }
}
