package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RebalancingTest {
    private final Cluster cluster = new Cluster().client("c");

    /// A worker that uses so many bytes for what is no result.
    private void worker(String name, long limitBytes, long otherBytes) {
        cluster.on(new Event.WorkerJoined(
                address(name), name, "h", Runtime.PYTHON, 1, limitBytes, Map.of(), WorkerStatus.RUNNING, null, "join"));
        heartbeat(name, otherBytes);
    }

    private void heartbeat(String worker, long bytes) {
        cluster.on(new Event.WorkerHeartbeat(address(worker), Map.of(), Double.NaN, bytes, 0, 0));
    }

    private void place(String worker, int count, long sizeBytes) {
        for (int i = 0; i < count; i++) {
            place(worker + "-" + i, sizeBytes, worker);
        }
    }

    private void place(String key, long sizeBytes, String... workers) {
        List<String> holders =
                java.util.Arrays.stream(workers).map(Cluster::address).toList();
        cluster.on(new Event.DataPlaced(
                Map.of(key(key), holders), Map.of(key(key), sizeBytes), "c", Runtime.PYTHON, "scatter"));
    }

    private List<Rebalancing.Move> moves(Set<TaskKey> keys, String... workers) {
        List<String> addresses =
                java.util.Arrays.stream(workers).map(Cluster::address).toList();
        return Rebalancing.plan(cluster.state, addresses, keys).moves();
    }

    private static Rebalancing.Move move(String key, String from, String to) {
        return new Rebalancing.Move(key(key), address(from), address(to));
    }

    @Test
    void theOldestResultsMoveUntilWorkersUseAboutAsMuch() {
        worker("a", 0, 0);
        worker("b", 0, 0);
        place("a", 4, 100);
        heartbeat("a", 400);
        assertThat(moves(null, "a", "b")).containsExactly(move("a-0", "a", "b"), move("a-1", "a", "b"));
    }

    @Test
    void nothingMovesWhileAllUseLittleOfTheirLimit() {
        worker("a", 10_000, 0);
        worker("b", 10_000, 0);
        place("a", 20, 100);
        heartbeat("a", 2000);
        assertThat(moves(null, "a", "b")).isEmpty();
        place("a-more", 1500, "a");
        heartbeat("a", 3500);
        assertThat(moves(null, "a", "b")).hasSize(13).contains(move("a-0", "a", "b"));
    }

    @Test
    void aWorkerThatIsAlmostFullTakesNothing() {
        worker("a", 1000, 0);
        worker("b", 1000, 0);
        worker("d", 100, 70);
        place("a", 9, 100);
        heartbeat("a", 900);
        assertThat(moves(null, "a", "d")).isEmpty();
        assertThat(moves(null, "a", "b", "d"))
                .isNotEmpty()
                .noneMatch(move -> move.to().equals(address("d")));
    }

    @Test
    void whoHasACopyAlreadyGetsNoOther() {
        worker("a", 0, 0);
        worker("b", 0, 0);
        worker("d", 0, 0);
        place("x", 100, "a", "b");
        place("y", 100, "a");
        place("z", 100, "a");
        heartbeat("a", 300);
        assertThat(moves(Set.of(key("x")), "a", "b", "d")).containsExactly(move("x", "a", "d"));
    }

    @Test
    void onlyTheKeysThatWereNamedMove() {
        worker("a", 0, 0);
        worker("b", 0, 0);
        place("a", 4, 100);
        heartbeat("a", 400);
        assertThat(moves(Set.of(key("a-3")), "a", "b")).containsExactly(move("a-3", "a", "b"));
    }

    @Test
    void aResultThatWouldOnlyTurnTheTablesStays() {
        worker("a", 0, 0);
        worker("b", 0, 0);
        place("x", 1000, "a");
        heartbeat("a", 1000);
        assertThat(moves(null, "a", "b")).isEmpty();
    }

    @Test
    void aPausedWorkerTakesNothing() {
        worker("a", 0, 0);
        worker("b", 0, 0);
        place("a", 4, 100);
        heartbeat("a", 400);
        cluster.on(new Event.WorkerStatusChanged(address("b"), WorkerStatus.PAUSED, "paused"));
        assertThat(moves(null, "a", "b")).isEmpty();
    }
}
