package io.github.daskjvm.comm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FrameInboxTest {
    private static final long MAX_BYTES = 100;

    private static List<byte[]> message(int bytes) {
        return List.of(new byte[bytes]);
    }

    @Test
    void itRestsWhenMuchWaitsAndGoesOnWhenLittleDoes() throws Exception {
        List<Boolean> told = new ArrayList<>();
        var inbox = new FrameInbox(MAX_BYTES, told::add);
        inbox.add(message(60));
        assertThat(told).isEmpty();
        inbox.add(message(60));
        inbox.add(message(60));
        assertThat(told).containsExactly(true);
        inbox.take();
        inbox.take();
        assertThat(told).containsExactly(true);
        inbox.take();
        assertThat(told).containsExactly(true, false);
    }

    /// One message is above the bound, and the one who takes it may be quicker than the one who brought it.
    @Test
    void whoTakesAtOnceDoesNotLeaveItAtRest() throws Exception {
        int messages = 100_000;
        Deque<Boolean> told = new ArrayDeque<>();
        var inbox = new FrameInbox(MAX_BYTES, stop -> {
            synchronized (told) {
                told.add(stop);
            }
        });
        Thread reader = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < messages; i++) {
                inbox.add(message(150));
            }
        });
        boolean last = false;
        for (int i = 0; i < messages; i++) {
            inbox.take();
        }
        reader.join();
        for (boolean stop : told) {
            assertThat(stop).as("told to rest or to go on in turn").isNotEqualTo(last);
            last = stop;
        }
        assertThat(last).as("at rest though nothing waits").isFalse();
    }
}
