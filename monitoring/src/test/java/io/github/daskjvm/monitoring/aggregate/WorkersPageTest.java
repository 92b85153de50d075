package io.github.daskjvm.monitoring.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.monitoring.Page;
import io.github.daskjvm.monitoring.Promtool;
import io.github.daskjvm.monitoring.Scraped;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkersPageTest {
    private static final String GOOD = """
            # HELP dask_worker_threads Number of worker threads
            # TYPE dask_worker_threads gauge
            dask_worker_threads 2.0
            # HELP dask_worker_tasks Number of tasks at worker.
            # TYPE dask_worker_tasks gauge
            dask_worker_tasks{state="executing"} 1.0
            """;

    /// As stock workers send it in heartbeats.
    private static final Map<String, ?> METRICS = Map.of(
            "task_counts",
            Map.of("memory", 3L, "executing", 1L),
            "bandwidth",
            Map.of("total", 1e8, "workers", Map.of(), "types", Map.of()),
            "managed_bytes",
            5000L,
            "spilled_bytes",
            Map.of("memory", 2000L, "disk", 1500L),
            "transfer",
            Map.of("incoming_bytes", 7L, "incoming_count", 1L, "incoming_count_total", 9L, "outgoing_bytes", 0L),
            "event_loop_interval",
            0.02,
            "cpu",
            150.0,
            "memory",
            100_000L,
            "num_fds",
            31L,
            "host_net_io",
            Map.of("read_bps", 12.5, "write_bps", 13.5));

    private final Servers servers = new Servers();
    private final Map<String, Map<String, ?>> workers = new LinkedHashMap<>();
    private final WorkersPage page =
            new WorkersPage(() -> ClusterView.of(Map.of("address", "tcp://10.0.0.1:8786", "workers", workers)), "dask");

    @AfterEach
    void close() throws IOException {
        page.close();
        servers.close();
    }

    /// A worker of this machine that says it serves metrics there.
    private void add(String address, int dashboardPort) {
        workers.put(
                address,
                Map.of(
                        "name",
                        "name of " + address,
                        "host",
                        "127.0.0.1",
                        "nthreads",
                        4L,
                        "memory_limit",
                        1L << 30,
                        "last_seen",
                        1_700_000_000.5,
                        "services",
                        Map.of("dashboard", dashboardPort),
                        "metrics",
                        METRICS));
    }

    private Scraped scrape(String timeoutSeconds) {
        Page.Response response = page.answer(new Page.Request(
                WorkersPage.PATH, Map.of(), header -> header.startsWith("X-Prometheus") ? timeoutSeconds : null));
        assertThat(response.status()).isEqualTo(200);
        return Scraped.of(new String(response.body(), StandardCharsets.UTF_8));
    }

    private static String labelled(String name, String worker) {
        return name + "{worker=\"" + worker + "\"}";
    }

    @Test
    void eachSampleHasItsWorkerAndEachFamilyOneHeadline() throws Exception {
        add("tcp://127.0.0.1:1", servers.page(GOOD));
        add("tcp://127.0.0.1:2", servers.page(GOOD.replace("2.0", "3.0")));
        Scraped scraped = scrape("10");
        assertThat(scraped.samples())
                .containsEntry(labelled("dask_worker_up", "tcp://127.0.0.1:1"), 1.0)
                .containsEntry(labelled("dask_worker_up", "tcp://127.0.0.1:2"), 1.0)
                .containsEntry(labelled("dask_worker_threads", "tcp://127.0.0.1:1"), 2.0)
                .containsEntry(labelled("dask_worker_threads", "tcp://127.0.0.1:2"), 3.0)
                .containsEntry("dask_worker_tasks{worker=\"tcp://127.0.0.1:1\",state=\"executing\"}", 1.0)
                .containsEntry(
                        "dask_worker_info{worker=\"tcp://127.0.0.1:2\",host=\"127.0.0.1\","
                                + "runtime=\"python\",worker_name=\"name of tcp://127.0.0.1:2\"}",
                        1.0);
        assertThat(scraped.text().lines().filter(line -> line.startsWith("# TYPE")))
                .doesNotHaveDuplicates()
                .contains("# TYPE dask_worker_threads gauge");
        Promtool.assertSilent(scraped.text().replace("_incoming_count", "_incoming_number"));
    }

    @Test
    void whatOnlyHeartbeatsSayIsThereUnderDasksNames() throws Exception {
        String worker = "tcp://127.0.0.1:1";
        add(worker, 0);
        assertThat(scrape("10").samples())
                .containsEntry(labelled("dask_worker_up", worker), 0.0)
                .containsEntry(labelled("dask_worker_threads", worker), 4.0)
                .containsEntry("dask_worker_tasks{worker=\"" + worker + "\",state=\"memory\"}", 3.0)
                .containsEntry("dask_worker_memory_bytes{worker=\"" + worker + "\",type=\"managed\"}", 3000.0)
                .containsEntry("dask_worker_memory_bytes{worker=\"" + worker + "\",type=\"unmanaged\"}", 97_000.0)
                .containsEntry("dask_worker_memory_bytes{worker=\"" + worker + "\",type=\"spilled\"}", 1500.0)
                .containsEntry(labelled("dask_worker_transfer_incoming_bytes", worker), 7.0)
                .containsEntry(labelled("dask_worker_transfer_incoming_count", worker), 1.0)
                .containsEntry(labelled("dask_worker_transfer_incoming_count_total", worker), 9.0)
                .containsEntry(labelled("dask_worker_cpu_cores", worker), 1.5)
                .containsEntry(labelled("dask_worker_event_loop_interval_seconds", worker), 0.02)
                .containsEntry(labelled("dask_worker_bandwidth_bytes_per_second", worker), 1e8)
                .containsEntry(labelled("dask_worker_host_network_read_bytes_per_second", worker), 12.5)
                .containsEntry(labelled("dask_worker_memory_limit_bytes", worker), 1073741824.0)
                .containsEntry(labelled("dask_worker_last_seen_timestamp_seconds", worker), 1_700_000_000.5)
                .containsEntry(labelled("process_resident_memory_bytes", worker), 100_000.0)
                .containsEntry(labelled("process_open_fds", worker), 31.0);
    }

    @Test
    void aHeartbeatThatIsNonsenseGivesNoSamples() throws Exception {
        workers.put(
                "tcp://127.0.0.1:1", Map.of("metrics", Map.of("task_counts", 3L, "memory", "much", "cpu", List.of())));
        workers.put("nowhere", Map.of("services", "none", "metrics", List.of()));
        assertThat(scrape("10").samples())
                .containsEntry(labelled("dask_worker_up", "nowhere"), 0.0)
                .doesNotContainKey(labelled("dask_worker_cpu_cores", "tcp://127.0.0.1:1"));
    }

    @Test
    void aWorkerThatClaimsToBeUpIsNotBelieved() throws Exception {
        add("tcp://127.0.0.1:1", servers.page("dask_worker_up{worker=\"tcp://127.0.0.1:1\"} 7\nother 1\n"));
        Scraped scraped = scrape("10");
        assertThat(scraped.samples()).containsEntry(labelled("dask_worker_up", "tcp://127.0.0.1:1"), 1.0);
        assertThat(scraped.sum("dask_worker_up")).isEqualTo(1.0);
    }

    /// The worker that is asked has this server; another one beside it is as it should be.
    private void assertOnlyItIsDown(int port) throws IOException {
        add("tcp://127.0.0.1:1", port);
        add("tcp://127.0.0.1:2", servers.page(GOOD));
        assertThat(scrape("2").samples())
                .containsEntry(labelled("dask_worker_up", "tcp://127.0.0.1:1"), 0.0)
                .containsEntry(labelled("dask_worker_threads", "tcp://127.0.0.1:1"), 4.0)
                .containsEntry(labelled("dask_worker_up", "tcp://127.0.0.1:2"), 1.0)
                .containsEntry(labelled("dask_worker_threads", "tcp://127.0.0.1:2"), 2.0);
    }

    @Test
    void aWorkerThatHangsIsGivenUpInTime() throws Exception {
        assertOnlyItIsDown(servers.silent());
    }

    @Test
    void aWorkerThatHangsInTheMiddleIsGivenUpInTime() throws Exception {
        assertOnlyItIsDown(servers.start(out -> {
            out.write(Servers.head("200 OK", "Content-Length: 1000"));
            out.write(GOOD.getBytes(StandardCharsets.UTF_8));
            out.flush();
            Servers.waitForEver();
        }));
    }

    @Test
    void hundredsOfWorkersThatHangDoNotKeepOthersWaiting() throws Exception {
        int silent = servers.silent();
        for (int i = 0; i < 400; i++) {
            add("tcp://127.0.0.1:" + (1000 + i), silent);
        }
        assertOnlyItIsDown(silent);
    }

    @Test
    void aThousandWorkersAreAskedOverABoundedNumberOfConnections() throws Exception {
        var open = new AtomicInteger();
        var most = new AtomicInteger();
        byte[] body = GOOD.getBytes(StandardCharsets.UTF_8);
        Servers.Answer answer = out -> {
            most.accumulateAndGet(open.incrementAndGet(), Math::max);
            // Answered when there are more than there may be, or nobody else has come for a while.
            for (int i = 0; i < 100 && open.get() <= WorkersPage.ASKED_MAX; i++) {
                Thread.yield();
            }
            open.decrementAndGet();
            out.write(Servers.head("200 OK", "Content-Length: " + body.length));
            out.write(body);
        };
        for (int i = 0; i < 1000; i += 20) {
            int port = servers.start(answer);
            for (int j = i; j < i + 20; j++) {
                add("tcp://127.0.0.1:" + (1000 + j), port);
            }
        }
        Scraped scraped = scrape("50");
        assertThat(scraped.sum("dask_worker_info")).isEqualTo(1000);
        assertThat(scraped.sum("dask_worker_up")).isPositive();
        assertThat(most.get()).isBetween(2, WorkersPage.ASKED_MAX);
    }

    @Test
    void moreWorkersThatHangThanAreAskedAtOnceAreAskedLastTheNextTime() throws Exception {
        int silent = servers.silent();
        for (int i = 0; i < WorkersPage.ASKED_MAX + 50; i++) {
            add("tcp://127.0.0.1:" + (1000 + i), silent);
        }
        add("tcp://127.0.0.1:1", servers.page(GOOD));
        scrape("2");
        assertThat(scrape("2").samples()).containsEntry(labelled("dask_worker_up", "tcp://127.0.0.1:1"), 1.0);
    }

    @Test
    void aGigabyteIsCutOffWhenItIsTooLarge() throws Exception {
        var written = new AtomicLong();
        byte[] chunk = new byte[1 << 16];
        Arrays.fill(chunk, (byte) '#');
        assertOnlyItIsDown(servers.start(out -> {
            out.write(Servers.head("200 OK", "X: chunked-by-closing"));
            while (written.get() < 1L << 30) {
                out.write(chunk);
                written.addAndGet(chunk.length);
            }
        }));
        // What the sockets on the way hold comes on top of what was read.
        assertThat(written).hasValueLessThan(64L << 20);
    }

    @Test
    void aGigabyteThatIsAnnouncedIsNotRead() throws Exception {
        assertOnlyItIsDown(servers.start(out -> {
            out.write(Servers.head("200 OK", "Content-Length: " + (1L << 30)));
            out.flush();
            Servers.waitForEver();
        }));
    }

    @Test
    void headersWithoutEndAreCutOff() throws Exception {
        assertOnlyItIsDown(servers.start(out -> {
            out.write("HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
            for (int i = 0; i < 1_000_000; i++) {
                out.write(("X-" + i + ": x\r\n").getBytes(StandardCharsets.US_ASCII));
            }
        }));
    }

    @Test
    void garbageIsNotPassedOn() throws Exception {
        assertOnlyItIsDown(servers.page("good_one 1\n<html>bad</html>\n"));
        assertThat(scrape("2").text()).doesNotContain("good_one", "<html>");
    }

    @Test
    void whatIsNoHttpIsNotReadOn() throws Exception {
        assertOnlyItIsDown(servers.start(out -> out.write(new byte[] {0, 1, 2, 3, '\n', '\n'})));
    }

    @Test
    void anErrorIsNoPage() throws Exception {
        assertOnlyItIsDown(servers.start(out -> out.write(Servers.head("500 Oops", "Content-Length: 0"))));
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        int elsewhere = servers.page(GOOD);
        assertOnlyItIsDown(servers.start(out -> out.write(Servers.head(
                "302 Found", "Content-Length: 0\r\nLocation: http://127.0.0.1:" + elsewhere + "/metrics"))));
    }

    @Test
    void manyLargePagesTogetherHaveABoundToo() throws Exception {
        int large = servers.page(("#" + " ".repeat(1022) + "\n").repeat(1000) + GOOD);
        for (int i = 0; i < 60; i++) {
            add("tcp://127.0.0.1:" + (1000 + i), large);
        }
        Scraped scraped = scrape("20");
        assertThat(scraped.sum("dask_worker_up")).isBetween(1.0, 34.0);
        assertThat(scraped.sum("dask_worker_info")).isEqualTo(60.0);
    }

    @Test
    void whoeverAsksWhileManyAreAskingIsRefused() throws Exception {
        add("tcp://127.0.0.1:1", servers.silent());
        Page.Request patient = new Page.Request(WorkersPage.PATH, Map.of(), header -> null);
        Page.Request brief = new Page.Request(WorkersPage.PATH, Map.of(), header -> "0.01");
        var answers = new ArrayList<Thread>();
        Page.Response response;
        do {
            answers.add(Thread.ofVirtual().start(() -> page.answer(patient)));
            response = page.answer(brief);
        } while (response.status() == 200);
        assertThat(response.status()).isEqualTo(503);
        page.close();
        for (Thread answer : answers) {
            answer.join();
        }
    }

    @Test
    void aTimeoutThatIsNoneIsLeftAside() throws Exception {
        add("tcp://127.0.0.1:1", servers.page(GOOD));
        for (String timeout : List.of("soon", "-1", "NaN", "0", "1e300")) {
            assertThat(scrape(timeout).samples()).containsEntry(labelled("dask_worker_up", "tcp://127.0.0.1:1"), 1.0);
        }
    }

    @Test
    void aWorkerThatLeftIsNotThere() throws Exception {
        add("tcp://127.0.0.1:1", servers.page(GOOD));
        scrape("10");
        workers.clear();
        assertThat(scrape("10").samples()).isEmpty();
    }
}
