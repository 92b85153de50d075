package io.github.daskjvm.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HistogramTest {
    private final Histogram histogram = new Histogram();

    @Test
    void aValueIsAboveTheBoundBeforeItsBucketAndNotAboveItsOwn() {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 1_000_000; i++) {
            double value = Math.pow(2, random.nextDouble(-29.9, 23.9));
            int bucket = Histogram.bucket(value);
            assertThat(Math.pow(2, (bucket - 1) / 8.0)).isLessThan(value);
            assertThat(value).isLessThanOrEqualTo(Math.pow(2, bucket / 8.0));
        }
    }

    @Test
    void aBoundBelongsToTheBucketBelowIt() {
        for (int bucket = -239; bucket <= 192; bucket++) {
            double bound = Math.pow(2, bucket / 8.0);
            if (Math.floorMod(bucket, 8) == 0) {
                assertThat(Histogram.bucket(bound)).isEqualTo(bucket);
            }
            assertThat(Histogram.bucket(bound * (1 + 1e-12))).isEqualTo(Math.min(bucket + 1, 192));
            assertThat(Histogram.bucket(bound * (1 - 1e-12))).isEqualTo(bucket);
        }
    }

    @Test
    void classicBucketsAreExact() {
        var random = new SplittableRandom(2);
        double[] values =
                random.doubles(10_000, -25, 20).map(x -> Math.pow(2, x)).toArray();
        for (double value : values) {
            histogram.add(value);
        }
        Histogram.Copy copy = histogram.copy();
        for (int power = -30; power <= 24; power++) {
            double bound = Math.pow(2, power);
            long expected = 0;
            for (double value : values) {
                expected += value <= bound ? 1 : 0;
            }
            assertThat(copy.atMost(power)).as("at most 2^%s", power).isEqualTo(expected);
        }
        assertThat(copy.count()).isEqualTo(10_000);
    }

    @Test
    void zeroAndLessAreZero() {
        histogram.add(0);
        histogram.add(-3);
        histogram.add(1e-10);
        assertThat(histogram.copy().zeros()).isEqualTo(3);
        assertThat(histogram.copy().atMost(-30)).isEqualTo(3);
        assertThat(histogram.copy().sum()).isEqualTo(1e-10);
    }

    @Test
    void whatIsNoNumberIsLeftOutAndWhatIsLargeIsInTheLastBucket() {
        histogram.add(Double.NaN);
        histogram.add(Double.POSITIVE_INFINITY);
        histogram.add(1e12);
        Histogram.Copy copy = histogram.copy();
        assertThat(copy.count()).isEqualTo(1);
        assertThat(copy.atMost(24)).isEqualTo(1);
        assertThat(copy.sum()).isEqualTo(1e12);
    }

    @Test
    void aCopyDoesNotChange() {
        histogram.add(1);
        Histogram.Copy copy = histogram.copy();
        histogram.add(1);
        assertThat(copy.count()).isEqualTo(1);
        assertThat(copy.atMost(0)).isEqualTo(1);
        assertThat(histogram.copy().atMost(0)).isEqualTo(2);
    }

    @Test
    void theSameCopyServesAslongAsNothingIsAdded() {
        histogram.add(1);
        assertThat(histogram.copy()).isSameAs(histogram.copy());
    }

    @Test
    void theLatestKeyIsKeptForEachFactorOfFour() {
        histogram.add(0.3, TaskKey.of("a"), 100);
        histogram.add(0.9, TaskKey.of("b"), 101);
        histogram.add(1, TaskKey.of("c"), 102);
        histogram.add(1.1, TaskKey.of("d"), 103);
        histogram.add(Double.NaN, TaskKey.of("e"), 104);
        histogram.add(0, TaskKey.of("f"), 105);
        assertThat(histogram.copy().exemplars())
                .containsExactly(
                        new Histogram.Exemplar(TaskKey.of("c"), 1, 102),
                        new Histogram.Exemplar(TaskKey.of("d"), 1.1, 103));
    }
}
