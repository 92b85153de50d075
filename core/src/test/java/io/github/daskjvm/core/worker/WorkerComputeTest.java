package io.github.daskjvm.core.worker;

import static io.github.daskjvm.core.worker.Bench.arrive;
import static io.github.daskjvm.core.worker.Bench.err;
import static io.github.daskjvm.core.worker.Bench.execute;
import static io.github.daskjvm.core.worker.Bench.fetch;
import static io.github.daskjvm.core.worker.Bench.finish;
import static io.github.daskjvm.core.worker.Bench.free;
import static io.github.daskjvm.core.worker.Bench.input;
import static io.github.daskjvm.core.worker.Bench.key;
import static io.github.daskjvm.core.worker.Bench.place;
import static io.github.daskjvm.core.worker.Bench.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.worker.WorkerEvent.CancelCompute;
import io.github.daskjvm.core.worker.WorkerEvent.SetPaused;
import io.github.daskjvm.core.worker.WorkerEvent.StartStop;
import io.github.daskjvm.core.worker.WorkerEvent.StealRequest;
import io.github.daskjvm.core.worker.WorkerEvent.TaskLongRunning;
import io.github.daskjvm.core.worker.WorkerEvent.TaskRescheduled;
import io.github.daskjvm.core.worker.WorkerEvent.TaskResumed;
import io.github.daskjvm.core.worker.WorkerInstruction.Drop;
import io.github.daskjvm.core.worker.WorkerInstruction.Execute;
import io.github.daskjvm.core.worker.WorkerInstruction.Interrupt;
import io.github.daskjvm.core.worker.WorkerInstruction.Store;
import io.github.daskjvm.core.worker.WorkerMessage.ReleaseWorkerData;
import io.github.daskjvm.core.worker.WorkerMessage.Reschedule;
import io.github.daskjvm.core.worker.WorkerMessage.StealResponse;
import io.github.daskjvm.core.worker.WorkerMessage.TaskErred;
import io.github.daskjvm.core.worker.WorkerMessage.TaskFinished;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerComputeTest {
    private final Bench bench = new Bench();

    @Test
    void aTaskRunsIsStoredAndReported() {
        assertThat(bench.handle(bench.compute("x"))).containsExactly(execute(1, "x"));
        assertThat(bench.status("x")).isEqualTo(WorkerTaskStatus.EXECUTING);
        assertThat(bench.handle(finish(1)))
                .containsExactly(
                        new Store(key("x"), "value 1", 8),
                        send(new TaskFinished(key("x"), 1, 8, "a.Type", List.of(), 7)));
        assertThat(bench.status("x")).isEqualTo(WorkerTaskStatus.MEMORY);
    }

    @Test
    void asManyTasksRunAsThereAreThreadsByPriority() {
        assertThat(bench.handle(
                        bench.compute("late", 9, Map.of()),
                        bench.compute("early", 1, Map.of()),
                        bench.compute("middle", 5, Map.of())))
                .containsExactly(execute(1, "early"), execute(2, "middle"));
        assertThat(bench.only(Execute.class, finish(1))).containsExactly(execute(3, "late"));
    }

    @Test
    void tasksOfEqualPriorityRunInTheOrderTheyCame() {
        assertThat(bench.handle(bench.compute("a"), bench.compute("b"), bench.compute("c")))
                .containsExactly(execute(1, "a"), execute(2, "b"));
    }

    @Test
    void anInputThatIsComputedHereIsWaitedFor() {
        bench.handle(bench.compute("x"), bench.compute("y", input("x", "tcp://me")));

        assertThat(bench.status("y")).isEqualTo(WorkerTaskStatus.WAITING);
        assertThat(bench.only(Execute.class, finish(1))).containsExactly(execute(2, "y", "x"));
    }

    @Test
    void aTaskWaitsForTheResourceItNeedsAndOthersPassIt() {
        Map<String, Double> gpu = Map.of("GPU", 1.0);

        assertThat(bench.handle(
                        bench.compute("g1", 1, gpu), bench.compute("g2", 2, gpu), bench.compute("plain", 3, Map.of())))
                .containsExactly(execute(1, "g1"), execute(2, "plain"));
        assertThat(bench.status("g2")).isEqualTo(WorkerTaskStatus.CONSTRAINED);
        assertThat(bench.only(Execute.class, finish(2))).isEmpty();
        assertThat(bench.only(Execute.class, finish(1))).containsExactly(execute(3, "g2"));
    }

    @Test
    void anErrorIsReportedAndTheTaskStaysErredUntilFreed() {
        bench.handle(bench.compute("x"));

        assertThat(bench.sent(err(1)))
                .singleElement()
                .isInstanceOfSatisfying(
                        TaskErred.class, m -> assertThat(m.exceptionText()).isEqualTo("text"));
        assertThat(bench.status("x")).isEqualTo(WorkerTaskStatus.ERROR);
        assertThat(bench.handle(free("x"))).isEmpty();
        assertThat(bench.status("x")).isNull();
    }

    @Test
    void anErredTaskCanBeComputedAgain() {
        bench.handle(bench.compute("x"));
        bench.handle(err(1));

        assertThat(bench.handle(bench.compute("x"))).containsExactly(execute(2, "x"));
    }

    @Test
    void aFreedValueIsDroppedAndTheSchedulerTold() {
        bench.handle(bench.compute("x"));
        bench.handle(finish(1));

        assertThat(bench.handle(free("x", "unknown")))
                .containsExactly(new Drop(key("x")), send(new ReleaseWorkerData(key("x"))));
        assertThat(bench.state.statuses()).isEmpty();
    }

    @Test
    void aTaskFreedWhileItRunsIsInterruptedAndItsResultDiscarded() {
        bench.handle(bench.compute("x"));

        assertThat(bench.handle(free("x"))).containsExactly(new Interrupt(1));
        assertThat(bench.status("x")).isEqualTo(WorkerTaskStatus.CANCELLED);
        assertThat(bench.handle(finish(1))).isEmpty();
        assertThat(bench.status("x")).isNull();
    }

    @Test
    void aCancelledTaskThatIsWantedAgainGivesItsResultAfterAll() {
        bench.handle(bench.compute("x"));
        bench.handle(free("x"));

        assertThat(bench.handle(bench.compute("x"))).isEmpty();
        assertThat(bench.status("x")).isEqualTo(WorkerTaskStatus.RESUMED);
        assertThat(bench.sent(finish(1))).containsExactly(new TaskFinished(key("x"), 2, 8, "a.Type", List.of(), 7));
    }

    @Test
    void aCancelledTaskThatIsWantedAgainRunsAgainIfTheInterruptEndedIt() {
        bench.handle(bench.compute("x"));
        bench.handle(free("x"));
        bench.handle(bench.compute("x"));

        assertThat(bench.handle(err(1))).containsExactly(execute(2, "x"));
    }

    @Test
    void aCancelledTaskKeepsItsThreadUntilItEnds() {
        bench.handle(bench.compute("a"), bench.compute("b"), bench.compute("c"));

        assertThat(bench.only(Execute.class, free("a"))).isEmpty();
        assertThat(bench.only(Execute.class, err(1))).containsExactly(execute(3, "c"));
    }

    @Test
    void aResultKnownAlreadyIsReportedAgainWithTheNewRunId() {
        bench.handle(bench.compute("x"));
        bench.handle(finish(1));

        assertThat(bench.handle(bench.compute("x")))
                .containsExactly(send(new TaskFinished(key("x"), 2, 8, "a.Type", List.of(), 0)));
    }

    @Test
    void aTaskThatSecedesMakesRoomForTheNext() {
        bench.handle(bench.compute("a"), bench.compute("b"), bench.compute("c"));

        assertThat(bench.handle(new TaskLongRunning(1, 0.5)))
                .containsExactly(send(new WorkerMessage.LongRunning(key("a"), 1, 0.5)), execute(3, "c"));
        assertThat(bench.only(Store.class, finish(1))).hasSize(1);
        assertThat(bench.state.count(WorkerTaskStatus.EXECUTING)).isEqualTo(2);
    }

    @Test
    void aTaskThatComesBackFromWaitingCountsAgainAndTheSchedulerIsToldOnce() {
        bench.handle(bench.compute("a"), bench.compute("b"), bench.compute("c"), bench.compute("d"));
        bench.handle(new TaskLongRunning(1, 0.5));

        assertThat(bench.handle(new TaskResumed(1))).isEmpty();
        assertThat(bench.only(Execute.class, finish(2))).isEmpty();
        assertThat(bench.handle(new TaskLongRunning(1, 0.7))).containsExactly(execute(4, "d"));
        bench.handle(new TaskResumed(1), new TaskResumed(1), new TaskResumed(17));
        assertThat(bench.only(Store.class, finish(1), finish(3), finish(4))).hasSize(3);
        assertThat(bench.only(Execute.class, bench.compute("e"), bench.compute("f"), bench.compute("g")))
                .hasSize(2);
    }

    @Test
    void aRescheduledTaskIsForgottenAndTheSchedulerTold() {
        bench.handle(bench.compute("x"));

        assertThat(bench.sent(new TaskRescheduled(1))).containsExactly(new Reschedule(key("x")));
        assertThat(bench.status("x")).isNull();
    }

    @Test
    void onlyATaskThatHasNotStartedIsStolen() {
        bench.handle(bench.compute("a"), bench.compute("b"), bench.compute("c"));

        assertThat(bench.sent(new StealRequest(key("a"), "s-1")))
                .containsExactly(new StealResponse(key("a"), WorkerTaskStatus.EXECUTING, "s-1"));
        assertThat(bench.sent(new StealRequest(key("c"), "s-2")))
                .containsExactly(new StealResponse(key("c"), WorkerTaskStatus.READY, "s-2"));
        assertThat(bench.sent(new StealRequest(key("c"), "s-3")))
                .containsExactly(new StealResponse(key("c"), null, "s-3"));
        assertThat(bench.only(Execute.class, finish(1))).isEmpty();
    }

    @Test
    void aStolenTaskGivesUpWhatOnlyItWasToFetch() {
        bench.handle(bench.compute("x", input("d", "tcp://p"), input("e", "tcp://p")));
        bench.handle(bench.compute("y", input("f", "tcp://p")));
        assertThat(bench.status("f")).isEqualTo(WorkerTaskStatus.FETCH);

        bench.handle(new StealRequest(key("y"), "s"));

        assertThat(bench.status("f")).isNull();
        assertThat(bench.status("d")).isEqualTo(WorkerTaskStatus.FLIGHT);
    }

    @Test
    void cancelComputeSparesATaskThatRuns() {
        bench.handle(bench.compute("a"), bench.compute("b"), bench.compute("c"));
        bench.handle(new CancelCompute(key("a")), new CancelCompute(key("c")), new CancelCompute(key("none")));

        assertThat(bench.status("a")).isEqualTo(WorkerTaskStatus.EXECUTING);
        assertThat(bench.status("c")).isNull();
    }

    @Test
    void aPausedWorkerStartsNothing() {
        bench.handle(new SetPaused(true));

        assertThat(bench.handle(bench.compute("x"), bench.compute("y", input("d", "tcp://p"))))
                .isEmpty();
        assertThat(bench.handle(new SetPaused(false))).containsExactly(execute(1, "x"), fetch("tcp://p", 100, "d"));
    }

    @Test
    void aRunThatNobodyKnowsIsIgnored() {
        assertThat(bench.handle(finish(17), err(18), new TaskRescheduled(19), new TaskLongRunning(20, 1)))
                .isEmpty();
    }

    @Test
    void placedDataServesTasksThatWaitForIt() {
        bench.handle(bench.compute("x", input("d", "tcp://p")));

        assertThat(bench.handle(place("d"))).containsExactly(new Store(key("d"), "placed d", 30), execute(1, "x", "d"));
        assertThat(bench.handle(arrive("tcp://p", "d"))).isEmpty();
    }

    @Test
    void dataPlacedForATaskThatRunsEndsItsRun() {
        bench.handle(bench.compute("x"));

        assertThat(bench.handle(place("x")))
                .containsExactly(
                        new Interrupt(1),
                        new Store(key("x"), "placed x", 30),
                        send(new TaskFinished(key("x"), 1, 30, "java.lang.Object", List.of(), 0)));
        assertThat(bench.handle(err(1))).isEmpty();
        assertThat(bench.status("x")).isEqualTo(WorkerTaskStatus.MEMORY);
    }

    @Test
    void theTimeOfATransferIsReportedWithTheTaskThatWaitedForIt() {
        bench.handle(bench.compute("x", input("d", "tcp://p")));
        bench.handle(arrive("tcp://p", "d"));

        assertThat(bench.sent(finish(1)))
                .singleElement()
                .isInstanceOfSatisfying(
                        TaskFinished.class,
                        m -> assertThat(m.startStops()).containsExactly(new StartStop("transfer", 1, 2, "tcp://p")));
    }

    @Test
    void countsNameEveryState() {
        bench.handle(bench.compute("a"), bench.compute("b"), bench.compute("c"));

        assertThat(WorkerState.byName(bench.state.counts()))
                .hasSize(WorkerTaskStatus.values().length)
                .containsEntry("executing", 2)
                .containsEntry("ready", 1)
                .containsEntry("memory", 0);
    }

    @Test
    void whatIsPlacedWhileItIsToBeComputedHereIsReportedAsItsResult() {
        bench.handle(bench.compute("x"), bench.compute("y"), bench.compute("z"));
        assertThat(bench.status("z")).isEqualTo(WorkerTaskStatus.READY);

        assertThat(bench.sent(place("x")))
                .containsExactly(new TaskFinished(key("x"), 1, 30, "java.lang.Object", List.of(), 0));
        assertThat(bench.sent(place("z")))
                .containsExactly(new TaskFinished(key("z"), 3, 30, "java.lang.Object", List.of(), 0));
        assertThat(bench.sent(finish(1))).isEmpty();
        assertThat(bench.status("x")).isEqualTo(WorkerTaskStatus.MEMORY);
    }
}
