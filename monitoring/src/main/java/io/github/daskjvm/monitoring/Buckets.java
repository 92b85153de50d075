package io.github.daskjvm.monitoring;

import io.github.daskjvm.core.model.Histogram;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.util.ArrayList;
import java.util.List;

/// A histogram for the Prometheus library: native buckets, and beside them classic ones whose bounds are powers of
/// four seconds, which follow from the native ones exactly.
enum Buckets {
    /// From a microsecond to 16 s.
    SHORT(-20, 4),
    /// From 61 µs to four and a half hours.
    LONG(-14, 14);

    private static final String EXEMPLAR_LABEL = "task_key";
    /// OpenMetrics lets the labels of an exemplar have 128 characters, names included.
    private static final int KEY_CHARACTERS_MAX = 128 - EXEMPLAR_LABEL.length();

    private final double[] bounds;
    private final int firstPower;

    Buckets(int firstPower, int lastPower) {
        this.firstPower = firstPower;
        this.bounds = new double[(lastPower - firstPower) / 2 + 2];
        for (int i = 0; i < bounds.length - 1; i++) {
            bounds[i] = Math.scalb(1.0, firstPower + 2 * i);
        }
        bounds[bounds.length - 1] = Double.POSITIVE_INFINITY;
    }

    HistogramDataPointSnapshot of(Histogram.Copy histogram, Labels labels, MetricFormat format) {
        boolean isNative = format == MetricFormat.PROTOBUF;
        return new HistogramDataPointSnapshot(
                classic(histogram),
                isNative ? Histogram.SCHEMA : HistogramSnapshot.CLASSIC_HISTOGRAM,
                isNative ? histogram.zeros() : 0,
                isNative ? Histogram.ZERO_MAX : 0,
                isNative ? nativeOnes(histogram) : NativeHistogramBuckets.EMPTY,
                NativeHistogramBuckets.EMPTY,
                histogram.sum(),
                labels,
                format == MetricFormat.TEXT ? Exemplars.EMPTY : exemplars(histogram.exemplars()),
                0);
    }

    private ClassicHistogramBuckets classic(Histogram.Copy histogram) {
        long[] counts = new long[bounds.length];
        long before = 0;
        for (int i = 0; i < bounds.length; i++) {
            long until = i == bounds.length - 1 ? histogram.count() : histogram.atMost(firstPower + 2 * i);
            counts[i] = until - before;
            before = until;
        }
        return ClassicHistogramBuckets.of(bounds, counts);
    }

    private static NativeHistogramBuckets nativeOnes(Histogram.Copy histogram) {
        long[] counts = histogram.counts();
        int filled = 0;
        for (long count : counts) {
            filled += count > 0 ? 1 : 0;
        }
        int[] indices = new int[filled];
        long[] filledCounts = new long[filled];
        int at = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                indices[at] = histogram.first() + i;
                filledCounts[at++] = counts[i];
            }
        }
        return NativeHistogramBuckets.of(indices, filledCounts);
    }

    private static Exemplars exemplars(List<Histogram.Exemplar> given) {
        if (given.isEmpty()) {
            return Exemplars.EMPTY;
        }
        var exemplars = new ArrayList<Exemplar>(given.size());
        for (Histogram.Exemplar exemplar : given) {
            exemplars.add(new Exemplar(
                    exemplar.value(),
                    Labels.of(EXEMPLAR_LABEL, shortened(exemplar.key().toString())),
                    Math.round(exemplar.epochSeconds() * 1e3)));
        }
        return Exemplars.of(exemplars);
    }

    private static String shortened(String key) {
        if (key.codePointCount(0, key.length()) <= KEY_CHARACTERS_MAX) {
            return key;
        }
        return key.substring(0, key.offsetByCodePoints(0, KEY_CHARACTERS_MAX - 1)) + "…";
    }
}
