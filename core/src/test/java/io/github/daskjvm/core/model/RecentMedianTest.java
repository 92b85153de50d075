package io.github.daskjvm.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecentMedianTest {
    private static final long SECOND = 1_000_000_000L;

    private final RecentMedian median = new RecentMedian();

    @Test
    void isNotANumberBeforeTheFirstValue() {
        assertThat(median.median(0)).isNaN();
        assertThat(median.maximum(0)).isNaN();
        assertThat(median.count(0)).isZero();
    }

    @Test
    void isTheMiddleValueOrTheMeanOfTheMiddleTwo() {
        median.add(5, 1);
        assertThat(median.median(1)).isEqualTo(5);
        median.add(1, 2);
        assertThat(median.median(2)).isEqualTo(3);
        median.add(100, 3);
        assertThat(median.median(3)).isEqualTo(5);
        assertThat(median.maximum(3)).isEqualTo(100);
    }

    @Test
    void isExactForASteadyRateWithinTheBound() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        double[] values = new double[50 * 55];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
            median.add(values[i], i * SECOND / 50);
        }
        Arrays.sort(values);
        double expected = (values[values.length / 2 - 1] + values[values.length / 2]) / 2;

        assertThat(median.median(55 * SECOND - 1)).as("seed %d", seed).isEqualTo(expected);
    }

    @Test
    void forgetsWhatIsOlderThanAMinute() {
        median.add(1000, 0);
        median.add(1, 30 * SECOND);

        assertThat(median.maximum(54 * SECOND)).isEqualTo(1000);
        assertThat(median.median(60 * SECOND)).isEqualTo(1);
        assertThat(median.maximum(60 * SECOND)).isEqualTo(1);
        assertThat(median.count(200 * SECOND)).isZero();
        assertThat(median.median(200 * SECOND)).isNaN();
    }

    @Test
    void isCloseWhereMoreValuesComeThanItKeeps() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 400_000; i++) {
            median.add(random.nextDouble(), i * SECOND / 10_000);
        }

        assertThat(median.median(40 * SECOND)).as("seed %d", seed).isCloseTo(0.5, within(0.05));
        assertThat(median.count(40 * SECOND)).isEqualTo(400_000);
    }

    @Test
    void aSlotOfManyValuesWeighsMoreThanASlotOfFew() {
        for (int i = 0; i < 100_000; i++) {
            median.add(1, 0);
        }
        for (int i = 0; i < 1000; i++) {
            median.add(2, 5 * SECOND);
        }

        assertThat(median.median(5 * SECOND)).isEqualTo(1);
    }

    @Test
    void timeMayStartBelowZero() {
        median.add(1, -7 * SECOND);
        median.add(3, -1);

        assertThat(median.median(0)).isEqualTo(2);
    }
}
