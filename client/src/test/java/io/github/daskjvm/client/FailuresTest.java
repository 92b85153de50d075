package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a client is told when something goes wrong, and what it does then.
@Timeout(60)
class FailuresTest {
    private static int throwsDeepInside() throws IOException {
        throw new IOException("boom");
    }

    @Test
    void aFailureNamesTaskFunctionWorkerAndWhatWasThrownThere() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(1).start();
                Client client = cluster.client()) {
            Future<Integer> failing = client.submit(FailuresTest::throwsDeepInside);
            Future<Integer> next = failing.thenApply(x -> x + 1);

            var failure = catchThrowableOfType(TaskFailedException.class, next::get);

            assertThat(failure.key()).isEqualTo(next.key());
            assertThat(failure.failedKey()).isEqualTo(failing.key());
            assertThat(failure.function()).isEqualTo("throwsDeepInside");
            assertThat(failure.worker()).contains(cluster.workers().getFirst().address());
            assertThat(failure.remoteClassName()).isEqualTo("java.io.IOException");
            assertThat(failure.remoteMessage()).isEqualTo("boom");
            assertThat(failure.remoteStackTrace())
                    .contains("at io.github.daskjvm.client.FailuresTest.throwsDeepInside");
            assertThat(failure).hasCauseInstanceOf(IOException.class).hasMessageContaining(failing.key());
        }
    }

    @Test
    void aCancelledTaskSaysWhichAndWhy() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(0).start();
                Client client = cluster.client()) {
            Future<Integer> future = client.submit(() -> 1);
            future.cancel(true);

            var cancelled = catchThrowableOfType(TaskCancelledException.class, future::get);
            assertThat(cancelled.key()).isEqualTo(future.key());
            assertThat(cancelled).hasMessageContaining("cancelled by this client");
        }
    }

    @Test
    void whatIsSubmittedWhileTheSchedulerIsAwayRunsOnceItIsBack() throws Exception {
        LocalCluster first = LocalCluster.builder().workers(1).start();
        String address = first.schedulerAddress();
        try (Client client = Client.connect(address, ClientOptions.DEFAULT.timeout(Duration.ofSeconds(60)))) {
            Future<Integer> done = client.submit(() -> 1);
            assertThat(done.get()).isEqualTo(1);
            first.close();
            Await.until("the client has noticed", done::isCancelled);
            assertThat(catchThrowableOfType(SchedulerLostException.class, done::get)
                            .key())
                    .contains(done.key());
            var submitted = CompletableFuture.supplyAsync(() -> client.submit(() -> 2));

            try (LocalCluster second = Restart.at(Restart.port(first))) {
                assertThat(submitted.get(60, TimeUnit.SECONDS).get()).isEqualTo(2);
                assertThat(second.schedulerAddress()).isEqualTo(address);
            }
        }
    }

    @Test
    void afterTheDeadlineEveryFutureAndEverySubmissionFails() throws Exception {
        LocalCluster cluster = LocalCluster.builder().workers(0).start();
        try (Client client =
                Client.connect(cluster.schedulerAddress(), ClientOptions.DEFAULT.timeout(Duration.ofMillis(300)))) {
            Future<Integer> pending = client.submit(() -> 1);
            cluster.close();

            assertThatThrownBy(pending::get)
                    .isInstanceOf(SchedulerLostException.class)
                    .hasMessageContaining(cluster.schedulerAddress());
            // Waits for the scheduler until the deadline.
            assertThatThrownBy(() -> client.submit(() -> 2))
                    .isInstanceOf(SchedulerLostException.class)
                    .hasMessageContaining("the scheduler is gone");
        }
    }

    @Test
    void aClientThatIsClosedWhileItLooksForItsSchedulerLeavesNoThread() throws Exception {
        LocalCluster cluster = LocalCluster.builder().workers(0).start();
        Client client = Client.connect(cluster.schedulerAddress());
        Future<Integer> pending = client.submit(() -> 1);
        cluster.close();
        Await.until("the client has noticed", pending::isCancelled);

        client.close();

        Await.untilEmpty("threads of the client", () -> {
            var names = new ArrayList<>(LocalClusterTest.clusterThreads());
            names.removeIf(name -> !name.contains(client.id()));
            return names;
        });
        assertThatThrownBy(() -> client.submit(() -> 2)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aClosedClientLeavesNoThreadNoConnectionAndNoTask() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(2).start()) {
            Client client = cluster.client();
            List<Future<Integer>> futures = client.map(x -> x, List.of(1, 2, 3));
            Progress progress = Progress.listen(futures, Duration.ofMillis(1), step -> {});
            assertThat(client.gather(futures)).containsExactly(1, 2, 3);
            Future<Integer> waiting =
                    client.with(TaskOptions.DEFAULT.resource("none", 1)).submit(() -> 1);
            assertThat(LocalClusterTest.clusterThreads()).anyMatch(name -> name.contains(client.id()));

            client.close();

            assertThat(waiting.isCancelled()).isTrue();
            progress.close();
            Await.untilEmpty("threads of the client", () -> {
                var names = new ArrayList<>(LocalClusterTest.clusterThreads());
                names.removeIf(name -> !name.contains(client.id()) && !name.startsWith("fetch"));
                return names;
            });
            Await.until(
                    "the scheduler knows neither client nor tasks",
                    () -> cluster.scheduler().snapshot().clients() == 0
                            && cluster.scheduler().snapshot().knownTasks() == 0);
        }
    }
}
