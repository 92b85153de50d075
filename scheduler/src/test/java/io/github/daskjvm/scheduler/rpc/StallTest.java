package io.github.daskjvm.scheduler.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StallTest {
    @Test
    void whatStandsStillIsEndedOnce() throws Exception {
        var ends = new AtomicLong();
        var ended = new CountDownLatch(1);
        try (var stall = new Stall(Duration.ofMillis(20), () -> 7, () -> {
            ends.incrementAndGet();
            ended.countDown();
        })) {
            assertThat(stall).isNotNull();
            assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(ends).hasValue(1);
    }

    @Test
    void whatGoesOnIsLeftAloneAndWhatIsOverToo() throws Exception {
        var looks = new AtomicLong();
        var ended = new CompletableFuture<String>();
        var enough = new CountDownLatch(20);
        try (var stall = new Stall(
                Duration.ofMillis(20),
                () -> {
                    enough.countDown();
                    return looks.incrementAndGet();
                },
                () -> ended.complete("ended"))) {
            assertThat(stall).isNotNull();
            assertThat(enough.await(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(ended).isNotDone();
    }
}
