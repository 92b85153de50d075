package io.github.daskjvm.client;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.TaskContext;
import io.github.daskjvm.worker.task.WorkerServices;
import java.io.IOException;
import java.io.Serializable;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A connection to a Dask cluster, and the way to have it compute. The scheduler must be dask-jvm's, and tasks run
/// on its JVM workers; Python clients and workers of the same cluster go on beside.
///
/// ```java
/// try (Client client = Client.connect("tcp://127.0.0.1:8786")) {
///     List<Future<Integer>> lengths = client.map(word -> word.length(), List.of("to", "be"));
///     Future<Integer> total = client.submit((List<Integer> all) -> all.stream().mapToInt(i -> i).sum(), lengths);
///     System.out.println(total.get());
/// }
/// ```
///
/// Any number of threads may use a client. If the connection breaks, all its futures are cancelled, and the client
/// looks for the scheduler again for as long as [ClientOptions#timeout] says.
public final class Client extends ClusterServices implements AutoCloseable {
    private static final Duration REPLY_MAX = Duration.ofMinutes(10);
    private static final Duration WORKERS_ASKED_EVERY = Duration.ofMillis(20);

    private final Session session;
    private final KeyTable keys;
    private final Fetcher fetcher;
    private final RpcPool pool;
    private final String scheduler;
    private final ClassLoader loader;
    private final CallWriter calls = new CallWriter(this);
    private final Coordination coordination;

    private Client(Address address, ClientOptions options) throws IOException, InterruptedException {
        this.scheduler = address.toString();
        this.pool = new RpcPool(options.tls(), options.timeout());
        this.session = Session.open(address, options, () -> pool.forget(scheduler));
        this.keys = session.keys();
        this.fetcher = new Fetcher(session.id(), scheduler, pool, options.directToWorkers());
        this.loader = options.loader();
        this.coordination = new Coordination(this, pool);
    }

    /// Connects to a scheduler with [ClientOptions#DEFAULT].
    ///
    /// @param address `tcp://host:port`; `host:port` and `host` will do
    /// @throws IOException naming the address, if no scheduler answers there
    public static Client connect(String address) throws IOException, InterruptedException {
        return connect(address, ClientOptions.DEFAULT);
    }

    /// Connects to a scheduler.
    public static Client connect(String address, ClientOptions options) throws IOException, InterruptedException {
        return new Client(Address.parse(address), options);
    }

    /// The client of the task that this thread runs, for tasks that submit tasks or meet others by name: one for all
    /// tasks of a worker, made for the first that asks, and closed with the worker. Don't close it.
    ///
    /// While a task waits for a result, its worker runs another in its place, so that tasks can wait for tasks that
    /// they submit however few threads there are. What a task submits runs before what was submitted with it.
    ///
    /// @throws IllegalStateException outside a task
    /// @throws IOException if the scheduler can't be reached
    public static Client current() throws IOException, InterruptedException {
        TaskContext context = TaskContext.current();
        WorkerServices services = context.services();
        return services.shared(
                Client.class,
                () -> connect(
                        context.schedulerAddress(),
                        new ClientOptions(
                                services.tls(),
                                ClientOptions.DEFAULT.timeout(),
                                true,
                                services.loader(),
                                ClientOptions.DEFAULT.serialFilter())));
    }

    KeyTable keys() {
        return keys;
    }

    ClassLoader loader() {
        return loader;
    }

    @Override
    Coordination coordination() {
        return coordination;
    }

    Future<Object> submitActor(ActorMaker maker, List<?> arguments, TaskOptions options) {
        Submission task =
                calls.submissions(maker, List.of(arguments), options).getFirst().asActor();
        Future<Object> future = new Future<>(this, task.state());
        keys.submit(List.of(task));
        Reference.reachabilityFence(arguments);
        return future;
    }

    /// A future that came from elsewhere; the message tells the scheduler that it has come.
    Future<?> received(String key, Map<String, ?> message) {
        KeyState state = keys.acquire(key);
        Future<?> future = new Future<>(this, state);
        keys.received(state, message);
        return future;
    }

    /// A future of a key that the scheduler is still to be asked for.
    Future<?> unannounced(String key, Collection<? super KeyState> found) {
        KeyState state = keys.acquire(key);
        found.add(state);
        return new Future<>(this, state);
    }

    /// This client's name at the scheduler, `Client-…`.
    public String id() {
        return session.id();
    }

    /// The scheduler's address.
    public String schedulerAddress() {
        return scheduler;
    }

    /// This client, with options for the tasks submitted through what is returned.
    public TaskSubmitter with(TaskOptions options) {
        return new WithOptions(this, options);
    }

    @Override
    TaskOptions options() {
        return TaskOptions.DEFAULT;
    }

