package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.ClusterLease;
import io.github.daskjvm.client.ClusterLock;
import io.github.daskjvm.client.ClusterMultiLock;
import io.github.daskjvm.client.ClusterQueue;
import io.github.daskjvm.client.ClusterVariable;
import io.github.daskjvm.client.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A Java client and one of stock Dask that share locks, semaphores, events, queues, variables and datasets by name.
@Timeout(180)
class CoordinationWithPythonTest extends MixedFixture {
    private static final Duration LONG = Duration.ofSeconds(60);

    /// Runs a part of the script; what it shows, by name, all values of one name in a list.
    private static CompletableFuture<Map<String, List<String>>> python(String part) {
        return CompletableFuture.supplyAsync(() -> {
            try (var in = CoordinationWithPythonTest.class.getResourceAsStream("python_coordination.py")) {
                Path own = Files.createDirectories(folder.resolve(part));
                Path script = own.resolve("python_coordination.py");
                Files.write(script, in.readAllBytes());
                Map<String, List<String>> shown = new LinkedHashMap<>();
                StockDask.output(own, "python3", script.toString(), cluster.schedulerAddress(), part)
                        .lines()
                        .map(line -> line.split(" = ", 2))
                        .filter(parts -> parts.length == 2)
                        .forEach(parts -> shown.computeIfAbsent(parts[0], name -> new ArrayList<>())
                                .add(parts[1]));
                return shown;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void locksSemaphoresAndEventsAreTheSameForBoth() throws Exception {
        CompletableFuture<Map<String, List<String>>> python = python("meet");
        assertThat(client.event("python-is-here").await(LONG)).isTrue();
        ClusterLock lock = client.lock("shared-lock");
        try (ClusterLease held = lock.lock();
                ClusterLease place = client.semaphore("shared-semaphore", 2).acquire()) {
            client.event("java-holds").set();
            assertThat(client.event("python-is-done").await(LONG)).isTrue();
        }
        assertThat(client.event("python-holds").await(LONG)).isTrue();
        assertThat(lock.tryLock()).isEmpty();
        assertThat(client.semaphore("shared-semaphore", 2).held()).isEqualTo(1);
        client.event("java-has-tried").set();
        lock.lock().close();

        assertThat(python.get())
                .containsEntry("lock while Java holds it", List.of("False"))
                .containsEntry("locked", List.of("True"))
                .containsEntry("leases in use", List.of("1"))
                .containsEntry("second lease", List.of("True"))
                .containsEntry("third lease", List.of("False"))
                .containsEntry("lock afterwards", List.of("True"));
    }

    @Test
    void multiLocksAreTheSameForBoth() throws Exception {
        CompletableFuture<Map<String, List<String>>> python;
        try (ClusterMultiLock.Held held = client.multiLock("a", "b").lock()) {
            python = python("multi_locks");
            assertThat(client.event("python-was-refused").await(LONG)).isTrue();
        }
        assertThat(client.event("python-has-them").await(LONG)).isTrue();
        assertThat(client.multiLock("c", "d").tryLock()).isEmpty();
        try (ClusterMultiLock.Held held =
                client.multiLock("c", "d").tryLock(1, LONG).orElseThrow()) {
            assertThat(held.isHeld()).isTrue();
        }
        client.event("java-was-refused").set();
        client.multiLock("b", "c").lock().close();

        assertThat(python.get())
                .containsEntry("both while Java holds one", List.of("False"))
                .containsEntry("one of two", List.of("True"))
                .containsEntry("both afterwards", List.of("True"));
    }

    @Test
    void queuesAndVariablesBringDataAndFuturesToTheOther() throws Exception {
        ClusterQueue<Object> queue = client.queue("to-python");
        Future<List<Integer>> result = client.submit(() -> List.of(1, 2));
        queue.put(Map.of("a", List.of(1, 2.5)));
        queue.put(result);
        queue.put("süß");
        ClusterVariable<Object> variable = client.variable("of-java");
        variable.set(7);
        ClusterVariable<Future<List<Integer>>> future = client.variable("future-of-java");
        future.set(result);
        CompletableFuture<Map<String, List<String>>> python = python("queues");
        ClusterQueue<Object> back = client.queue("to-java");

        Map<?, ?> data = (Map<?, ?>) back.take(LONG);
        assertThat(data.get("list")).isEqualTo(Arrays.asList(1L, 2.5, null));
        assertThat(data.get("text")).isEqualTo("süß");
        assertThat(data.get("bytes")).isEqualTo(new byte[] {0});
        assertThat(((Future<?>) back.take(LONG)).get()).isEqualTo(42L);
        assertThat(client.variable("of-python").get(LONG)).isEqualTo(List.of(true, "x"));
        ClusterVariable<Future<Long>> number = client.variable("future-of-python");
        assertThat(number.get(LONG).get()).isEqualTo(2L);
        client.event("java-has-all").set();

        assertThat(python.get())
                .containsEntry("item", List.of("{'a': (1, 2.5)}", "[1, 2]", "'süß'"))
                .containsEntry("variable", List.of("7"))
                .containsEntry("future of variable", List.of("[1, 2]"));
    }

    @Test
    void datasetsOfOneAreReadByTheOther() throws Exception {
        try (Client publisher = cluster.client()) {
            Future<Integer> one = publisher.submit(() -> 1);
            Future<String> two = publisher.submit(() -> "two");
            publisher.publish(
                    "of-java",
                    Map.of(
                            "futures",
                            List.of(one, two),
                            "numbers",
                            new double[] {1.5, 2},
                            "date",
                            LocalDate.of(2024, 2, 29)));
            publisher.publish("one-of-java", one);
        }

        assertThat(python("datasets").get())
                .containsEntry("names", List.of("('of-java', 'one-of-java')"))
                .containsEntry("keys", List.of("['date', 'futures', 'numbers']"))
                .containsEntry("numbers", List.of("[1.5, 2.0]"))
                .containsEntry("date", List.of("datetime.date(2024, 2, 29)"))
                .containsEntry("results", List.of("[1, 'two']"))
                .containsEntry("single", List.of("1"));
        Map<String, Object> kept = client.dataset("of-python");
        List<Future<Long>> futures = new ArrayList<>();
        ((List<?>) kept.get("futures")).forEach(future -> futures.add(castToLong(future)));
        assertThat(client.gather(futures)).containsExactly(11L, 21L);
        assertThat(kept.get("plain")).isEqualTo(List.of(1L, "two", Set.of(3.5)));
        assertThat(castToLong(client.dataset("one-of-python")).get()).isEqualTo(3L);
        Future<Object> slice = client.dataset("unreadable-result");
        assertThatThrownBy(slice::get).rootCause().hasMessageContaining("builtins.slice of Python has no");
        assertThatThrownBy(() -> client.dataset("unreadable"))
                .hasMessageContaining("the dataset unreadable can not be read in Java")
                .hasMessageContaining("builtins.slice of Python has no counterpart");
    }

    @SuppressWarnings("unchecked")
    private static Future<Long> castToLong(Object future) {
        return (Future<Long>) future;
    }
}
