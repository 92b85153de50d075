package io.github.daskjvm.lab;

import java.util.Arrays;

/// A figure of several runs.
public record Spread(double median, double least, double most) {
    /// @param values in any order, one or more
    public static Spread of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Spread(Setup.median(sorted), sorted[0], sorted[sorted.length - 1]);
    }

    /// Of the ratios of runs that were neighbours; what has no neighbour is left out.
    public static Spread ofRatios(double[] these, double[] those) {
        double[] ratios = new double[Math.min(these.length, those.length)];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = these[i] / those[i];
        }
        return of(ratios);
    }

    /// As `median [least, most]`.
    ///
    /// @param form of each number, such as `%.2f`
    public String text(String form) {
        return (form + " [" + form + ", " + form + "]").formatted(median, least, most);
    }
}
