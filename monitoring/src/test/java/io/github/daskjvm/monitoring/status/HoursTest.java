package io.github.daskjvm.monitoring.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.scheduler.peers.EventLog;
import io.github.daskjvm.scheduler.peers.Failures;
import io.github.daskjvm.scheduler.peers.TaskActions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/// A page that is left open for hours, in a real browser: more than three of them in frames, by a clock of their
/// own, as fast as the page takes them. Workers, prefixes, failures and events change all the time.
@EnabledIf("hasBrowser")
class HoursTest {
    private static final int FRAMES = 8_000;
    private static final int BATCH = 250;
    /// By then everything that is bounded has reached its bound.
    private static final int SETTLED = FRAMES / 4;

    private static final String TAKE = """
            (async () => {
              const { receive } = await import("/status/store.js");
              let clock = Date.now();
              Date.now = () => clock;
              globalThis.taken = 0;
              globalThis.until = 0;
              const views = ["overview", "tasks", "workers", "memory", "transfers", "graph", "events"];
              while (true) {
                const messages = await (await fetch("/hours")).json();
                if (messages.length === 0) break;
                for (const { name, data } of messages) {
                  if (data.now) clock = data.now * 1000;
                  receive(name, data);
                  if (name === "frame") taken++;
                }
                location.hash = "#/" + views[(taken / messages.length) % views.length | 0];
                await new Promise((done) => setTimeout(done));
                while (taken >= until && until > 0) await new Promise((done) => setTimeout(done, 20));
              }
              globalThis.over = true;
            })()""";

    static boolean hasBrowser() {
        return Browser.find().isPresent();
    }

    /// Another cluster every fifty frames; what is kept goes on.
    private static final class Changing implements StatusSource {
        private final TaskActions actions = TaskActions.always(5_000);
        private final Failures failures = new Failures();
        private final List<EventLog.Told> events = new ArrayList<>();
        private SyntheticStatus cluster = new SyntheticStatus(8, 2, 1_000, 20, "w");

        void step(int frame, double now) {
            if (frame % 50 == 0) {
                cluster = new SyntheticStatus(8, 2, 1_000, 20, "g" + frame + "-");
            }
            String worker = cluster.snapshot().workers().getFirst().address();
            for (int i = 0; i < 8; i++) {
                TaskKey key = TaskKey.of(List.of("prefix-" + frame / 10 + "-abcdef0123456789", i));
                actions.add(new TaskActions.Action(worker, i, key, "compute", now - 0.4, now - 0.1, false));
            }
            if (frame % 5 == 0) {
                failures.add(worker, TaskKey.of("bad-" + frame), "ValueError(" + frame + ")", "at line " + frame);
                events.add(new EventLog.Told(frame, now, List.of("all"), Map.of("action", "add-worker", "n", frame)));
                if (events.size() > 200) {
                    events.removeFirst();
                }
            }
        }

        @Override
        public SchedulerSnapshot snapshot() {
            return cluster.snapshot();
        }

        @Override
        public List<WorkerGauges> gauges() {
            return cluster.gauges();
        }

        @Override
        public TaskActions actions() {
            return actions;
        }

        @Override
        public Failures failures() {
            return failures;
        }

        @Override
        public List<EventLog.Told> events() {
            return events;
        }

        @Override
        public String address() {
            return "tcp://10.0.0.1:8786";
        }

        @Override
        public @Nullable Map<String, @Nullable Object> task(String key) {
            return null;
        }

        @Override
        public @Nullable Map<String, @Nullable Object> worker(String address) {
            return null;
        }

        @Override
        public Map<String, @Nullable Object> graph() {
            return cluster.graph();
        }
    }

    private final Changing source = new Changing();
    private final History history = new History();
    private final double begin = Feed.now();
    private final FrameMaker maker = new FrameMaker(source, history, begin);
    private int made;

    /// The next frames; none when the hours are over.
    private synchronized void batch(HttpExchange exchange) throws IOException {
        var text = new StringBuilder("[");
        for (int i = 0; i < BATCH && made < FRAMES; i++, made++) {
            double now = begin + made * 1.5;
            source.step(made, now);
            if (made % 2 == 0) {
                history.add(now, source.snapshot(), Totals.of(source.snapshot(), List.of()));
            }
            List<FrameMaker.Message> messages = new ArrayList<>(maker.frame(now));
            if (made == 0) {
                messages.addAll(0, maker.first(now));
            }
            for (FrameMaker.Message message : messages) {
                text.append(text.length() == 1 ? "" : ",")
                        .append("{\"name\":\"")
                        .append(message.name())
                        .append("\",\"data\":")
                        .append(message.json())
                        .append('}');
            }
        }
        byte[] bytes = text.append(']').toString().getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    /// What there is once nobody needs it any more is collected.
    ///
    /// @param nodes of the document, and those that scripts still hold
    private record Size(double browserBytes, double nodes, double listeners, double serverBytes) {
        static Size of(Browser browser) {
            browser.evaluate("location.hash = '#/overview'");
            browser.awaitTrue("document.querySelector('main').className === 'view-overview'");
            browser.call("HeapProfiler.collectGarbage", Map.of());
            browser.call("HeapProfiler.collectGarbage", Map.of());
            Map<?, ?> counters = browser.call("Memory.getDOMCounters", Map.of());
            double heap = number(browser.call("Runtime.getHeapUsage", Map.of()).get("usedSize"));
            System.gc();
            System.gc();
            Runtime jvm = Runtime.getRuntime();
            return new Size(
                    heap,
                    number(counters.get("nodes")),
                    number(counters.get("jsEventListeners")),
                    jvm.totalMemory() - jvm.freeMemory());
        }

        private static double number(@Nullable Object value) {
            return ((Number) java.util.Objects.requireNonNull(value)).doubleValue();
        }
    }

    @Test
    void aPageThatIsLeftOpenForHoursStaysAsLargeAsItWas() throws IOException {
        var still = new Feed.Limits(300, 15_000, 3_600_000, 1_000_000_000);
        try (var server = new StatusServer(source, still, 0);
                var browser = new Browser()) {
            server.at("/hours", this::batch);
            browser.size(1280, 900);
            browser.open(server.url());
            browser.awaitTrue("document.querySelector('#live')?.dataset.how === 'live'");
            browser.evaluate("void " + TAKE);
            browser.awaitTrue("globalThis.taken !== undefined");
            take(browser, 0, SETTLED);
            Size settled = Size.of(browser);
            take(browser, SETTLED, FRAMES);
            Size end = Size.of(browser);
            assertThat(((Number) browser.evaluate("taken")).intValue()).isGreaterThanOrEqualTo(FRAMES);
            assertThat(end.browserBytes).as("%s, then %s", settled, end).isLessThan(settled.browserBytes * 1.1 + 2e6);
            assertThat(end.nodes).as("%s, then %s", settled, end).isLessThan(settled.nodes * 1.25 + 200);
            assertThat(end.listeners).as("%s, then %s", settled, end).isLessThan(settled.listeners * 1.25 + 50);
            assertThat(end.serverBytes).as("%s, then %s", settled, end).isLessThan(settled.serverBytes + 8e6);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    /// Some at a time, so that a slow machine has as long as it needs.
    private static void take(Browser browser, int from, int to) {
        for (int until = from + 1_000; until <= to; until += 1_000) {
            browser.evaluate("until = " + until);
            browser.awaitTrue("taken >= until");
        }
    }
}
