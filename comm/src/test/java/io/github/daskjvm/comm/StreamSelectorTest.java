package io.github.daskjvm.comm;

import static java.util.concurrent.TimeUnit.HOURS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StreamSelectorTest {
    /// Whichever of the two comes first.
    @RepeatedTest(20)
    void aPauseIsOverOnceSomebodyEndsIt() throws Exception {
        try (var selector = new StreamSelector()) {
            Thread owner = Thread.ofPlatform().start(() -> selector.pause(HOURS.toNanos(1)));
            selector.endPause();
            assertThat(owner.join(Duration.ofSeconds(50))).isTrue();
        }
    }
}
