package io.github.daskjvm.examples.montecarlo;

import java.io.Serializable;

/// Numbers, summed up.
///
/// @param count how many
/// @param sum of them
/// @param squares the sum of their squares
public record Sample(long count, double sum, double squares) implements Serializable {
    /// Of no numbers.
    public static final Sample NONE = new Sample(0, 0, 0);

    /// Both together.
    public Sample plus(Sample other) {
        return new Sample(count + other.count, sum + other.sum, squares + other.squares);
    }

    public double mean() {
        return sum / count;
    }

    /// How far the mean is off, as a standard deviation; infinite for fewer than two numbers.
    public double standardError() {
        double variance = (squares - sum * sum / count) / (count - 1);
        return count < 2 ? Double.POSITIVE_INFINITY : Math.sqrt(variance / count);
    }
}
