package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `distributed.Event`, by its operations.
class EventsTest extends CoordinationBench {
    @Test
    void whoWaitsForAnEventGoesOnWhenItIsSet() throws IOException {
        RawPeer waiting = peer();
        waiting.write(op("event_wait", "name", "e", "timeout", null));
        assertThat(peer().call(op("event_is_set", "name", "e"))).isEqualTo(false);
        assertThat(peer().call(op("event_set", "name", "e"))).isNull();
        assertThat(waiting.read()).isEqualTo(true);
        assertThat(waiting.call(op("event_is_set", "name", "e"))).isEqualTo(true);
    }

    @Test
    void whoWaitsForAnEventThatIsNotSetIsToldSoInTime() throws IOException {
        assertThat(peer().call(op("event_wait", "name", List.of("a", 1), "timeout", 0.01)))
                .isEqualTo(false);
        assertThat(peer().call(op("event_wait", "name", List.of("a", 1), "timeout", 0)))
                .isEqualTo(false);
    }

    @Test
    void aClearedEventIsWaitedForAgain() throws IOException {
        RawPeer peer = peer();
        peer.call(op("event_set", "name", "e"));
        assertThat(peer.call(op("event_wait", "name", "e", "timeout", null))).isEqualTo(true);
        peer.call(op("event_clear", "name", "e"));
        assertThat(peer.call(op("event_wait", "name", "e", "timeout", 0.01))).isEqualTo(false);
    }

    @Test
    void aNameOrTimeoutThatIsNoneIsATypeError() throws IOException {
        assertThat(failsWith(peer().call(op("event_wait", "timeout", 1)), "TypeError"))
                .isTrue();
        assertThat(failure(peer().call(op("event_wait", "name", "e", "timeout", "soon"))))
                .contains("timeout");
        assertThat(failure(peer().call(op("event_set", "name", Map.of())))).contains("name");
    }
}
