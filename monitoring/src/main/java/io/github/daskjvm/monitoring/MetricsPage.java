package io.github.daskjvm.monitoring;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The page `/metrics` of one scheduler or worker: its own families, read from a snapshot at each scrape, and those
/// of the process. Nothing is global, so that two workers in one process do not mix. May be called by many threads.
final class MetricsPage {
    private final Supplier<Renderer> renderer;
    private final Map<MetricFormat, Coalesced<byte[]>> plain = new EnumMap<>(MetricFormat.class);
    private final Map<MetricFormat, Coalesced<byte[]>> compressed = new EnumMap<>(MetricFormat.class);

    /// Writes the page in one format. Made by the first scrape: the library and the management beans of the JVM cost
    /// more to load than all else at start-up.
    interface Renderer {
        void write(MetricFormat format, ByteArrayOutputStream page) throws IOException;
    }

    /// @param own adds the families of this scheduler or worker
    MetricsPage(String namespace, Consumer<Families> own) {
        renderer = new Once<>(() -> new FamiliesRenderer(namespace, own));
        for (MetricFormat format : MetricFormat.values()) {
            plain.put(format, new Coalesced<>(() -> render(format)));
            compressed.put(format, new Coalesced<>(() -> Gzip.compress(render(format))));
        }
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

    private byte[] render(MetricFormat format) {
        var page = new ByteArrayOutputStream(16 * 1024);
        try {
            renderer.get().write(format, page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
