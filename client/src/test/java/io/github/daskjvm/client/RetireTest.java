package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.scheduler.SchedulerConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Workers that leave while there is much to do.
@Timeout(120)
class RetireTest {
    private static final int BYTES = 2_000;
    /// How often the task of each number ran.
    private static final Map<Integer, AtomicInteger> RUNS = new ConcurrentHashMap<>();

    private LocalCluster cluster;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        RUNS.clear();
        cluster = LocalCluster.builder()
                .workers(4)
                .threadsPerWorker(2)
                .schedulerConfig(SchedulerConfig.DEFAULT.withValidate(true))
                .start();
        client = cluster.client();
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
    }

    /// Too large to travel with the news of it.
    private static byte[] block(int number) {
        RUNS.computeIfAbsent(number, n -> new AtomicInteger()).incrementAndGet();
        var block = new byte[BYTES];
        block[0] = (byte) number;
        return block;
    }

    private static int sum(byte[] a, byte[] b) {
        return a[0] + b[0];
    }

    private List<Future<byte[]>> blocks(int from, int to) throws IOException {
        return client.map(RetireTest::block, IntStream.range(from, to).boxed().toList());
    }

    private Set<String> addresses() throws IOException {
        var addresses = new HashSet<String>();
        client.schedulerInfo().workers().forEach(worker -> addresses.add(worker.address()));
        return addresses;
    }

    @Test
    void nothingIsLostNorMadeAgainWhileSubmitsGoOn() throws Exception {
        long seed = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        List<Future<byte[]>> kept = blocks(0, 100);
        client.waitAll(kept);
        List<Future<byte[]>> copied = blocks(100, 110);
        client.waitAll(copied);
        client.replicate(copied, 2);
        List<Future<byte[]>> more = new ArrayList<>();
        List<Future<Integer>> sums = new ArrayList<>();
        List<String> left = new ArrayList<>();
        int retireAt = 1 + random.nextInt(3);
        for (int turn = 0; turn < 8; turn++) {
            more.addAll(blocks(1000 + 50 * turn, 1050 + 50 * turn));
            for (int i = 0; i < 50; i++) {
                Future<byte[]> older = kept.get(random.nextInt(kept.size()));
                sums.add(client.submit(RetireTest::sum, older, more.get(random.nextInt(more.size()))));
            }
            if (turn == retireAt || turn == retireAt + 3) {
                List<String> there = List.copyOf(addresses());
                left.addAll(client.retireWorkers(there.get(random.nextInt(there.size()))));
            }
        }

        assertThat(left).hasSize(2);
        assertThat(addresses()).hasSize(2).doesNotContainAnyElementsOf(left);
        for (Future<Integer> sum : sums) {
            sum.get();
        }
        List<byte[]> values = client.gather(kept);
        for (int i = 0; i < values.size(); i++) {
            assertThat(values.get(i)).hasSize(BYTES);
            assertThat((int) values.get(i)[0]).isEqualTo(i);
        }
        assertThat(client.gather(more)).hasSize(400);
        // Of what was there before, every result has a holder that is left, and none was made again.
        List<Future<byte[]>> all = new ArrayList<>(kept);
        all.addAll(copied);
        client.whoHas(all)
                .forEach((key, holders) ->
                        assertThat(holders).as(key).isNotEmpty().doesNotContainAnyElementsOf(left));
        for (int i = 0; i < 110; i++) {
            assertThat(RUNS.get(i)).as("runs of block %s", i).hasValue(1);
        }
    }

    @Test
    void theLastWorkerStaysWithItsData() throws Exception {
        List<Future<byte[]>> kept = blocks(0, 20);
        client.waitAll(kept);
        List<String> all = List.copyOf(addresses());

        assertThat(client.retireWorkers(all.get(0), all.get(1), all.get(2)))
                .containsExactlyInAnyOrder(all.get(0), all.get(1), all.get(2));
        assertThat(client.retireWorkers(all.get(3))).isEmpty();

        assertThat(addresses()).containsExactly(all.get(3));
        assertThat(client.gather(kept)).hasSize(20);
        assertThat(client.submit(() -> block(3)).get()).hasSize(BYTES);
    }

    @Test
    void whoIsNotThereIsPassedOver() throws Exception {
        assertThat(client.retireWorkers("tcp://127.0.0.1:1", "nobody")).isEmpty();
        assertThat(addresses()).hasSize(4);
        assertThatThrownBy(() -> client.retireWorkers())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name the workers");
    }
}
