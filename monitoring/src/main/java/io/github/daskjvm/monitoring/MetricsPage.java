package io.github.daskjvm.monitoring;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The page `/metrics` of one scheduler or worker: its own families, read from a snapshot at each scrape, and those
/// of the process. Nothing is global, so that two workers in one process do not mix. May be called by many threads.
///
/// One thread makes all pages, in turn, so that scrapers, however many and in whatever formats, keep no more than one
/// processor busy. It is a platform thread: the writers of text that the library opens for each page start smaller on
/// a virtual one and grow by every few characters: 40 MB of copies for a page of 1.5 MB.
final class MetricsPage {
    private static final int THREAD_LIVES_SECONDS = 60;

    private final Supplier<Renderer> renderer;
    private final ThreadPoolExecutor thread;
    private final Map<MetricFormat, Coalesced<byte[]>> plain = new EnumMap<>(MetricFormat.class);
    private final Map<MetricFormat, Coalesced<byte[]>> compressed = new EnumMap<>(MetricFormat.class);
    /// Of the last page; for the thread that makes them.
    private int sizeBytes = 16 * 1024;

    /// Writes the page in one format. Made by the first scrape: the library and the management beans of the JVM cost
    /// more to load than all else at start-up.
    interface Renderer {
        void write(MetricFormat format, ByteArrayOutputStream page) throws IOException;
    }

    /// @param own adds the families of this scheduler or worker
    MetricsPage(String namespace, Consumer<Families> own) {
        this(() -> new FamiliesRenderer(namespace, own));
    }

    /// Without the families of this process.
    static MetricsPage withoutProcess(String namespace, Consumer<Families> own) {
        return new MetricsPage(() -> FamiliesRenderer.withoutProcess(namespace, own));
    }

    private MetricsPage(Supplier<Renderer> maker) {
        renderer = new Once<>(maker);
        thread = new ThreadPoolExecutor(
                1,
                1,
                THREAD_LIVES_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("metrics-page").factory());
        thread.allowCoreThreadTimeOut(true);
        for (MetricFormat format : MetricFormat.values()) {
            plain.put(format, new Coalesced<>(() -> onThread(() -> render(format))));
            compressed.put(format, new Coalesced<>(() -> onThread(() -> Gzip.compress(render(format)))));
        }
    }

    /// Makes a page in the background after a while, so that the first scrape does not wait until the library is
    /// loaded.
    void warmUp(long delayMillis) {
        CompletableFuture.delayedExecutor(delayMillis, TimeUnit.MILLISECONDS, thread)
                .execute(() -> Gzip.compress(render(MetricFormat.TEXT)));
    }

    /// In the format and with the compression that the request's headers ask for.
    Page.Response answer(Page.Request request) {
        MetricFormat format = MetricFormat.accepted(request.header("Accept"));
        boolean gzip = MetricFormat.acceptsGzip(request.header("Accept-Encoding"));
        Coalesced<byte[]> page = (gzip ? compressed : plain).get(format);
        if (page == null) {
            throw new IllegalStateException("no page in " + format);
        }
        Map<String, String> headers = gzip
                ? Map.of("Vary", "Accept, Accept-Encoding", "Content-Encoding", "gzip")
                : Map.of("Vary", "Accept, Accept-Encoding");
        return new Page.Response(200, format.contentType, page.get(), headers);
    }

    private byte[] onThread(Supplier<byte[]> page) {
        try {
            return CompletableFuture.supplyAsync(page, thread).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private byte[] render(MetricFormat format) {
        var page = new ByteArrayOutputStream(sizeBytes);
        try {
            renderer.get().write(format, page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sizeBytes = page.size() + page.size() / 16;
        return page.toByteArray();
    }

    /// Makes a value when it is first asked for.
    private static final class Once<T> implements Supplier<T> {
        private @Nullable Supplier<T> maker;
        private @Nullable T value;

        Once(Supplier<T> maker) {
            this.maker = maker;
        }

        @Override
        public synchronized T get() {
            T present = value;
            if (present == null) {
                if (maker == null) {
                    throw new IllegalStateException("made nothing");
                }
                present = maker.get();
                value = present;
                maker = null;
            }
            return present;
        }
    }
}