    @Override
    <R extends @Nullable Object> List<Future<R>> submitAll(
            Serializable function, List<? extends List<?>> argumentLists, TaskOptions options) {
        List<Submission> tasks = calls.submissions(function, argumentLists, options);
        List<Future<R>> futures = new ArrayList<>(tasks.size());
        for (Submission task : tasks) {
            futures.add(new Future<>(this, task.state()));
        }
        keys.submit(tasks);
        Reference.reachabilityFence(argumentLists);
        return futures;
    }

    /// A future for a value that this program will have: once the stage is complete, its value becomes a task's
    /// result, and tasks that were submitted with the future as an argument can run. Nothing is blocked until
    /// then. If the stage fails, so do they.
    public <T extends @Nullable Object> Future<T> fromCompletionStage(CompletionStage<? extends T> stage) {
        KeyState state = keys.acquire("value-" + TaskNames.uniqueToken());
        Future<T> future = new Future<>(this, state);
        var unused = stage.whenComplete((value, failure) -> {
            try {
                if (failure != null) {
                    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
                    keys.fail(state, cause);
                } else {
                    keys.announce(state, calls.constant(state, value));
                }
            } catch (RuntimeException e) {
                keys.fail(state, e);
            }
        });
        return future;
    }

    /// A future of a key that another client computes or has computed.
    ///
    /// @param <T> what that task returns
    public <T extends @Nullable Object> Future<T> future(String key) {
        KeyState state = keys.acquire(key);
        Future<T> future = new Future<>(this, state);
        keys.desire(List.of(state));
        return future;
    }

