package io.github.daskjvm.lab;

import io.github.daskjvm.cli.logging.DaskLogging;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.monitoring.MonitorOptions;
import io.github.daskjvm.monitoring.Page;
import io.github.daskjvm.monitoring.WorkerMonitor;
import io.github.daskjvm.monitoring.aggregate.WorkersPage;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// What `/metrics/workers` takes for a large fleet: time, size, connections and heap. The workers are servers in this
/// process, each with the page of a JVM worker that has done nothing, so that their time is in the figures too.
@Command(
        name = "fleet",
        description = "Gathers the pages of many workers as /metrics/workers does.",
        mixinStandardHelpOptions = true)
final class FleetBenchmark implements Callable<Integer> {
    private static final int BACKLOG = 1024;

    @Option(names = "--workers", defaultValue = "1000", description = "Default: ${DEFAULT-VALUE}")
    private int workers;

    @Option(names = "--scrapes", defaultValue = "10", description = "Default: ${DEFAULT-VALUE}")
    private int scrapes;

    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private byte[] answer = {};

    @Override
    public Integer call() throws IOException, InterruptedException {
        DaskLogging.setLevels(Map.of("distributed.http", "warning"));
        answer = answer();
        List<ServerSocket> servers = new ArrayList<>();
        Map<String, Map<String, ?>> identity = new LinkedHashMap<>();
        for (int i = 0; i < workers; i++) {
            var server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
            servers.add(server);
            Thread.ofVirtual().start(() -> accept(server));
            Map<String, Integer> services = Map.of("dashboard", server.getLocalPort());
            identity.put("tcp://127.0.0.1:" + server.getLocalPort(), Map.of("host", "127.0.0.1", "services", services));
        }
        ClusterView cluster = ClusterView.of(Map.of("workers", identity));
        System.out.printf("%,d workers with pages of %,d bytes%n", workers, answer.length);
        try (var page = new WorkersPage(() -> cluster, "dask")) {
            for (int i = 0; i < scrapes; i++) {
                scrape(page);
            }
        }
        for (ServerSocket server : servers) {
            server.close();
        }
        return 0;
    }

    /// What a worker answers, with its header.
    private static byte[] answer() throws IOException {
        try (var monitor = WorkerMonitor.start(MonitorOptions.at("127.0.0.1", 0), () -> WorkerSnapshot.NONE);
                InputStream in = URI.create("http://127.0.0.1:" + monitor.port() + "/metrics")
                        .toURL()
                        .openStream()) {
            byte[] body = in.readAllBytes();
            byte[] head = ("HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            byte[] whole = Arrays.copyOf(head, head.length + body.length);
            System.arraycopy(body, 0, whole, head.length, body.length);
            return whole;
        }
    }

    private void accept(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                mostOpen.accumulateAndGet(open.incrementAndGet(), Math::max);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    /// Each read is a request: they are small.
    private void serve(Socket socket) {
        try (socket) {
            byte[] request = new byte[4096];
            while (socket.getInputStream().read(request) > 0) {
                socket.getOutputStream().write(answer);
            }
        } catch (IOException gone) {
            // Who asks has left.
        } finally {
            open.decrementAndGet();
        }
    }

    private void scrape(WorkersPage page) {
        System.gc();
        var memory = ManagementFactory.getMemoryMXBean();
        long before = memory.getHeapMemoryUsage().getUsed();
        double cpu = ProcessCpu.seconds(ProcessHandle.current());
        long start = System.nanoTime();
        Page.Response response = page.answer(new Page.Request(WorkersPage.PATH, Map.of(), header -> null));
        double seconds = (System.nanoTime() - start) / 1e9;
        cpu = ProcessCpu.seconds(ProcessHandle.current()) - cpu;
        long heap = memory.getHeapMemoryUsage().getUsed() - before;
        long up = new String(response.body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("dask_worker_up{") && line.endsWith(" 1.0"))
                .count();
        System.out.printf(
                "%5.2f s, %5.2f s of CPU with the workers', %,d of them up, %,d bytes, %,d MB of heap more, at most %,d"
                        + " connections so far%n",
                seconds, cpu, up, response.body().length, heap >> 20, mostOpen.get());
    }
}
