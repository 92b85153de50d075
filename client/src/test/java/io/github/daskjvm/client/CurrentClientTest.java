package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.scheduler.SchedulerConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Tasks that submit tasks and wait for them, on a worker that runs one at a time.
@Timeout(60)
class CurrentClientTest {
    private static LocalCluster cluster;
    private static Client client;

    @BeforeAll
    static void start() throws Exception {
        cluster = LocalCluster.builder()
                .workers(1)
                .threadsPerWorker(1)
                .schedulerConfig(SchedulerConfig.DEFAULT.withValidate(true))
                .start();
        client = cluster.client();
    }

    @AfterAll
    static void close() {
        cluster.close();
    }

    static int fibonacci(int n) throws Exception {
        if (n < 2) {
            return n;
        }
        Client here = Client.current();
        Future<Integer> one = here.submit(() -> fibonacci(n - 1));
        Future<Integer> other = here.submit(() -> fibonacci(n - 2));
        return one.get() + other.get();
    }

    @Test
    void fibonacciByTasksNeedsNoMoreThanOneThread() throws Exception {
        assertThat(client.submit(() -> fibonacci(9)).get(60, TimeUnit.SECONDS)).isEqualTo(34);
    }

    @Test
    void aTaskGathersWhatItSubmits() throws Exception {
        Future<Integer> sum = client.submit(() -> {
            Client here = Client.current();
            List<Future<Integer>> squares = here.map(x -> x * x, List.of(1, 2, 3));
            return here.gather(squares).stream().mapToInt(x -> x).sum();
        });

        assertThat(sum.get(60, TimeUnit.SECONDS)).isEqualTo(14);
    }

    @Test
    void aTaskTakesWhatItSubmitsAsItIsDone() throws Exception {
        Future<Integer> sum = client.submit(() -> {
            Client here = Client.current();
            int total = 0;
            for (Future<Integer> done : here.asCompleted(here.map(x -> x * x, List.of(1, 2, 3)))) {
                total += done.get();
            }
            return total
                    + here.waitAny(here.map(x -> x, List.of(4)))
                            .done()
                            .getFirst()
                            .get();
        });

        assertThat(sum.get(60, TimeUnit.SECONDS)).isEqualTo(18);
    }

    @Test
    void aTaskThatWaitsForAnotherByAQueueLeavesItsPlaceToIt() throws Exception {
        Future<Object> consumer =
                client.submit(() -> Client.current().queue("handed over").take());
        Future<String> producer = client.submit(() -> {
            Client.current().queue("handed over").put("parcel");
            return "sent";
        });

        assertThat(consumer.get(60, TimeUnit.SECONDS)).isEqualTo("parcel");
        assertThat(producer.get(60, TimeUnit.SECONDS)).isEqualTo("sent");
    }

    @Test
    void tasksOfAWorkerShareOneClientWhichIsClosedWithIt() throws Exception {
        try (LocalCluster own =
                        LocalCluster.builder().workers(1).threadsPerWorker(1).start();
                Client outside = own.client()) {
            List<String> ids = outside.gather(outside.map(
                    i -> {
                        try (Client here = Client.current()) {
                            return here.id();
                        }
                    },
                    List.of(1, 2, 3)));

            assertThat(ids).doesNotContain(outside.id());
            assertThat(ids.get(0)).isEqualTo(ids.get(1)).isEqualTo(ids.get(2));
            Await.until("two are there", () -> own.scheduler().snapshot().clients() == 2);
            own.workers().getFirst().close();
            Await.until("its client has left", () -> own.scheduler().snapshot().clients() == 1);
        }
    }

    @Test
    void whatATaskSubmitsFailsWhereItIsWaitedFor() {
        Future<Integer> outer = client.submit(() -> {
            Future<Integer> inner = Client.current().submit(() -> Integer.parseInt("none"));
            return inner.get();
        });

        assertThatThrownBy(() -> outer.get(60, TimeUnit.SECONDS))
                .isInstanceOf(TaskFailedException.class)
                .rootCause()
                .isInstanceOf(NumberFormatException.class);
    }

    @Test
    void thereIsNoCurrentClientOutsideATask() {
        assertThatThrownBy(Client::current)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not running a task");
    }

    @Test
    void aTaskThatIsCancelledWhileItWaitsTakesNothing() throws Exception {
        ClusterQueue<String> queue = client.queue("cancelled");
        Future<Object> waiting = client.submit(() -> {
            Gates.open("about to wait");
            return Client.current().queue("cancelled").take();
        });
        Gates.pass("about to wait", true);
        Await.until("it has left its place", () -> client.submit(() -> 1).get() == 1);
        waiting.cancel(true);

        Await.until(
                "its task has ended",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().startsWith("task-") && isIn(thread, "ClusterQueue")));
        queue.put("parcel");

        assertThat(queue.take()).isEqualTo("parcel");
    }

    private static boolean isIn(Thread thread, String simpleName) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().endsWith("." + simpleName));
    }

    @Test
    void tasksOnVirtualThreadsWaitByTheThousand() throws Exception {
        int tasks = 2000;
        try (LocalCluster own = LocalCluster.builder()
                        .workers(1)
                        .threadsPerWorker(tasks)
                        .virtualThreads(true)
                        .start();
                Client outside = own.client()) {
            var started = new CountDownLatch(tasks);
            Gates.latch("all have started", started);
            List<Integer> numbers = new ArrayList<>();
            for (int i = 0; i < tasks; i++) {
                numbers.add(i);
            }
            List<Future<Boolean>> all = outside.map(
                    i -> {
                        Gates.countDown("all have started");
                        return Gates.pass(
                                "virtual go on", Thread.currentThread().isVirtual());
                    },
                    numbers);
            assertThat(started.await(50, TimeUnit.SECONDS)).isTrue();
            Gates.open("virtual go on");

            assertThat(outside.gather(all)).doesNotContain(false);
            assertThat(outside.submit(() -> fibonacci(8)).get(50, TimeUnit.SECONDS))
                    .isEqualTo(21);
        }
    }

    @Test
    void thousandsOfVirtualThreadsSubmitAndGet() throws Exception {
        int threads = 3000;
        List<Thread> all = new ArrayList<>();
        int[] results = new int[threads];
        for (int i = 0; i < threads; i++) {
            int number = i;
            all.add(Thread.startVirtualThread(() -> {
                try (Future<Integer> future = client.submit(() -> number + 1)) {
                    results[number] = future.get(60, TimeUnit.SECONDS);
                } catch (Exception e) {
                    results[number] = -1;
                }
            }));
        }
        for (Thread thread : all) {
            thread.join();
        }

        for (int i = 0; i < threads; i++) {
            assertThat(results[i]).isEqualTo(i + 1);
        }
    }
}
