package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.protocol.JavaCall;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.KeyReference;
import io.github.daskjvm.worker.task.RemoteTaskException;
import io.github.daskjvm.worker.task.TaskCall;
import io.github.daskjvm.worker.task.TaskFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the client says and understands, against a scheduler and a worker that do as they are told.
@Timeout(30)
class ClientProtocolTest {
    private static final ClassLoader LOADER = ClientProtocolTest.class.getClassLoader();

    @Test
    void aTaskTravelsWithItsKeyItsCallAndTheKeysItNeeds() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            assertThat(scheduler.next("register-client").get("client")).isEqualTo(client.id());
            Future<Integer> one = client.submit(() -> 1);
            Future<Integer> sum = client.submit((a, b) -> a + b, one, Arg.value(41));

            Map<Object, Object> first = task(scheduler.next("update-graph"));
            Map<Object, Object> message = scheduler.next("update-graph");
            Map<Object, Object> second = task(message);
            assertThat(first.get("key")).isEqualTo(one.key());
            assertThat(second.get("dependencies")).isEqualTo(List.of(one.key()));
            assertThat(second).doesNotContainKey("retries");
            byte[] function = (byte[]) ((List<?>) message.get("functions")).getFirst();
            TaskCall call =
                    TaskCall.read(JavaCall.payload(List.of(function, (byte[]) second.get("arguments"))), LOADER);
            assertThat(call.arguments()).hasSize(2);
            assertThat(((KeyReference) call.arguments().getFirst()).key().value())
                    .isEqualTo(one.key());
            assertThat(TaskCall.invoke(
                            call.function(), List.of(1, call.arguments().getLast())))
                    .isEqualTo(42);
        }
    }

    @Test
    void tasksOfAMapHaveOneFunctionAndLargeArgumentsAreFrames() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            client.map(Object::hashCode, List.of("a", new byte[10_000], "c"));

            Map<Object, Object> message = scheduler.next("update-graph");
            assertThat((List<?>) message.get("functions")).hasSize(1);
            assertThat(message).doesNotContainKey("keys");
            List<?> tasks = (List<?>) message.get("tasks");
            assertThat(ScriptedPeers.map(tasks.get(0))).containsEntry("function", 0L);
            assertThat(ScriptedPeers.map(tasks.get(1)).get("run_spec")).isInstanceOf(Payload.class);
            assertThat(ScriptedPeers.map(tasks.get(2))).containsEntry("function", 0L);
        }
    }

    @Test
    void optionsTravelUnderDasksNames() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            TaskOptions options = TaskOptions.DEFAULT
                    .key("mine")
                    .priority(2.5)
                    .retries(3)
                    .workers("a", "b")
                    .allowOtherWorkers(true)
                    .resource("GPU", 1)
                    .resource("RAM", 1e9);

            assertThat(client.with(options).submit(() -> 1).key()).isEqualTo("mine");

            Map<Object, Object> task = task(scheduler.next("update-graph"));
            assertThat(task.get("priority")).isEqualTo(2.5);
            assertThat(task.get("retries")).isEqualTo(3L);
            assertThat(task.get("workers")).isEqualTo(List.of("a", "b"));
            assertThat(task.get("allow_other_workers")).isEqualTo(true);
            assertThat(task.get("resources")).isEqualTo(Map.of("GPU", 1.0, "RAM", 1e9));
        }
    }

    @Test
    void aMapIsOneMessageWhoseTasksShareTheFunction() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            List<Integer> values = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                values.add(i);
            }

            List<Future<Integer>> squares = client.map(x -> x * x, values);

            List<?> tasks = (List<?>) scheduler.next("update-graph").get("tasks");
            assertThat(tasks).hasSize(500);
            Set<Object> keys = new HashSet<>();
            for (Object task : tasks) {
                keys.add(((Map<?, ?>) task).get("key"));
            }
            assertThat(keys).hasSize(500).contains(squares.getFirst().key());
        }
    }

    @Test
    void aLongMapIsCutIntoMessagesOfABoundedNumberOfTasks() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            List<Integer> values = new ArrayList<>();
            for (int i = 0; i < 25_000; i++) {
                values.add(i);
            }
            List<Future<Integer>> held = client.map(x -> x, values);

            int seen = 0;
            while (seen < 25_000) {
                int tasks = ((List<?>) scheduler.next("update-graph").get("tasks")).size();
                assertThat(tasks).isBetween(1, 10_000);
                seen += tasks;
            }
            assertThat(held).hasSize(25_000);
        }
    }

    @Test
    void pureTasksOfTheSameCallShareOneKeyAndAreSentOnce() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            TaskSubmitter pure = client.with(TaskOptions.DEFAULT.pure(true));
            List<Future<Integer>> futures = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                futures.add(pure.submit(Math::abs, Arg.value(-7)));
            }
            futures.add(pure.submit(Math::abs, Arg.value(-8)));

            assertThat(futures.get(0).key()).isEqualTo(futures.get(1).key()).startsWith("abs-");
            assertThat(futures.get(2).key()).isNotEqualTo(futures.get(0).key());
            task(scheduler.next("update-graph"));
            assertThat(task(scheduler.next("update-graph")).get("key"))
                    .isEqualTo(futures.get(2).key());
        }
    }

    @Test
    void theLastFutureOfAKeyThatIsClosedReleasesIt() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            Future<Integer> kept = client.future("shared");
            Future<Integer> closed = client.future("shared");
            Future<Integer> other = client.future("other");
            closed.close();
            closed.close();
            other.close();

            assertThat(scheduler.next("client-releases-keys").get("keys")).isEqualTo(List.of("other"));
            kept.close();
            assertThat(scheduler.next("client-releases-keys").get("keys")).isEqualTo(List.of("shared"));
        }
    }

    @Test
    void futuresThatAreGarbageCollectedAreReleased() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            submitAndForget(client);
            scheduler.next("update-graph");
            while (scheduler.pending().stream().noneMatch(m -> m.get("op").equals("client-releases-keys"))) {
                System.gc();
                TimeUnit.MILLISECONDS.sleep(10);
            }
        }
    }

    private static void submitAndForget(Client client) {
        var unused = client.submit(() -> 1);
    }

    @Test
    void aKeyThatIsAskedForAgainIsReleasedBeforeThat() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            TaskSubmitter named = client.with(TaskOptions.DEFAULT.key("again"));
            named.submit(() -> 1).close();
            Future<Integer> second = named.submit(() -> 2);

            assertThat(second.status()).isEqualTo(FutureStatus.PENDING);
            scheduler.next("update-graph");
            scheduler.next("client-releases-keys");
            scheduler.next("update-graph");
            assertThat(scheduler.pending()).isEmpty();
        }
    }

    @Test
    void aResultIsFetchedFromTheWorkerInThreeSteps() throws Exception {
        var finished = new CompletableFuture<Object>();
        try (var worker = ScriptedPeers.worker()
                        .on("get_data", (request, connection) -> {
                            connection.write(
                                    Map.of("status", "OK", "data", Map.of("k", JavaCodec.payload("from the worker"))));
                            finished.complete(connection.read());
                            return io.github.daskjvm.comm.RpcHandler.TAKEN;
                        })
                        .start();
                var scheduler = ScriptedPeers.scheduler()
                        .on("who_has", (request, connection) -> Map.of("k", List.of(worker.address())))
                        .start();
                Client client = Client.connect(scheduler.address())) {
            Future<String> future = client.future("k");
            scheduler.tell(Map.of("op", "key-in-memory", "key", "k"));

            assertThat(future.get()).isEqualTo("from the worker");
            assertThat(finished.get()).isEqualTo("OK");
        }
    }

    @Test
    void aBusyWorkerIsAskedAgain() throws Exception {
        var asked = new AtomicInteger();
        try (var worker = ScriptedPeers.worker()
                        .on("get_data", (request, connection) -> {
                            if (asked.incrementAndGet() < 3) {
                                return Map.of("status", "busy");
                            }
                            connection.write(Map.of("status", "OK", "data", Map.of("k", JavaCodec.payload(1))));
                            connection.read();
                            return io.github.daskjvm.comm.RpcHandler.TAKEN;
                        })
                        .start();
                var scheduler = ScriptedPeers.scheduler()
                        .on("who_has", (request, connection) -> Map.of("k", List.of(worker.address())))
                        .start();
                Client client = Client.connect(scheduler.address())) {
            Future<Integer> future = client.future("k");
            scheduler.tell(Map.of("op", "key-in-memory", "key", "k"));

            assertThat(future.get()).isEqualTo(1);
            assertThat(asked).hasValue(3);
        }
    }

    @Test
    void aWorkerThatCannotBeReachedIsAskedThroughTheScheduler() throws Exception {
        var gone = ScriptedPeers.worker().start();
        gone.close();
        try (var scheduler = ScriptedPeers.scheduler()
                        .on("who_has", (request, connection) -> Map.of("k", List.of(gone.address())))
                        .on(
                                "gather",
                                (request, connection) ->
                                        Map.of("status", "OK", "data", Map.of("k", JavaCodec.payload("by the way"))))
                        .start();
                Client client = Client.connect(scheduler.address())) {
            Future<String> future = client.future("k");
            scheduler.tell(Map.of("op", "key-in-memory", "key", "k"));

            assertThat(future.get()).isEqualTo("by the way");
        }
    }

    @Test
    void aResultThatNobodyHasIsAskedForAgainAndAwaited() throws Exception {
        var lost = new AtomicInteger();
        try (var scheduler = ScriptedPeers.scheduler()
                        .on("who_has", (request, connection) -> Map.of("k", List.of()))
                        .on(
                                "gather",
                                (request, connection) -> lost.incrementAndGet() == 1
                                        ? Map.of("status", "error", "keys", List.of("k"))
                                        : Map.of("status", "OK", "data", Map.of("k", JavaCodec.payload("anew"))))
                        .start();
                Client client = Client.connect(scheduler.address())) {
            Future<String> future = client.future("k");
            scheduler.tell(Map.of("op", "key-in-memory", "key", "k"));
            CompletableFuture<String> result = future.toCompletableFuture();

            assertThat(scheduler.next("report-key").get("key")).isEqualTo("k");
            assertThat(future.status()).isEqualTo(FutureStatus.LOST);
            assertThat(result).isNotDone();
            scheduler.tell(Map.of("op", "key-in-memory", "key", "k"));
            assertThat(result.get()).isEqualTo("anew");
        }
    }

    @Test
    void oneKeyThatNobodyHasDoesNotKeepTheOthersBack() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler()
                        .on("who_has", (request, connection) -> Map.of())
                        .on(
                                "gather",
                                (request, connection) -> request.list("keys").contains("lost")
                                        ? Map.of("status", "error", "keys", List.of("lost"))
                                        : Map.of("status", "OK", "data", Map.of("held", JavaCodec.payload("here"))))
                        .start();
                Client client = Client.connect(scheduler.address())) {
            Future<String> lost = client.future("lost");
            Future<String> held = client.future("held");
            scheduler.tell(Map.of("op", "key-in-memory", "key", "lost"));
            scheduler.tell(Map.of("op", "key-in-memory", "key", "held"));

            CompletableFuture<String> both = lost.toCompletableFuture();
            assertThat(held.get()).isEqualTo("here");
            assertThat(both).isNotDone();
        }
    }

    @Test
    void anExceptionComesWithItsKeyAndItsOwnStackTrace() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            Future<String> future = client.future("k");
            scheduler.tell(Map.of(
                    "op",
                    "task-erred",
                    "key",
                    "k",
                    "exception",
                    TaskFailure.pickle(new ArithmeticException("no"), "tcp://w:1")));

            assertThatThrownBy(future::get)
                    .isInstanceOf(TaskFailedException.class)
                    .hasMessageContaining("task k on tcp://w:1")
                    .cause()
                    .isInstanceOf(ArithmeticException.class)
                    .hasMessage("no");
            assertThat(future.exceptionNow()).isInstanceOf(ArithmeticException.class);
            assertThat(future.state()).isEqualTo(java.util.concurrent.Future.State.FAILED);
        }
    }

    @Test
    void anExceptionOfPythonIsOneOfItsText() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            Future<String> future = client.future("k");
            scheduler.tell(Map.of(
                    "op",
                    "task-erred",
                    "key",
                    "k",
                    "exception",
                    new byte[] {1, 2, 3},
                    "exception_text",
                    "ValueError('x')"));

            assertThatThrownBy(future::get)
                    .cause()
                    .isInstanceOf(RemoteTaskException.class)
                    .hasMessage("ValueError('x')");
        }
    }

    @Test
    void whatTheSchedulerCancelsThrowsCancellation() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            Future<String> a = client.future("a");
            Future<String> b = client.future("b");
            scheduler.tell(Map.of("op", "cancelled-keys", "keys", List.of("a", "unknown")));
            assertThatThrownBy(a::get).isInstanceOf(CancellationException.class);
            assertThat(b.isDone()).isFalse();
            scheduler.tell(Map.of("op", "restart"));
            assertThatThrownBy(b::get).isInstanceOf(CancellationException.class).hasMessageContaining("restart");
        }
    }

    @Test
    void waitingEndsAtTheTimeoutAndSaysWhatItWaitedFor() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            Future<String> future = client.future("slow");

            assertThatThrownBy(() -> future.get(20, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class)
                    .hasMessageContaining("slow");
            assertThatThrownBy(() -> client.gather(List.of(future), Duration.ofMillis(20)))
                    .isInstanceOf(TimeoutException.class);
        }
    }

    @Test
    void aTaskThatCannotBeSentSaysWhatIsWrongWithIt() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address());
                Client second = Client.connect(scheduler.address())) {
            Object lock = new Object();
            assertThatThrownBy(() -> client.submit(() -> lock.hashCode()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("java.lang.Object, which is not Serializable");
            Future<Integer> future = client.submit(() -> 1);
            assertThatThrownBy(() -> client.submit(() -> future.get()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("give it as an argument");
            assertThatThrownBy(() -> second.submit(x -> x, future))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("another client");
            future.close();
            assertThatThrownBy(() -> client.submit(x -> x, future))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void aTaskOfAStageIsSentOnceTheStageIsComplete() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            var stage = new CompletableFuture<String>();
            Future<String> value = client.fromCompletionStage(stage);
            Future<Integer> length = client.submit(String::length, value);
            Future<Integer> twice = client.submit(x -> 2 * x, length);
            assertThat(scheduler.pending()).noneMatch(m -> m.get("op").equals("update-graph"));

            stage.complete("text");

            List<?> tasks = (List<?>) scheduler.next("update-graph").get("tasks");
            assertThat(tasks)
                    .<Object>extracting(t -> ((Map<?, ?>) t).get("key"))
                    .containsExactly((Object) value.key(), length.key(), twice.key());
        }
    }

    @Test
    void aStageThatFailsFailsWhatNeedsIt() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler().start();
                Client client = Client.connect(scheduler.address())) {
            var stage = new CompletableFuture<String>();
            Future<Integer> length = client.submit(String::length, client.fromCompletionStage(stage));
            stage.thenApply(x -> x);
            stage.completeExceptionally(new IOException("no text"));
            Future<Integer> late = client.submit(String::length, client.fromCompletionStage(stage));

            assertThatThrownBy(length::get)
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessage("no text");
            assertThatThrownBy(late::get)
                    .cause()
                    .isInstanceOf(IOException.class)
                    .hasMessage("no text");
        }
    }

    @Test
    void whatTheSchedulerRefusesIsAnIOException() throws Exception {
        try (var scheduler = ScriptedPeers.scheduler()
                        .on("scatter", (request, connection) -> {
                            throw RpcFailure.python("asyncio.exceptions", "TimeoutError", "No valid workers found");
                        })
                        .start();
                Client client = Client.connect(scheduler.address())) {
            assertThatThrownBy(() -> client.scatter(1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("No valid workers found");
        }
    }

    private static Map<Object, Object> task(Map<Object, Object> updateGraph) {
        List<?> tasks = (List<?>) updateGraph.get("tasks");
        assertThat(tasks).hasSize(1);
        assertThat(updateGraph.get("runtime")).isEqualTo("jvm");
        return ScriptedPeers.map(tasks.getFirst());
    }
}
