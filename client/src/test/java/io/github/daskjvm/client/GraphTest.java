package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.scheduler.SchedulerConfig;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Graphs that are submitted in one call.
@Timeout(60)
class GraphTest {
    private static LocalCluster cluster;
    private static Client client;

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = LocalCluster.builder()
                .workers(2)
                .schedulerConfig(SchedulerConfig.DEFAULT.withValidate(true))
                .start();
        client = cluster.client();
    }

    @AfterAll
    static void closeCluster() {
        cluster.close();
    }

    @Test
    void aGraphIsComputedAndWhatWasNotAskedForIsForgotten() throws Exception {
        var graph = new Graph();
        Graph.Ref<Integer> two = graph.add("two", () -> 2);
        Graph.Ref<Integer> sum = graph.add("sum", Integer::sum, two, Graph.<Integer>ref("later"));
        graph.add("later", x -> 10 * x, two);

        try (Future<Integer> result = client.compute(graph, sum);
                Future<Integer> again = client.compute(graph, sum)) {
            assertThat(result.get()).isEqualTo(22);
            assertThat(result.key()).startsWith("sum-").isNotEqualTo(again.key());
            assertThat(again.get()).isEqualTo(22);
            Await.until(
                    "only the results are held",
                    () -> client.hasWhat().values().stream()
                                    .mapToInt(List::size)
                                    .sum()
                            == 2);
        }
        Await.until("nothing is left", () -> cluster.scheduler().snapshot().knownTasks() == 0);
    }

    @Test
    void allOrSomeOfAGraphAreAskedForByName() throws Exception {
        var graph = new Graph();
        Graph.Ref<Integer> one = graph.add("one", () -> 1);
        Future<Integer> outside = client.submit(() -> 100);
        graph.apply("all", arguments -> arguments.toString(), List.of(one, Map.of("x", outside)), Arg.value(one));
        graph.add("list", (List<Integer> all) -> all.size(), List.of(one, outside));
        graph.options("list", TaskOptions.DEFAULT.key("the-list").priority(3));

        Map<String, Future<?>> some = client.submit(graph, List.of("list", "one"));
        assertThat(some.keySet()).containsExactly("list", "one");
        assertThat(some.get("list").key()).isEqualTo("the-list");
        assertThat(client.gather(some)).isEqualTo(Map.of("list", 2, "one", 1));
        Map<String, Future<?>> all = client.with(TaskOptions.DEFAULT.retries(1)).submit(graph);
        assertThat(client.gather(all)).isEqualTo(Map.of("one", 1, "all", "[[1, {x=100}], 1]", "list", 2));
    }

    @Test
    void aLongChainIsOneMessage() throws Exception {
        var graph = new Graph();
        Graph.Ref<Integer> last = graph.add("task0", () -> 0);
        for (int i = 1; i < 5_000; i++) {
            last = graph.add("task" + i, x -> x + 1, last);
        }

        assertThat(client.compute(graph, last).get()).isEqualTo(4_999);
    }

    @Test
    void wrongGraphsAreRefusedWithTheNamesOfTheTasks() {
        var unknown = new Graph();
        Graph.Ref<Integer> needy = unknown.add("needy", x -> x, Graph.<Integer>ref("missing"));
        assertThatThrownBy(() -> client.compute(unknown, needy))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("task needy of the graph needs missing, which is not in it");
        assertThatThrownBy(() -> client.submit(unknown, List.of("other")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the graph has no task other");

        var cycle = new Graph();
        Graph.Ref<Integer> a = cycle.add("a", x -> x, Graph.<Integer>ref("b"));
        cycle.add("b", x -> x, Graph.<Integer>ref("c"));
        cycle.add("c", x -> x, Graph.<Integer>ref("b"));
        assertThatThrownBy(() -> client.compute(cycle, a))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("b needs c needs b");
        assertThatThrownBy(() -> cycle.add("a", () -> 1)).hasMessageContaining("a already");
        assertThatThrownBy(() -> client.submit(x -> x, a)).hasMessageContaining("outside of its graph");
        assertThatThrownBy(() -> client.submit(new Graph())).isInstanceOf(IllegalArgumentException.class);
    }
}
