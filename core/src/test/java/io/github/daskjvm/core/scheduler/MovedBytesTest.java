package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MovedBytesTest {
    private final Cluster cluster = new Cluster().client("c");

    private void result(String worker, String key) {
        cluster.submit("c", List.of(task(key, 0, Cluster.on(List.of(worker), false))), key);
        cluster.finish(worker, key);
    }

    private void fetch(String worker, String... keys) {
        cluster.on(new Event.ReplicasAdded(address(worker), keys(keys), "s"));
    }

    private List<String> moved() {
        return cluster.state.moved(9).stream()
                .map(pair -> pair.to().name() + " < " + pair.from().name() + " " + pair.bytes())
                .toList();
    }

    @Test
    void whatIsFetchedCountsForWhoHadItOnce() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.worker("c", 1);
        result("a", "x");
        result("a", "y");
        long size = cluster.state.task(Cluster.key("x")).sizeBytes();
        assertThat(size).isGreaterThan(1);
        fetch("b", "x", "y");
        fetch("b", "x");
        assertThat(moved()).containsExactly("b < a " + 2 * size);
        // Now two have it.
        fetch("c", "x", "unknown");
        assertThat(moved()).containsExactly("b < a " + 2 * size, "c < a " + size / 2, "c < b " + size / 2);
    }

    @Test
    void theNextWorkerInAPlaceBeginsWithNothing() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        result("a", "x");
        fetch("b", "x");
        cluster.die("a");
        assertThat(moved()).isEmpty();
        cluster.worker("d", 1);
        result("d", "z");
        fetch("b", "z");
        assertThat(moved()).hasSize(1).first().asString().startsWith("b < d ");
    }

    @Test
    void onlyTheLargestAreGiven() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.worker("c", 1);
        for (String key : List.of("x", "y", "z")) {
            result("a", key);
        }
        fetch("b", "x", "y", "z");
        fetch("c", "x");
        assertThat(cluster.state.moved(1)).extracting(pair -> pair.to().name()).containsExactly("b");
    }
}
