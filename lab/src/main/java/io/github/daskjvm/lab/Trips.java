package io.github.daskjvm.lab;

import java.util.Arrays;

/// How long tasks took that were submitted one at a time.
record Trips(double medianMicros, double p90Micros, double p99Micros, double mostMicros) {
    /// @param seconds of each, one or more
    static Trips of(double[] seconds) {
        double[] sorted = seconds.clone();
        Arrays.sort(sorted);
        return new Trips(
                Setup.median(sorted) * 1e6, micros(sorted, 0.9), micros(sorted, 0.99), sorted[sorted.length - 1] * 1e6);
    }

    private static double micros(double[] sorted, double quantile) {
        return sorted[Math.min(sorted.length - 1, (int) (quantile * sorted.length))] * 1e6;
    }
}
