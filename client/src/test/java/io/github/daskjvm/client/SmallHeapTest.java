package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.comm.RpcPool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Workers whose heap would not have room for what they do, if they did it any other way.
class SmallHeapTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path folder;

    private static byte[] noise(int seed, int bytes) {
        byte[] noise = new byte[bytes];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    private static long[] numbers(int count) {
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = 31L * i;
        }
        return numbers;
    }

    private static long sum(long[] numbers) {
        long sum = 0;
        for (long each : numbers) {
            sum += each;
        }
        return sum;
    }

    /// Longer than other tests do: this is much work for a busy machine.
    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long startNanos = System.nanoTime();
        while (!condition.call()) {
            assertThat(System.nanoTime() - startNanos)
                    .as(what)
                    .isLessThan(Duration.ofMinutes(1).toNanos());
            Thread.sleep(5);
        }
    }

    private static Map<?, ?> metrics(LocalCluster cluster, String address) {
        return cluster.scheduler().identity().get("workers") instanceof Map<?, ?> workers
                        && workers.get(address) instanceof Map<?, ?> worker
                        && worker.get("metrics") instanceof Map<?, ?> metrics
                ? metrics
                : Map.of();
    }

    private static long number(LocalCluster cluster, String address, String metric) {
        return metrics(cluster, address).get(metric) instanceof Number number ? number.longValue() : 0;
    }

    private static long spilled(LocalCluster cluster, String address) {
        return metrics(cluster, address).get("spilled_bytes") instanceof Map<?, ?> spilled
                        && spilled.get("memory") instanceof Number bytes
                ? bytes.longValue()
                : 0;
    }

    @Test
    void aWorkerHoldsThreeTimesItsHeapInResults() throws Exception {
        int count = 40;
        int size = 10 * MIB;
        try (LocalCluster cluster =
                        LocalCluster.builder().workers(0).threadsPerWorker(1).start();
                Client client = cluster.client();
                WorkerProcess worker = WorkerProcess.start(
                        cluster.schedulerAddress(), "small", List.of("-Xmx128m"), 128 * MIB, folder.toString())) {
            client.waitForWorkers(1, Duration.ofSeconds(60));
            String address = addresses(cluster).get("small");
            List<Integer> seeds = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                seeds.add(i);
            }
            List<Future<byte[]>> results = client.map(seed -> noise(seed, size), seeds);
            List<Future<Integer>> last = client.mapFutures(bytes -> (int) bytes[bytes.length - 1], results);

            for (int i = 0; i < count; i++) {
                byte[] expected = noise(i, size);
                assertThat(last.get(i).get(60, TimeUnit.SECONDS)).isEqualTo((int) expected[size - 1]);
                assertThat(results.get(i).get(60, TimeUnit.SECONDS)).isEqualTo(expected);
            }
            await(
                    "the scheduler knows",
                    () -> spilled(cluster, address) > 200L * MIB
                            && number(cluster, address, "managed_bytes") > (long) count * size);
            assertThat(number(cluster, address, "memory")).isBetween(1L, 128L * MIB);
            assertThat(worker.isAlive()).isTrue();
        }
        try (var left = Files.walk(folder)) {
            assertThat(left.filter(Files::isRegularFile)).as("it was killed").isNotEmpty();
        }
    }

    /// 500 MB in heaps of 640: neither end has room for them twice. The second goes on to put them on disk, and
    /// reads them from there.
    @Test
    void aResultGoesFromOneSmallHeapToAnother() throws Exception {
        int count = 62_500_000;
        long heap = 640L * MIB;
        try (LocalCluster cluster =
                        LocalCluster.builder().workers(0).threadsPerWorker(1).start();
                Client client = cluster.client();
                RpcPool pool = new RpcPool(null, Duration.ofSeconds(60));
                WorkerProcess one = WorkerProcess.start(
                        cluster.schedulerAddress(), "one", List.of("-Xmx" + heap), 0, folder.toString());
                WorkerProcess two = WorkerProcess.start(
                        cluster.schedulerAddress(), "two", List.of("-Xmx" + heap), heap, folder.toString())) {
            client.waitForWorkers(2, Duration.ofSeconds(60));
            Map<String, String> addresses = addresses(cluster);
            String source = addresses.get("one");
            String target = addresses.get("two");
            Future<long[]> numbers =
                    client.with(TaskOptions.DEFAULT.workers(source)).submit(() -> numbers(count));
            assertThat(client.with(TaskOptions.DEFAULT.workers(source))
                            .submit(SmallHeapTest::sum, numbers)
                            .get(60, TimeUnit.SECONDS))
                    .isEqualTo(31L * count * (count - 1) / 2);

            Object gathered = pool.call(
                    target,
                    Map.of("op", "gather", "who_has", Map.of(numbers.key(), List.of(source))),
                    Duration.ofSeconds(60));
            assertThat(gathered).isEqualTo(Map.of("status", "OK"));
            await("it is on disk there", () -> spilled(cluster, target) > 400L * MIB);

            assertThat(client.with(TaskOptions.DEFAULT.workers(target))
                            .submit(SmallHeapTest::sum, numbers)
                            .get(60, TimeUnit.SECONDS))
                    .isEqualTo(31L * count * (count - 1) / 2);
            assertThat(one.isAlive() && two.isAlive()).isTrue();
        }
    }

    private static Map<String, String> addresses(LocalCluster cluster) {
        Map<String, String> addresses = new HashMap<>();
        var workers = (Map<?, ?>) cluster.scheduler().identity().get("workers");
        workers.forEach((address, worker) ->
                addresses.put(String.valueOf(((Map<?, ?>) worker).get("name")), String.valueOf(address)));
        return addresses;
    }
}
