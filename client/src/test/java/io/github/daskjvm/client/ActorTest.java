package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.worker.actor.ActorException;
import io.github.daskjvm.worker.actor.ActorLostException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Objects that stay on a worker, called from clients, from tasks, and from each other.
@Timeout(60)
class ActorTest {
    private static LocalCluster cluster;
    private static Client client;

    /// With methods of all the kinds that there are.
    public interface Counter {
        int add(int amount);

        long add(long amount, String why);

        CompletableFuture<Integer> addLater(int amount);

        /// Done when [#open] is called.
        CompletionStage<String> whenOpen();

        void open(String by);

        List<Integer> seen();

        void fail() throws IOException;

        int undeclared();

        String thread();

        Object unsendable();

        long process();
    }

    static final class CounterImpl implements Counter, AutoCloseable {
        private final List<Integer> seen = new ArrayList<>();
        private final CompletableFuture<String> opened = new CompletableFuture<>();
        private final String gate;
        private int total;
        private boolean busy;

        CounterImpl() {
            this("none");
        }

        CounterImpl(String gate) {
            this.gate = gate;
        }

        @Override
        public int add(int amount) {
            if (busy) {
                throw new IllegalStateException("two calls at once");
            }
            busy = true;
            Thread.yield();
            total += amount;
            seen.add(amount);
            busy = false;
            return total;
        }

        @Override
        public long add(long amount, String why) {
            return amount + why.length();
        }

        @Override
        public CompletableFuture<Integer> addLater(int amount) {
            return CompletableFuture.completedFuture(add(amount));
        }

        @Override
        public CompletionStage<String> whenOpen() {
            return opened;
        }

        @Override
        public void open(String by) {
            opened.complete("opened by " + by);
        }

        @Override
        public List<Integer> seen() {
            return seen;
        }

        @Override
        public void fail() throws IOException {
            throw new IOException("on purpose");
        }

        @Override
        public int undeclared() {
            throw CounterImpl.<RuntimeException>sneaky(new InterruptedException("not declared"));
        }

        @SuppressWarnings("unchecked")
        private static <E extends Throwable> RuntimeException sneaky(Throwable thrown) throws E {
            throw (E) thrown;
        }

        @Override
        public String thread() {
            return Thread.currentThread().getName();
        }

        @Override
        public Object unsendable() {
            return new Object();
        }

        @Override
        public long process() {
            return ProcessHandle.current().pid();
        }

        @Override
        public void close() {
            Gates.open(gate);
        }
    }

    /// Calls another actor.
    public interface Relay {
        int forward(Counter counter, int amount);

        int viaTask(int x) throws Exception;
    }

    static final class RelayImpl implements Relay {
        @Override
        public int forward(Counter counter, int amount) {
            return counter.add(amount);
        }

        @Override
        public int viaTask(int x) throws Exception {
            try (Future<Integer> future = Client.current().submit(() -> x * 2)) {
                return future.get();
            }
        }
    }

    @BeforeAll
    static void start() throws Exception {
        cluster = LocalCluster.builder()
                .workers(2)
                .threadsPerWorker(1)
                .schedulerConfig(SchedulerConfig.DEFAULT.withValidate(true))
                .start();
        client = cluster.client();
    }

    @AfterAll
    static void close() {
        cluster.close();
    }

    @Test
    void anActorKeepsItsStateBetweenCalls() {
        Counter counter = client.actor(Counter.class, CounterImpl::new);

        assertThat(counter.add(1)).isEqualTo(1);
        assertThat(counter.add(10)).isEqualTo(11);
        assertThat(counter.add(5L, "abc")).isEqualTo(8);
        assertThat(counter.seen()).containsExactly(1, 10);
        assertThat(counter.thread()).startsWith("actor-");
        assertThat(counter.toString()).startsWith("Actor[Counter, Counter-");
        assertThat(counter).isEqualTo(counter).isNotEqualTo(client.actor(Counter.class, CounterImpl::new));
    }

