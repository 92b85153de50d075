package io.github.daskjvm.scheduler.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// One worker of Python's, and eight hundred short root tasks.
class PausesTest {
    private static final String WORKER = "tcp://10.0.0.1:1";
    private static final long MILLI = 1_000_000;

    private final SchedulerState state = new SchedulerState(SchedulerConfig.DEFAULT);
    private final Pauses pauses = new Pauses();
    private final long start = System.nanoTime();
    private List<Command.ComputeTask> given = List.of();

    @BeforeEach
    void aWorkerHasFirstTasks() {
        List<TaskSpec> tasks = new ArrayList<>();
        List<TaskKey> keys = new ArrayList<>();
        for (int i = 0; i < 800; i++) {
            keys.add(TaskKey.of("t-" + i));
            tasks.add(new TaskSpec(keys.get(i), "run", Runtime.PYTHON, List.of(), i, TaskSpec.TaskOptions.NONE));
        }
        handle(
                new Event.ClientConnected("c"),
                new Event.WorkerJoined(
                        WORKER, "w", "10.0.0.1", Runtime.PYTHON, 1, 0, Map.of(), WorkerStatus.RUNNING, null, "join"),
                new Event.UpdateGraph("c", tasks, keys, null, 0, "update-graph"));
    }

    @Test
    void thereAreNoneWhileItIsNotKnownHowLongTasksTake() {
        pauses.looked(start);
        assertThat(pauses.nanos(state, start)).isZero();
    }

    @Test
    void thereIsOneAfterALookWhileTheWorkerHasWorkForLonger() {
        finish(given.getFirst());
        pauses.looked(start);
        assertThat(pauses.nanos(state, start + MILLI)).isEqualTo(78 * MILLI);
    }

    @Test
    void thereIsNoneWhenTheLastLookWasLongAgo() {
        finish(given.getFirst());
        pauses.looked(start);
        assertThat(pauses.nanos(state, start + 81 * MILLI)).isZero();
    }

    @Test
    void thereAreNoneForATimeAfterAWorkerWasOutOfWork() {
        List<Command.ComputeTask> all = new ArrayList<>(given.subList(1, 2));
        finish(given.getFirst());
        all.addAll(given);
        pauses.looked(start);
        assertThat(pauses.nanos(state, start)).isPositive();

        finish(all.toArray(Command.ComputeTask[]::new));
        pauses.looked(start + 4 * MILLI);
        assertThat(state.leisureNanos()).isPositive();
        assertThat(pauses.nanos(state, start + 4 * MILLI)).isZero();
        pauses.looked(start + 200 * MILLI);
        assertThat(pauses.nanos(state, start + 200 * MILLI)).isPositive();
    }

    @Test
    void theyAreShortForATimeAfterAClientSpoke() {
        finish(given.getFirst());
        pauses.clientWaits(start);
        pauses.looked(start + 50 * MILLI);
        assertThat(pauses.nanos(state, start + 50 * MILLI)).isEqualTo(4 * MILLI);

        pauses.looked(start + 200 * MILLI);
        assertThat(pauses.nanos(state, start + 200 * MILLI)).isEqualTo(79 * MILLI);
    }

    private void finish(Command.ComputeTask... tasks) {
        Event[] events = new Event[tasks.length];
        for (int i = 0; i < tasks.length; i++) {
            events[i] = new Event.TaskFinished(
                    WORKER,
                    tasks[i].key(),
                    tasks[i].runId(),
                    100,
                    "type",
                    "int",
                    List.of(new Event.StartStop("compute", 0, 0.00001)),
                    1,
                    "finished");
        }
        handle(events);
    }

    private void handle(Event... events) {
        List<Command.ComputeTask> tasks = new ArrayList<>();
        for (Command command : state.handle(List.of(events), start)) {
            if (command instanceof Command.ToWorker(String worker, Command.ComputeTask task)) {
                tasks.add(task);
            }
        }
        given = tasks;
    }
}
