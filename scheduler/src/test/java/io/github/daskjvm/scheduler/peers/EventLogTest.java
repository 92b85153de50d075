package io.github.daskjvm.scheduler.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private static List<Object> messages(EventLog log, String topic) {
        return log.events(topic).stream().<Object>map(event -> event.get(1)).toList();
    }

    @Test
    void theLastEventsOfATopicAreKept() {
        var log = new EventLog(client -> null, 2, Duration.ofHours(1));
        List.of("a", "b", "c").forEach(message -> log.log("topic", message));

        assertThat(messages(log, "topic")).containsExactly("b", "c");
    }

    @Test
    void whoHasGoneIsForgottenAfterTheDelayAndOnlyThen() {
        var patient = new EventLog(client -> null, 10, Duration.ofHours(1));
        var impatient = new EventLog(client -> null, 10, Duration.ZERO);
        for (EventLog log : List.of(patient, impatient)) {
            log.log(List.of("gone", "here", "all"), "a");
            log.left("gone");
        }

        assertThat(messages(patient, "gone")).containsExactly("a");
        assertThat(impatient.events()).containsOnlyKeys("here", "all");
        impatient.log("gone", "after all");
        assertThat(messages(impatient, "gone")).containsExactly("after all");
    }

    @Test
    void whoComesBackKeepsItsEvents() {
        var log = new EventLog(client -> null, 10, Duration.ofMillis(100));
        log.log("worker", "a");
        log.left("worker");
        log.came("worker");
        log.log("other", "b");
        log.left("other");
        while (!log.events("other").isEmpty()) {
            Thread.onSpinWait();
        }

        assertThat(messages(log, "worker")).containsExactly("a");
    }
}