    @Test
    void callsOfOneCallerAreDoneInTheirOrderAndNoneBesideAnother() throws Exception {
        Counter counter = client.actor(Counter.class, CounterImpl::new);
        List<Integer> sent = new ArrayList<>();
        CompletableFuture<Integer> last = CompletableFuture.completedFuture(0);
        for (int i = 0; i < 2000; i++) {
            sent.add(i);
            last = counter.addLater(i);
        }

        assertThat(last.get()).isEqualTo(1999 * 2000 / 2);
        assertThat(counter.seen()).isEqualTo(sent);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                for (int j = 0; j < 20; j++) {
                    counter.add(1);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(counter.add(0)).isEqualTo(1999 * 2000 / 2 + 400);
    }

    @Test
    void aStageThatAMethodReturnsHoldsUpNoOtherCall() throws Exception {
        Counter counter = client.actor(Counter.class, CounterImpl::new);

        CompletionStage<String> opened = counter.whenOpen();
        counter.open("me");

        assertThat(opened.toCompletableFuture().get()).isEqualTo("opened by me");
    }

    @Test
    void exceptionsComeWithTypeAndBothStackTraces() {
        Counter counter = client.actor(Counter.class, CounterImpl::new);

        assertThatThrownBy(counter::fail)
                .isInstanceOf(IOException.class)
                .hasMessage("on purpose")
                .satisfies(e -> {
                    assertThat(e.getStackTrace()[0].getClassName()).isEqualTo(CounterImpl.class.getName());
                    assertThat(e.getSuppressed()[0])
                            .isInstanceOf(ActorException.class)
                            .hasMessageContaining("fail of Counter, actor Counter-")
                            .hasMessageContaining(" was called here");
                });
        assertThatThrownBy(counter::undeclared)
                .isInstanceOf(ActorException.class)
                .hasCauseInstanceOf(InterruptedException.class);
        assertThatThrownBy(counter::unsendable).hasMessageContaining("java.lang.Object, which is not Serializable");
        assertThat(counter.add(1)).isEqualTo(1);
    }

    @Test
    void anActorThatCanNotBeMadeSaysWhy() {
        Counter counter = client.actor(Counter.class, () -> {
            Integer.parseInt("none");
            return new CounterImpl();
        });

        assertThatThrownBy(() -> counter.add(1))
                .isInstanceOf(ActorException.class)
                .hasMessageContaining("could not be made")
                .hasCauseInstanceOf(NumberFormatException.class);
        assertThatThrownBy(() -> client.actor(CounterImpl.class, CounterImpl::new))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is called by an interface");
    }

    @Test
    void tasksCallAnActorThatIsTheirArgumentOrThatTheyCapture() throws Exception {
        Counter counter = client.actor(Counter.class, CounterImpl::new);
        Future<String> amount = client.submit(() -> "ab");
        List<Future<Integer>> all = new ArrayList<>();
        for (var worker : cluster.workers()) {
            TaskOptions there = TaskOptions.DEFAULT.workers(worker.address());
            all.add(client.with(there).submit((c, text) -> c.add(text.length()), Arg.value(counter), amount));
            all.add(client.with(there).submit(() -> counter.add(100)));
        }

        client.gather(all);
        assertThat(counter.add(0)).isEqualTo(204);
        assertThat(client.submit(c -> ActorHandle.of(c).worker(), Arg.value(counter))
                        .get())
                .isEqualTo(ActorHandle.of(counter).worker());
    }

    @Test
    void actorsCallActorsAndSubmitTasks() throws Exception {
        Counter counter = client.actor(Counter.class, CounterImpl::new);
        Relay relay = client.actor(Relay.class, RelayImpl::new);

        assertThat(relay.forward(counter, 7)).isEqualTo(7);
        assertThat(relay.viaTask(21)).isEqualTo(42);
    }

    @Test
    void anActorIsDroppedAndClosedWithItsLastFuture() throws Exception {
        Counter counter = client.actor(Counter.class, text -> new CounterImpl(text), Arg.value("dropped actor"));
        Counter other;
        try (Client second = cluster.client()) {
            counter.add(1);
            ClusterVariable<Future<?>> variable = client.variable("an actor");
            variable.set(ActorHandle.of(counter).future());
            ClusterVariable<Future<?>> seen = second.variable("an actor");
            other = second.actorOf(Counter.class, seen.get());
            variable.delete();
            ActorHandle.of(counter).close();
            assertThat(other.add(1)).isEqualTo(2);
        }

        Gates.pass("dropped actor", true);
        Counter gone = counter;
        assertThatThrownBy(() -> gone.add(1)).isInstanceOf(ActorLostException.class);
    }

    @Test
    void actorsAreSpreadAndStayWhereTheyAre() throws Exception {
        List<Counter> counters = new ArrayList<>();
        List<String> places = new ArrayList<>();
        try (LocalCluster own = LocalCluster.builder()
                        .workers(2)
                        .threadsPerWorker(1)
                        .schedulerConfig(SchedulerConfig.DEFAULT.withValidate(true))
                        .start();
                Client outside = own.client()) {
            for (int i = 0; i < 4; i++) {
                Counter counter = outside.actor(Counter.class, CounterImpl::new);
                counters.add(counter);
                places.add(ActorHandle.of(counter).worker());
            }
            for (var worker : own.workers()) {
                assertThat(places).filteredOn(worker.address()::equals).hasSize(2);
            }
            own.addWorker();
            outside.gather(outside.map(x -> x, List.of(1, 2, 3, 4, 5, 6, 7, 8)));
            for (int i = 0; i < 4; i++) {
                assertThat(counters.get(i).add(1)).isEqualTo(1);
                Future<?> future = ActorHandle.of(counters.get(i)).future();
                assertThat(outside.whoHas(List.of(future)).get(future.key())).containsExactly(places.get(i));
            }
        }
    }

    @Test
    void theDeathOfItsWorkerIsToldByAnExceptionOfItsOwn() throws Exception {
        try (LocalCluster empty = LocalCluster.builder().workers(0).start();
                Client own = empty.client();
                WorkerProcess doomed = WorkerProcess.start(empty.schedulerAddress(), "doomed")) {
            own.waitForWorkers(1, Duration.ofSeconds(50));
            Counter counter = own.actor(Counter.class, CounterImpl::new);
            assertThat(counter.process()).isNotEqualTo(ProcessHandle.current().pid());
            CompletionStage<String> open = counter.whenOpen();

            doomed.kill();

            assertThatThrownBy(() -> open.toCompletableFuture().get(50, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(ActorLostException.class)
                    .hasMessageContaining("is lost")
                    .hasMessageContaining(ActorHandle.of(counter).worker());
            assertThatThrownBy(() -> counter.add(1)).isInstanceOf(ActorLostException.class);
            Future<?> future = ActorHandle.of(counter).future();
            assertThatThrownBy(() -> future.get(50, TimeUnit.SECONDS)).hasMessageContaining("Actor");
            Counter again = own.actorOf(Counter.class, future);
            assertThatThrownBy(() -> again.add(1))
                    .isInstanceOf(ActorLostException.class)
                    .hasMessageContaining("is lost, with its worker");
        }
    }
}
