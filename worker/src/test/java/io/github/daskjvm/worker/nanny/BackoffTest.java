package io.github.daskjvm.worker.nanny;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Duration A_MOMENT = Duration.ofSeconds(3);

    private final Backoff backoff = new Backoff();

    private List<Long> secondsAfterDeaths(int count, boolean joined) {
        List<Long> seconds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            seconds.add(backoff.afterDeath(A_MOMENT, joined).toSeconds());
        }
        return seconds;
    }

    @Test
    void theFirstDeathCostsNothingAndEachOneAfterTwiceAsMuchUpToAMinute() {
        assertThat(secondsAfterDeaths(10, true)).containsExactly(0L, 1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L);
        assertThat(backoff.isHopeless()).isFalse();
    }

    @Test
    void aWorkerThatLivedForAMinuteStartsTheCountAnew() {
        assertThat(secondsAfterDeaths(4, true)).endsWith(4L);
        assertThat(backoff.afterDeath(Duration.ofSeconds(59), true)).hasSeconds(8);
        assertThat(backoff.afterDeath(Duration.ofMinutes(1), true)).isZero();
        assertThat(secondsAfterDeaths(2, true)).containsExactly(1L, 2L);
    }

    @Test
    void aWorkerThatNeverJoinedDoesNotHoweverLongItTook() {
        assertThat(secondsAfterDeaths(3, false)).endsWith(2L);
        assertThat(backoff.afterDeath(Duration.ofMinutes(5), false)).hasSeconds(4);
    }

    @Test
    void tenInARowThatNeverJoinedAreHopelessAndOneThatDidGivesHope() {
        var unused = secondsAfterDeaths(9, false);
        assertThat(backoff.isHopeless()).isFalse();
        unused = secondsAfterDeaths(1, true);
        unused = secondsAfterDeaths(9, false);
        assertThat(backoff.isHopeless()).isFalse();
        unused = secondsAfterDeaths(1, false);
        assertThat(backoff.isHopeless()).isTrue();
    }
}
