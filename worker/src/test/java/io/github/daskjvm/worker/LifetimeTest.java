package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class LifetimeTest {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);

    /// A generator whose every number is that share of the way from 0 to 1.
    private static RandomGenerator always(double share) {
        return new RandomGenerator() {
            @Override
            public long nextLong() {
                throw new UnsupportedOperationException();
            }

            @Override
            public double nextDouble() {
                return share;
            }
        };
    }

    @Test
    void theEndIsDrawnFromAsMuchEarlierToAsMuchLater() {
        var lifetime = new Lifetime(HOUR, FIVE_MINUTES, false);

        assertThat(lifetime.drawn(always(0))).isEqualTo(HOUR.minus(FIVE_MINUTES));
        assertThat(lifetime.drawn(always(0.5))).isEqualTo(HOUR);
        assertThat(lifetime.drawn(always(0.75))).isEqualTo(HOUR.plus(FIVE_MINUTES.dividedBy(2)));
        var random = new Random(1);
        for (int i = 0; i < 1_000; i++) {
            assertThat(lifetime.drawn(random)).isBetween(HOUR.minus(FIVE_MINUTES), HOUR.plus(FIVE_MINUTES));
        }
    }

    @Test
    void withoutStaggerItIsTheDurationAndNeverLessThanNothing() {
        assertThat(new Lifetime(HOUR, Duration.ZERO, true).drawn(new Random(2))).isEqualTo(HOUR);
        assertThat(new Lifetime(FIVE_MINUTES, HOUR, false).drawn(always(0))).isZero();
    }

    @Test
    void aDurationOfNothingIsNoEnd() {
        assertThat(Lifetime.ENDLESS.isEndless()).isTrue();
        assertThat(new Lifetime(Duration.ofNanos(1), Duration.ZERO, false).isEndless())
                .isFalse();
    }

    @Test
    void lessThanNothingIsRefused() {
        assertThatThrownBy(() -> new Lifetime(HOUR.negated(), Duration.ZERO, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-1H");
        assertThatThrownBy(() -> new Lifetime(HOUR, FIVE_MINUTES.negated(), false))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
