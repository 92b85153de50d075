package io.github.daskjvm.scheduler.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.Event.StartStop;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskRecordsTest {
    private static void finish(TaskRecords records, int number) throws BadMessageException {
        String key = "x-" + number;
        Fields message = Fields.of(Map.of(
                "op",
                "task-finished",
                "key",
                key,
                "startstops",
                List.of(Map.of("action", "compute", "start", (double) number, "stop", number + 0.5))));
        records.see(
                new Event.TaskFinished(
                        "w",
                        TaskKey.of(key),
                        1,
                        8,
                        null,
                        null,
                        List.of(new StartStop("compute", number, number + 0.5)),
                        7,
                        "s"),
                "w",
                message);
    }

    private static List<Object> keys(TaskRecords records) {
        return records.runs().stream().map(run -> run.map().get("key")).toList();
    }

    @Test
    void whatATaskDidIsKeptThoughNobodyWatchesOrAsked() throws BadMessageException {
        var records = new TaskRecords(100);
        finish(records, 1);
        assertThat(records.actions().between(0, 9))
                .containsExactly(new Action("w", 7, TaskKey.of("x-1"), "compute", 1, 1.5, false));
        assertThat(records.runs()).isEmpty();
        records.actions().watch();
        records.actions().unwatch();
        assertThat(records.actions().between(0, 9)).hasSize(1);
    }

    @Test
    void aBriefMessageIsAWholeRecordAndHasMetadata() throws BadMessageException {
        var records = new TaskRecords(100);
        records.activate();
        records.collect("mine");
        Fields brief = Fields.of(Map.of(
                "op", "task-finished", "key", "x-1", "start", 1.0, "stop", 2.0, "nbytes", 8L, "typename", "a.B"));
        records.see(
                new Event.TaskFinished(
                        "w", TaskKey.of("x-1"), 1, 8, null, null, List.of(new StartStop("compute", 1, 2)), 7, "s"),
                "w",
                brief);

        Map<String, Object> record = records.runs().getLast().map();
        assertThat(record.get("stimulus_id")).isEqualTo("task-finished");
        assertThat((byte[]) record.get("type")).isNotEmpty();
        assertThat(record.get("startstops")).isEqualTo(List.of(Map.of("action", "compute", "start", 1.0, "stop", 2.0)));
        assertThat(records.collected("mine").metadata()).isEqualTo(Map.of("x-1", Map.of()));
    }

    @Test
    void withTheLengthZeroNothingIsKeptUnlessSomebodyWatches() throws BadMessageException {
        var records = new TaskRecords(0);
        records.activate();
        finish(records, 1);
        assertThat(records.actions().total()).isZero();
        assertThat(records.runs()).isEmpty();
        records.actions().watch();
        finish(records, 2);
        assertThat(records.actions().between(0, 9)).hasSize(1);
    }

    @Test
    void theLastRunsAreKeptInOrderAndThoseFromAnIndexOnGiven() throws BadMessageException {
        var records = new TaskRecords(1_500);
        records.activate();
        for (int i = 0; i < 5_000; i++) {
            finish(records, i);
        }
        List<Object> kept = keys(records);
        assertThat(kept).hasSize(1_500).startsWith("x-3500").endsWith("x-4999");
        List<Object> last = new ArrayList<>();
        assertThat(records.since(4_998, run -> last.add(run.map().get("key")))).isEqualTo(5_000);
        assertThat(last).containsExactly("x-4998", "x-4999");
    }

    @Test
    void aReaderOfRunsNeverHoldsUpWhoWritesThem() throws Exception {
        var records = new TaskRecords(10_000);
        records.activate();
        for (int i = 0; i < 10_000; i++) {
            finish(records, i);
        }
        Thread[] writer = new Thread[1];
        records.since(0, run -> {
            // In the midst of reading, another thread writes to the end.
            if (writer[0] == null) {
                writer[0] = Thread.ofPlatform().start(() -> {
                    try {
                        finish(records, 10_000);
                    } catch (BadMessageException e) {
                        throw new IllegalStateException(e);
                    }
                });
                try {
                    writer[0].join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        assertThat(keys(records)).endsWith("x-10000");
    }
}
