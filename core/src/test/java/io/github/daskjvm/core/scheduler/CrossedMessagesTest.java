package io.github.daskjvm.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskStatus;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Messages of different connections that cross.
class CrossedMessagesTest {
    private final Cluster cluster = new Cluster();

    @Test
    void aWorkerStopsAskingForACopyOfWhatHasBeenReleased() {
        cluster.client("c").worker("a", 1);
        cluster.worker("b", 1);
        cluster.submit("c", List.of(Cluster.task("x"), Cluster.task("y", "x")), "y");
        cluster.finish("a", "x");
        cluster.finish("a", "y");
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.RELEASED);

        var commands = cluster.on(new Event.WhoHasRequested(Cluster.address("b"), Cluster.keys("x"), "request"));

        assertThat(commands)
                .containsExactly(
                        new Command.ToWorker(Cluster.address("b"), new Command.FreeKeys(Cluster.keys("x"), "request")));
    }

    @Test
    void aClientLearnsThatItsDataWentWithTheWorkersItWasPutOn() {
        cluster.client("c");

        var commands = cluster.on(new Event.DataPlaced(
                Map.of(Cluster.key("data"), List.of(Cluster.address("gone"))), Map.of(), "c", Runtime.PYTHON, "data"));

        assertThat(Cluster.told(commands, "c")).containsExactly(new Command.CancelledKeys(Cluster.keys("data")));
        assertThat(cluster.status("data")).isEqualTo(TaskStatus.FORGOTTEN);
    }

    @Test
    void aTaskDesiredBeforeItsGraphHasArrivedIsReportedWhenDone() {
        cluster.client("early").client("c").worker("a", 1);
        cluster.on(new Event.ClientDesiresKeys("early", Cluster.keys("x")));

        cluster.submit("c", List.of(Cluster.task("x")), "x");
        var commands = cluster.finish("a", "x");

        assertThat(Cluster.told(commands, "early")).containsExactly(new Command.KeyInMemory(Cluster.key("x"), "type"));
    }

    @Test
    void whatWasDesiredAndNeverCameIsForgottenWithItsClient() {
        cluster.client("early");
        cluster.on(new Event.ClientDesiresKeys("early", Cluster.keys("x")));

        cluster.on(new Event.ClientDisconnected("early"));

        assertThat(cluster.status("x")).isEqualTo(TaskStatus.FORGOTTEN);
    }

    @Test
    void dataPlacedAgainInAnotherSizeIsCountedAnewWhereItIsNeeded() {
        cluster.client("c").worker("a", 1);
        cluster.worker("b", 1);
        var whoHas = Map.of(Cluster.key("data"), List.of(Cluster.address("a")));
        cluster.on(new Event.DataPlaced(whoHas, Map.of(Cluster.key("data"), 10L), "c", Runtime.PYTHON, "data"));
        cluster.submit("c", List.of(Cluster.task("x", 0, Cluster.on(List.of("b"), false), "data")), "x");

        cluster.on(new Event.DataPlaced(whoHas, Map.of(Cluster.key("data"), 350L), "c", Runtime.PYTHON, "data"));

        assertThat(cluster.state.worker(Cluster.address("b")))
                .satisfies(b -> assertThat(b.neededBytes).isEqualTo(350));
    }

    @Test
    void ofATaskInMemoryAnEarlierAttemptIsFreedAndThePresentOneToldAgainChangesNothing() {
        var cluster = new Cluster().client("c");
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.submit("c", List.of(Cluster.task("x", 0, Cluster.on(List.of("a"), false))), "x");
        long earlier = cluster.runId("x");
        cluster.on(
                new Event.SetRestrictions(Map.of(Cluster.key("x"), List.of("b"))),
                new Event.TaskRescheduled(Cluster.address("a"), Cluster.key("x"), "reschedule"));
        cluster.finish("b", "x");

        assertThat(cluster.finish("a", "x", earlier))
                .containsExactly(new Command.ToWorker(
                        Cluster.address("a"), new Command.FreeKeys(Cluster.keys("x"), "finished")));
        assertThat(cluster.finish("b", "x")).isEmpty();
        TaskState task = cluster.state.task(Cluster.key("x"));
        assertThat(task).isNotNull();
        assertThat(task.whoHas()).extracting(WorkerEntry::name).containsExactly("b");
    }
}
