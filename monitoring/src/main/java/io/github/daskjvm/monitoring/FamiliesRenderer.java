package io.github.daskjvm.monitoring;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusProtobufWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The families of a scheduler or worker, and of its process, written by the Prometheus library.
final class FamiliesRenderer implements MetricsPage.Renderer {
    private final String namespace;
    private final Consumer<Families> own;
    private final @Nullable JvmFamilies jvm;
    private final LabelCache labels = new LabelCache();

    FamiliesRenderer(String namespace, Consumer<Families> own) {
        this(namespace, own, new JvmFamilies());
    }

    private FamiliesRenderer(String namespace, Consumer<Families> own, @Nullable JvmFamilies jvm) {
        this.namespace = namespace;
        this.own = own;
        this.jvm = jvm;
    }

    /// Of something that is not in this process, whose own figures would be taken for its.
    static FamiliesRenderer withoutProcess(String namespace, Consumer<Families> own) {
        return new FamiliesRenderer(namespace, own, null);
    }

    private MetricSnapshots process(Families families) {
        return jvm == null ? new MetricSnapshots() : jvm.scrape(families.everywhere());
    }

    /// All families, each name once.
    List<MetricSnapshot> all() {
        List<MetricSnapshot> all = new ArrayList<>();
        Families families = families(MetricFormat.OPENMETRICS);
        families.build().forEach(set -> set.forEach(all::add));
        process(families).forEach(all::add);
        return all;
    }

    private Families families(MetricFormat format) {
        var families = new Families(format, namespace, labels);
        own.accept(families);
        return families;
    }

    @Override
    public void write(MetricFormat format, ByteArrayOutputStream page) throws IOException {
        ExpositionFormatWriter writer = writer(format);
        if (format == MetricFormat.OPENMETRICS) {
            // One set, since the end is marked.
            writer.write(page, new MetricSnapshots(all()), EscapingScheme.UNDERSCORE_ESCAPING);
        } else {
            Families families = families(format);
            for (MetricSnapshots set : families.build()) {
                writer.write(page, set, EscapingScheme.UNDERSCORE_ESCAPING);
            }
            writer.write(page, process(families), EscapingScheme.UNDERSCORE_ESCAPING);
        }
    }

    private static ExpositionFormatWriter writer(MetricFormat format) {
        return switch (format) {
            case TEXT ->
                PrometheusTextFormatWriter.builder()
                        .setIncludeCreatedTimestamps(false)
                        .build();
            case OPENMETRICS ->
                OpenMetricsTextFormatWriter.builder()
                        .setCreatedTimestampsEnabled(false)
                        .setExemplarsOnAllMetricTypesEnabled(false)
                        .build();
            case PROTOBUF -> new PrometheusProtobufWriter();
        };
    }
}
