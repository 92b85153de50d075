package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.actor;
import static io.github.daskjvm.core.scheduler.Cluster.actorOn;
import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.given;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static io.github.daskjvm.core.scheduler.Cluster.told;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskStatus;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ActorTest {
    private final Cluster cluster = new Cluster().client("c");

    @BeforeEach
    void twoWorkers() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
    }

    /// An actor `x` that lives on `a`, and a reference to it on `b`.
    private void actorWithReference() {
        cluster.submit("c", List.of(task("x", 0, actorOn("a"))), "x");
        cluster.finish("a", "x");
        cluster.on(new Event.ReplicasAdded(address("b"), keys("x"), "fetched"));
    }

    @Test
    void actorsGoWhereThereAreFewest() {
        cluster.submit("c", List.of(task("x", 0, actorOn("a"))), "x");
        cluster.finish("a", "x");
        assertThat(given(cluster.submit("c", List.of(task("y", 0, actor()), task("z", 1, actor())), "y", "z"), "b"))
                .containsExactly("y");
    }

    @Test
    void anActorIsLostWithItsWorkerAndNotMadeAgain() {
        cluster.submit("c", List.of(task("x", 0, actorOn("a"))), "x");
        cluster.finish("a", "x");
        List<Command> commands = cluster.die("a");
        assertThat(told(commands, "c")).containsExactly(new Command.ActorLost(key("x")));
        assertThat(given(commands, "b")).isEmpty();
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.ERRED);
    }

    @Test
    void aReferenceElsewhereDoesNotKeepAnActorAlive() {
        actorWithReference();
        assertThat(told(cluster.die("a"), "c")).containsExactly(new Command.ActorLost(key("x")));
    }

    @Test
    void anActorOutlivesWorkersThatOnlyReferToIt() {
        actorWithReference();
        assertThat(told(cluster.die("b"), "c")).isEmpty();
        assertThat(cluster.status("x")).isEqualTo(TaskStatus.MEMORY);
    }

    @Test
    void whatWaitsForALostActorFailsForIt() {
        actorWithReference();
        cluster.submit("c", List.of(task("y", 1, Cluster.on(List.of("b"), false), "x")), "y");
        assertThat(told(cluster.die("a"), "c"))
                .containsExactlyInAnyOrder(new Command.ActorLost(key("x")), new Command.ActorLost(key("y")));
    }

    @Test
    void retriedALostActorIsMadeAnew() {
        actorWithReference();
        cluster.die("a");
        cluster.on(new Event.SetRestrictions(java.util.Map.of(key("x"), List.of("b"))));
        assertThat(given(cluster.on(new Event.RetryKeys(keys("x"), "retry")), "b"))
                .containsExactly("x");
    }

    @Test
    void anActorThatIsBeingMadeStartsOverElsewhere() {
        List<Command> commands = cluster.submit("c", List.of(task("x", 0, actor())), "x");
        String first = given(commands, "a").isEmpty() ? "b" : "a";
        assertThat(given(cluster.die(first), first.equals("a") ? "b" : "a")).containsExactly("x");
    }

    @Test
    void neitherAnActorNorReferencesToItAreCopiedOrDropped() {
        actorWithReference();
        assertThat(cluster.on(new Event.MemoryManagerTriggered())).isEmpty();
    }

    @Test
    void aWorkerWithActorsDoesNotRetireAndOneWithReferencesDoes() {
        actorWithReference();
        cluster.on(new Event.RetireWorkers(List.of(address("a"), address("b")), "retire"));
        assertThat(cluster.state.retirement(address("a"))).isEqualTo(Retirement.HOLDS_ACTORS);
        assertThat(cluster.state.retirement(address("b"))).isEqualTo(Retirement.DONE);
    }

    @Test
    void aTaskThatWaitsOnItsWorkerForALostActorIsTakenBack() {
        cluster.submit("c", List.of(task("x", 0, actorOn("a"))), "x");
        cluster.submit("c", List.of(task("y", 1, Cluster.on(List.of("b"), false), "x")), "y");
        cluster.finish("a", "x");

        List<Command> commands = cluster.die("a");

        assertThat(cluster.status("y")).isEqualTo(TaskStatus.ERRED);
        assertThat(commands).contains(new Command.ToWorker(address("b"), new Command.FreeKeys(keys("y"), "died")));
    }
}
