package io.github.daskjvm.monitoring.aggregate;

import io.github.daskjvm.monitoring.discovery.Values;
import io.github.daskjvm.monitoring.discovery.WorkerView;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// Asks workers for their `/metrics`. Any number of threads may call.
///
/// A page is at most [#PAGE_BYTES_MAX] long, and all together that go into one answer have a bound too. A worker that
/// did not even let us connect in time is left alone for a while, so that a cluster whose
/// workers can not be reached does not cost the whole deadline at every scrape.
final class WorkerPages implements AutoCloseable {
    static final int PAGE_BYTES_MAX = 1 << 20;
    static final int SAMPLES_MAX = 10_000;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final long LEFT_ALONE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int LEFT_ALONE_MAX = 100_000;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
    private final Map<String, Long> leftAloneSince = new ConcurrentHashMap<>();

    /// The families of the worker's page.
    ///
    /// @param deadlineNanos by `System.nanoTime`
    /// @param budgetBytes what the pages of all workers together may still have; what is read is taken off
    /// @throws IOException that says why there is none
    List<Family> read(WorkerView worker, long deadlineNanos, AtomicLong budgetBytes)
            throws IOException, InterruptedException {
        if (worker.dashboardPort() == 0 || worker.host().isEmpty()) {
            throw new IOException("it serves no metrics");
        }
        String authority = Values.authority(worker.host(), worker.dashboardPort());
        Long since = leftAloneSince.get(authority);
        if (since != null && System.nanoTime() - since < LEFT_ALONE_NANOS) {
            throw new IOException("it could not be reached lately");
        }
        try {
            byte[] page = get(URI.create("http://" + authority + "/metrics"), deadlineNanos, budgetBytes);
            leftAloneSince.remove(authority);
            return PageParser.parse(page, SAMPLES_MAX, WorkersPage.LABEL);
        } catch (HttpConnectTimeoutException e) {
            if (leftAloneSince.size() < LEFT_ALONE_MAX) {
                leftAloneSince.put(authority, System.nanoTime());
            }
            throw new IOException("it can not be reached at " + authority, e);
        } catch (IllegalArgumentException e) {
            throw new IOException("it has no usable address: " + authority, e);
        }
    }

    private byte[] get(URI uri, long deadlineNanos, AtomicLong budgetBytes) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Accept", "text/plain;version=0.0.4")
                .build();
        Future<HttpResponse<byte[]>> answer =
                client.sendAsync(request, BodyHandlers.limiting(head -> new BudgetedBody(budgetBytes), PAGE_BYTES_MAX));
        try {
            HttpResponse<byte[]> response =
                    answer.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (response.statusCode() != 200) {
                throw new IOException("it answers with status " + response.statusCode());
            }
            return response.body();
        } catch (TimeoutException e) {
            throw new IOException("it did not answer in time", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException cause
                    ? cause
                    : new IOException(String.valueOf(e.getCause()), e.getCause());
        } finally {
            // Closes the connection where there is still something to come.
            answer.cancel(true);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
