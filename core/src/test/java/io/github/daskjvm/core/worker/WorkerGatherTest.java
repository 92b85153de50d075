package io.github.daskjvm.core.worker;

import static io.github.daskjvm.core.worker.Bench.arrive;
import static io.github.daskjvm.core.worker.Bench.err;
import static io.github.daskjvm.core.worker.Bench.execute;
import static io.github.daskjvm.core.worker.Bench.fetch;
import static io.github.daskjvm.core.worker.Bench.finish;
import static io.github.daskjvm.core.worker.Bench.fire;
import static io.github.daskjvm.core.worker.Bench.free;
import static io.github.daskjvm.core.worker.Bench.input;
import static io.github.daskjvm.core.worker.Bench.key;
import static io.github.daskjvm.core.worker.Bench.keys;
import static io.github.daskjvm.core.worker.Bench.locate;
import static io.github.daskjvm.core.worker.Bench.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.worker.WorkerEvent.AcquireReplicas;
import io.github.daskjvm.core.worker.WorkerEvent.RemoveReplicas;
import io.github.daskjvm.core.worker.WorkerEvent.RemoveWorker;
import io.github.daskjvm.core.worker.WorkerEvent.TransferBusy;
import io.github.daskjvm.core.worker.WorkerEvent.TransferFailed;
import io.github.daskjvm.core.worker.WorkerInstruction.AskForMissing;
import io.github.daskjvm.core.worker.WorkerInstruction.Drop;
import io.github.daskjvm.core.worker.WorkerInstruction.Execute;
import io.github.daskjvm.core.worker.WorkerInstruction.Fetch;
import io.github.daskjvm.core.worker.WorkerInstruction.PeerNoLongerBusy;
import io.github.daskjvm.core.worker.WorkerInstruction.SetTimer;
import io.github.daskjvm.core.worker.WorkerInstruction.Store;
import io.github.daskjvm.core.worker.WorkerMessage.AddKeys;
import io.github.daskjvm.core.worker.WorkerMessage.ReleaseWorkerData;
import io.github.daskjvm.core.worker.WorkerMessage.RequestRefreshWhoHas;
import io.github.daskjvm.core.worker.WorkerMessage.TaskFinished;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerGatherTest {
    private final Bench bench = new Bench();

    @Test
    void inputsAreFetchedAndTheSchedulerToldOfTheCopies() {
        assertThat(bench.handle(bench.compute("x", input("d", "tcp://p"), input("e", "tcp://p"))))
                .containsExactly(fetch("tcp://p", 200, "d", "e"));
        assertThat(bench.handle(arrive("tcp://p", "d", "e")))
                .containsExactly(
                        new Store(key("d"), "value of d", 50),
                        new Store(key("e"), "value of e", 50),
                        send(new AddKeys(keys("d", "e"))),
                        execute(1, "x", "d", "e"));
    }

    @Test
    void fromOnePeerThereIsOneTransferAtATime() {
        bench.handle(bench.compute("x", input("d", "tcp://p")));

        assertThat(bench.only(Fetch.class, bench.compute("y", input("e", "tcp://p"))))
                .isEmpty();
        assertThat(bench.only(Fetch.class, arrive("tcp://p", "d"))).containsExactly(fetch("tcp://p", 100, "e"));
    }

    @Test
    void noMorePeersAreAskedAtATimeThanAllowed() {
        assertThat(bench.only(
                        Fetch.class,
                        bench.compute("x", input("d", "tcp://p"), input("e", "tcp://q"), input("f", "tcp://r"))))
                .containsExactly(fetch("tcp://p", 100, "d"), fetch("tcp://q", 100, "e"));
        assertThat(bench.state.peersInFlight()).isEqualTo(2);
        assertThat(bench.only(Fetch.class, arrive("tcp://q", "e"))).containsExactly(fetch("tcp://r", 100, "f"));
    }

    @Test
    void fewBytesAreFetchedFromAnyNumberOfPeersAtATime() {
        var generous = new Bench(Bench.config(1, 201));

        assertThat(generous.only(
                        Fetch.class,
                        generous.compute(
                                "x",
                                input("d", "tcp://p"),
                                input("e", "tcp://q"),
                                input("f", "tcp://r"),
                                input("g", "tcp://s"))))
                .containsExactly(fetch("tcp://p", 100, "d"), fetch("tcp://q", 100, "e"), fetch("tcp://r", 100, "f"));
    }

    @Test
    void aPeerOnTheSameHostIsAskedRatherThanOneElsewhere() {
        var here = new Bench(new WorkerConfig("tcp://10.0.0.2:9000", 1, Map.of(), WorkerConfig.Transfers.DEFAULT));

        assertThat(here.only(
                        Fetch.class,
                        here.compute(
                                "x", input("d", "tcp://10.0.0.1:9000", "tcp://10.0.0.2:9001", "tcp://10.0.0.22:9000"))))
                .containsExactly(fetch("tcp://10.0.0.2:9001", 100, "d"));
    }

    @Test
    void aPeerThatHasMoreOfWhatIsNeededIsAskedRatherThanOneThatHasLess() {
        assertThat(bench.only(Fetch.class, bench.compute("x", input("d", "tcp://p", "tcp://q"), input("e", "tcp://q"))))
                .containsExactly(fetch("tcp://q", 200, "d", "e"));
    }

    @Test
    void notAllWorkersAskTheSamePeerForWhatAllOfThemNeed() {
        var asked = new HashSet<String>();
        for (int i = 0; i < 40; i++) {
            var one = new Bench(new WorkerConfig("tcp://me:" + i, 1, Map.of(), WorkerConfig.Transfers.DEFAULT));
            one.only(Fetch.class, one.compute("x", input("d", "tcp://p", "tcp://q", "tcp://r")))
                    .forEach(fetch -> asked.add(fetch.worker()));
        }
        assertThat(asked).containsExactlyInAnyOrder("tcp://p", "tcp://q", "tcp://r");
    }

    @Test
    void aPeerIsAskedForALimitedNumberOfBytesAtOnceAndForALargerValueAlone() {
        assertThat(bench.only(
                        Fetch.class,
                        bench.compute(
                                "x",
                                input("a", 600, "tcp://p"),
                                input("b", 600, "tcp://p"),
                                input("c", 2000, "tcp://p"))))
                .containsExactly(fetch("tcp://p", 600, "a"));
        assertThat(bench.only(Fetch.class, arrive("tcp://p", "a"))).containsExactly(fetch("tcp://p", 600, "b"));
        assertThat(bench.only(Fetch.class, arrive("tcp://p", "b"))).containsExactly(fetch("tcp://p", 2000, "c"));
    }

    @Test
    void noMoreBytesAreUnderWayThanAllowed() {
        assertThat(bench.only(Fetch.class, bench.compute("x", input("a", 5000, "tcp://p"), input("b", 10, "tcp://q"))))
                .containsExactly(fetch("tcp://p", 5000, "a"));
        assertThat(bench.state.bytesInFlight()).isEqualTo(5000);
        assertThat(bench.only(Fetch.class, arrive("tcp://p", "a"))).containsExactly(fetch("tcp://q", 10, "b"));
    }

    @Test
    void theMostUrgentInputIsFetchedFirst() {
        var one = new Bench(Bench.config(1, 0));

        assertThat(one.only(
                        Fetch.class,
                        one.compute("late", 9, Map.of(), input("d", 600, "tcp://p")),
                        one.compute("soon", 1, Map.of(), input("e", 600, "tcp://p"))))
                .containsExactly(fetch("tcp://p", 600, "e"));
    }

    @Test
    void aPeerThatFailsIsReplacedByAnotherThatHasTheValue() {
        String first = firstAsked(bench.compute("x", input("d", "tcp://p", "tcp://q")));
        String second = first.equals("tcp://p") ? "tcp://q" : "tcp://p";

        assertThat(bench.handle(new TransferFailed(first))).containsExactly(fetch(second, 100, "d"));
        assertThat(bench.sent(new TransferFailed(second))).containsExactly(new RequestRefreshWhoHas(keys("d")));
    }

    private String firstAsked(WorkerEvent event) {
        return bench.only(Fetch.class, event).getFirst().worker();
    }

    @Test
    void whenNoPeerIsLeftTheSchedulerIsAskedAtOnceAndThenFromTimeToTime() {
        bench.handle(bench.compute("x", input("d", "tcp://p")));

        assertThat(bench.handle(new TransferFailed("tcp://p")))
                .containsExactly(send(new RequestRefreshWhoHas(keys("d"))), new SetTimer(new AskForMissing(), 1000));
        assertThat(bench.status("d")).isEqualTo(WorkerTaskStatus.MISSING);
        assertThat(bench.handle(locate("d", "tcp://p"))).containsExactly(fetch("tcp://p", 100, "d"));
        bench.now = 400;
        assertThat(bench.handle(new TransferFailed("tcp://p"))).isEmpty();
        bench.now = 1000;
        assertThat(bench.handle(fire(new AskForMissing())))
                .containsExactly(send(new RequestRefreshWhoHas(keys("d"))), new SetTimer(new AskForMissing(), 1000));
        assertThat(bench.handle(locate("d", "tcp://q"))).containsExactly(fetch("tcp://q", 100, "d"));
    }

    @Test
    void aPeerThatLacksAValueIsNotAskedForItAgain() {
        bench.handle(bench.compute("x", input("d", "tcp://p", "tcp://q"), input("e", "tcp://p")));

        assertThat(bench.only(Fetch.class, arrive("tcp://p", "e"))).containsExactly(fetch("tcp://q", 100, "d"));
    }

    @Test
    void aBusyPeerIsAskedAgainLaterAndMeanwhileTheSchedulerForOthers() {
        bench.handle(bench.compute("x", input("d", "tcp://p")));

        assertThat(bench.handle(new TransferBusy("tcp://p")))
                .containsExactly(
                        new SetTimer(new PeerNoLongerBusy("tcp://p"), 150), send(new RequestRefreshWhoHas(keys("d"))));
        assertThat(bench.handle(locate("d", "tcp://p"))).isEmpty();
        assertThat(bench.handle(fire(new PeerNoLongerBusy("tcp://p")))).containsExactly(fetch("tcp://p", 100, "d"));
    }

    @Test
    void whatABusyPeerHasIsFetchedFromAnotherThatHasIt() {
        String first = firstAsked(bench.compute("x", input("d", "tcp://p", "tcp://q")));
        String second = first.equals("tcp://p") ? "tcp://q" : "tcp://p";

        assertThat(bench.handle(new TransferBusy(first)))
                .containsExactly(new SetTimer(new PeerNoLongerBusy(first), 150), fetch(second, 100, "d"));
        assertThat(bench.sent(new TransferBusy(second))).containsExactly(new RequestRefreshWhoHas(keys("d")));
        assertThat(bench.handle(locate("d", first, second, "tcp://r"))).containsExactly(fetch("tcp://r", 100, "d"));
    }

    @Test
    void aPeerThatIsGoneIsNotAsked() {
        bench.handle(bench.compute("a", input("d", "tcp://p")), bench.compute("b", input("e", "tcp://p", "tcp://q")));
        bench.handle(new WorkerEvent.SetPaused(true));
        bench.handle(bench.compute("c", input("f", "tcp://q")), new TransferFailed("tcp://p"));

        assertThat(bench.sent(new RemoveWorker("tcp://q"))).isNotEmpty();
        assertThat(bench.status("f")).isEqualTo(WorkerTaskStatus.MISSING);
        assertThat(bench.status("e")).isEqualTo(WorkerTaskStatus.MISSING);
    }

    @Test
    void aValueThatIsSaidToBeHereButIsNotIsAskedFor() {
        assertThat(bench.sent(bench.compute("x", input("d", "tcp://me"))))
                .containsExactly(new RequestRefreshWhoHas(keys("d")));
    }

    @Test
    void aTransferForATaskThatIsFreedIsLetGo() {
        bench.handle(bench.compute("x", input("d", "tcp://p")));
        bench.handle(free("x"));

        assertThat(bench.status("d")).isEqualTo(WorkerTaskStatus.CANCELLED);
        assertThat(bench.handle(arrive("tcp://p", "d"))).isEmpty();
        assertThat(bench.state.statuses()).isEmpty();
    }

    @Test
    void aTransferLetGoAndWantedAgainIsUsed() {
        bench.handle(bench.compute("x", input("d", "tcp://p")));
        bench.handle(free("x"));

        assertThat(bench.handle(bench.compute("y", input("d", "tcp://p")))).isEmpty();
        assertThat(bench.only(Execute.class, arrive("tcp://p", "d"))).containsExactly(execute(1, "y", "d"));
    }

    @Test
    void aTaskToComputeThatIsInFlightTakesWhatArrives() {
        bench.handle(bench.compute("x", input("d", "tcp://p")));
        bench.handle(bench.compute("d"));

        assertThat(bench.status("d")).isEqualTo(WorkerTaskStatus.RESUMED);
        assertThat(bench.sent(arrive("tcp://p", "d")))
                .containsExactly(new TaskFinished(key("d"), 2, 50, "java.lang.Object", List.of(), 0));
    }

    @Test
    void aTaskToComputeThatIsInFlightIsComputedIfNothingArrives() {
        bench.handle(bench.compute("x", input("d", "tcp://p")));
        bench.handle(bench.compute("d"));

        assertThat(bench.handle(new TransferFailed("tcp://p"))).containsExactly(execute(1, "d"));
        assertThat(bench.only(Execute.class, finish(1))).containsExactly(execute(2, "x", "d"));
    }

    @Test
    void aCancelledRunWhoseResultIsNeededAsAnInputServes() {
        bench.handle(bench.compute("d"));
        bench.handle(free("d"));
        bench.handle(bench.compute("x", input("d", "tcp://p")));

        assertThat(bench.handle(finish(1)))
                .containsExactly(new Store(key("d"), "value 1", 8), send(new AddKeys(keys("d"))), execute(2, "x", "d"));
    }

    @Test
    void aCancelledRunThatFailsIsReplacedByAFetch() {
        bench.handle(bench.compute("d"));
        bench.handle(free("d"));
        bench.handle(bench.compute("x", input("d", "tcp://p")));

        assertThat(bench.handle(err(1))).containsExactly(fetch("tcp://p", 100, "d"));
    }

    @Test
    void aValueFreedThoughATaskNeedsItIsSoughtElsewhere() {
        bench.handle(bench.compute("d"));
        bench.handle(finish(1));
        bench.handle(bench.compute("a"), bench.compute("b"), bench.compute("x", input("d", "tcp://me")));
        assertThat(bench.status("x")).isEqualTo(WorkerTaskStatus.READY);

        assertThat(bench.sent(free("d")))
                .containsExactly(new ReleaseWorkerData(key("d")), new RequestRefreshWhoHas(keys("d")));
        assertThat(bench.status("x")).isEqualTo(WorkerTaskStatus.WAITING);
        assertThat(bench.handle(locate("d", "tcp://p"))).containsExactly(fetch("tcp://p", 8, "d"));
    }

    @Test
    void aCopyAskedForIsFetchedAfterWhatTasksWaitFor() {
        bench.handle(new WorkerEvent.SetPaused(true));
        bench.handle(new AcquireReplicas(List.of(input("r", 900, "tcp://p"))));
        bench.handle(bench.compute("x", input("d", 900, "tcp://p")));

        assertThat(bench.only(Fetch.class, new WorkerEvent.SetPaused(false)))
                .containsExactly(fetch("tcp://p", 900, "d"));
        assertThat(bench.only(Fetch.class, arrive("tcp://p", "d"))).containsExactly(fetch("tcp://p", 900, "r"));
        assertThat(bench.sent(arrive("tcp://p", "r"))).containsExactly(new AddKeys(keys("r")));
        assertThat(bench.sent(new AcquireReplicas(List.of(input("r", "tcp://p")))))
                .containsExactly(new AddKeys(keys("r")));
    }

    @Test
    void aCopyIsRemovedUnlessATaskWaitsForIt() {
        bench.handle(bench.compute("d"));
        bench.handle(finish(1));
        bench.handle(bench.compute("x", input("d", "tcp://me"), input("e", "tcp://p")));

        assertThat(bench.sent(new RemoveReplicas(keys("d", "unknown")))).containsExactly(new AddKeys(keys("d")));
        bench.handle(arrive("tcp://p", "e"));
        assertThat(bench.handle(new RemoveReplicas(keys("d"))))
                .containsExactly(new Drop(key("d")), send(new ReleaseWorkerData(key("d"))));
    }

    @Test
    void aCopyNotYetFetchedIsNotFetchedWhenItIsToBeRemoved() {
        bench.handle(new AcquireReplicas(List.of(input("a", "tcp://p"))));
        bench.handle(new AcquireReplicas(List.of(input("b", "tcp://p"))));

        bench.handle(new RemoveReplicas(keys("a", "b")));

        assertThat(bench.status("b")).isNull();
        assertThat(bench.handle(arrive("tcp://p", "a"))).isEmpty();
        assertThat(bench.state.statuses()).isEmpty();
    }
}
