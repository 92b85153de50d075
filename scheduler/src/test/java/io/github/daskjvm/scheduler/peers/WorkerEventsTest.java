package io.github.daskjvm.scheduler.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.loop.SmallResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerEventsTest {
    @Test
    void aBriefMessageOfATaskThatComputedSaysAllThatIsNeeded() throws Exception {
        Fields message = Fields.of(Map.of(
                "op",
                "task-finished",
                "key",
                "x",
                "run_id",
                7L,
                "nbytes",
                28L,
                "typename",
                "java.lang.Integer",
                "thread",
                3L,
                "start",
                10.0,
                "stop",
                10.5,
                "result",
                new byte[] {1}));

        var finished = (Event.TaskFinished) WorkerEvents.decode("tcp://w:1", message);

        assertThat(finished.startStops()).containsExactly(new Event.StartStop("compute", 10.0, 10.5, null));
        assertThat(finished.runId()).isEqualTo(7);
        assertThat(((SmallResult) finished.type()).result()).containsExactly(1);
        assertThat(((SmallResult) finished.type()).type()).isInstanceOf(byte[].class);
    }

    @Test
    void theTaskStreamHasABriefMessageAsAnyOther() throws Exception {
        Fields message =
                Fields.of(Map.of("op", "task-finished", "key", "x", "run_id", 1L, "start", 10.0, "stop", 10.5));
        var records = new TaskRecords(10);
        records.activate();

        records.see(WorkerEvents.decode("tcp://w:1", message), "tcp://w:1", message);

        TaskRecords.Run run = records.runs().getFirst();
        assertThat(run.stop()).isEqualTo(10.5);
        assertThat(run.map().get("startstops"))
                .isEqualTo(List.of(Map.of("action", "compute", "start", 10.0, "stop", 10.5)));
    }
}