    /// Waits for all, and brings the results in the order of the futures: from all workers at once.
    ///
    /// @throws TaskFailedException for the first that failed
    /// @throws CancellationException if one was cancelled
    public <T extends @Nullable Object> List<T> gather(Collection<? extends Future<? extends T>> futures)
            throws InterruptedException, ExecutionException {
        try {
            return gather(futures, Deadline.NEVER);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /// As [#gather(Collection)].
    ///
    /// @throws TimeoutException if not all are there by then
    public <T extends @Nullable Object> List<T> gather(
            Collection<? extends Future<? extends T>> futures, Duration timeout)
            throws InterruptedException, ExecutionException, TimeoutException {
        return gather(futures, Deadline.in(timeout));
    }

    private <T extends @Nullable Object> List<T> gather(
            Collection<? extends Future<? extends T>> futures, Deadline deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        var states = new ArrayList<KeyState>(futures.size());
        var names = new ArrayList<String>(futures.size());
        for (Future<? extends T> future : futures) {
            states.add(own(future).keyState());
            names.add(future.key());
        }
        for (KeyState state : states) {
            state.await(deadline);
        }
        List<CompletableFuture<Payload>> payloads = fetcher.fetch(names);
        List<T> results = new ArrayList<>(states.size());
        for (int i = 0; i < states.size(); i++) {
            Payload payload = payload(states.get(i), payloads.get(i), deadline);
            results.add(payload == null ? this.<T>result(states.get(i), deadline) : value(states.get(i), payload));
        }
        Reference.reachabilityFence(futures);
        return results;
    }

    <T extends @Nullable Object> T result(KeyState state, Deadline deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        for (; ; ) {
            state.await(deadline);
            Payload payload = payload(state, fetcher.fetch(state.key), deadline);
            if (payload != null) {
                return value(state, payload);
            }
        }
    }

    /// Null if the result was lost meanwhile; the scheduler has then been asked to say what becomes of it.
    private @Nullable Payload payload(KeyState state, CompletableFuture<Payload> fetched, Deadline deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return deadline.isNever() ? fetched.get() : fetched.get(deadline.leftNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException("the result of " + state.key + " did not arrive within " + deadline);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Fetcher.LostException) {
                state.again(FutureStatus.LOST);
                keys.tell(Map.of("op", "report-key", "key", state.key));
                return null;
            }
            throw new ExecutionException("the result of " + state.key + " could not be fetched", e.getCause());
        }
    }

    @SuppressWarnings({"unchecked", "NullAway"})
    private <T extends @Nullable Object> T value(KeyState state, Payload payload) throws ExecutionException {
        try {
            return (T) JavaCodec.value(payload, loader);
        } catch (IOException e) {
            throw new ExecutionException("the result of " + state.key + " cannot be read: " + e.getMessage(), e);
        }
    }

    <F extends Future<?>> F own(F future) {
        if (future.client() != this) {
            throw new IllegalArgumentException(future + " belongs to another client; this one can have it as"
                    + " client.future(\"" + future.key() + "\")");
        }
        return future;
    }

    /// Places a value on a worker. What it is can't be computed again if that worker is lost.
    ///
    /// @throws IOException if there is no worker for it, or it could not be sent
    public <T extends @Nullable Object> Future<T> scatter(T value) throws IOException {
        return this.scatterAll(Collections.singletonList(value), ScatterOptions.DEFAULT)
                .getFirst();
    }

    /// As [#scatter], to several workers or chosen ones.
    public <T extends @Nullable Object> Future<T> scatter(T value, ScatterOptions options) throws IOException {
        return this.scatterAll(Collections.singletonList(value), options).getFirst();
    }

    /// Places values on workers in turn.
    public <T extends @Nullable Object> List<Future<T>> scatterAll(Collection<? extends T> values) throws IOException {
        return scatterAll(values, ScatterOptions.DEFAULT);
    }

    /// Places values on workers, as the options say.
    public <T extends @Nullable Object> List<Future<T>> scatterAll(
            Collection<? extends T> values, ScatterOptions options) throws IOException {
        List<Future<T>> futures = new ArrayList<>(values.size());
        Map<String, Payload> data = new LinkedHashMap<>();
        for (T value : values) {
            KeyState state = keys.acquire("scatter-" + TaskNames.uniqueToken());
            futures.add(new Future<>(this, state));
            data.put(state.key, JavaCodec.payload(value));
        }
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        request.put("op", "scatter");
        request.put("data", data);
        request.put("workers", options.workers().isEmpty() ? null : options.workers());
        request.put("client", id());
        request.put("broadcast", options.broadcast());
        request.put("timeout", options.timeout().toMillis() / 1000.0);
        request.put("runtime", "jvm");
        if (!data.isEmpty()) {
            call(request);
        }
        for (Future<T> future : futures) {
            keys.announce(future.keyState(), null);
            future.keyState().finished();
        }
        return futures;
    }

    /// Asks the scheduler to drop tasks, finished ones too.
    ///
    /// @param force also if other clients want them
    public void cancel(Collection<? extends Future<?>> futures, boolean force) {
        var states = new ArrayList<KeyState>(futures.size());
        for (Future<?> future : futures) {
            states.add(own(future).keyState());
        }
        keys.cancel(states, force, "cancelled by this client");
    }

    boolean cancelUnlessDone(Future<?> future) {
        if (future.isDone()) {
            return false;
        }
        cancel(List.of(future), false);
        return future.isCancelled();
    }

    /// Where results are: for each key the addresses of the workers that have it, none if it isn't computed.
    public Map<String, List<String>> whoHas(Collection<? extends Future<?>> futures) throws IOException {
        var names = new ArrayList<String>(futures.size());
        for (Future<?> future : futures) {
            names.add(future.key());
        }
        Map<String, List<String>> result = new LinkedHashMap<>();
        if (call(Map.of("op", "who_has", "keys", names)) instanceof Map<?, ?> reply) {
            reply.forEach((key, workers) -> {
                List<String> addresses = new ArrayList<>();
                if (workers instanceof Collection<?> all) {
                    all.forEach(worker -> addresses.add(String.valueOf(worker)));
                }
                result.put(String.valueOf(key), List.copyOf(addresses));
            });
        }
        return result;
    }

    /// The scheduler and its workers, as they are now.
    public SchedulerInfo schedulerInfo() throws IOException {
        return SchedulerInfo.of(call(Map.of("op", "identity")));
    }

    /// Waits until so many workers run, of whatever kind.
    ///
    /// @throws TimeoutException saying how many there are
    public void waitForWorkers(int count, Duration timeout) throws IOException, InterruptedException, TimeoutException {
        Deadline deadline = Deadline.in(timeout);
        for (; ; ) {
            int running = 0;
            for (SchedulerInfo.WorkerInfo worker : schedulerInfo().workers()) {
                running += worker.status().equals("running") ? 1 : 0;
            }
            if (running >= count) {
                return;
            }
            if (deadline.isOver()) {
                throw new TimeoutException("only " + running + " of " + count + " workers run after " + deadline);
            }
            Thread.sleep(WORKERS_ASKED_EVERY);
        }
    }

    /// Brings a jar to all JVM workers, those that come later too: its classes can then be used in functions,
    /// arguments and results. Classes on a worker's own class path come first. A jar of a name that was uploaded
    /// before replaces that one: tasks that start afterwards use the new classes, while objects that workers hold
    /// stay of the old ones.
    ///
    /// @param jar its file name is the jar's name in the cluster
    /// @throws IOException if it can't be read, is no jar, or a worker could not take it; the others have it then
    public void uploadJar(Path jar) throws IOException {
        ClusterCode.upload(this::call, jar);
    }

    /// The versions of client, scheduler and JVM workers, and what differs. The same is said in the log at connect.
    public ClusterVersions getVersions() throws IOException {
        return ClusterVersions.ask(this::call);
    }

    private @Nullable Object call(Map<String, ? extends @Nullable Object> request) throws IOException {
        try {
            return pool.call(scheduler, request, REPLY_MAX);
        } catch (RpcFailure e) {
            throw new IOException(scheduler + " could not do " + request.get("op") + ": " + e.getMessage(), e);
        }
    }

    /// Takes leave of the scheduler, which forgets what only this client wanted. All futures that are not done are
    /// cancelled.
    @Override
    public void close() {
        coordination.close();
        session.close();
        fetcher.close();
        pool.close();
    }
}
