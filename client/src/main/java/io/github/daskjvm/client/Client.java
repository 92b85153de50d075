package io.github.daskjvm.client;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.worker.task.TaskContext;
import java.io.IOException;
import java.io.Serializable;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A connection to a Dask cluster, and the way to have it compute. The scheduler must be dask-jvm's, and tasks
/// run on its JVM workers; Python clients and workers of the same cluster go on beside.
///
/// ```java
/// try (Client client = Client.connect("tcp://127.0.0.1:8786")) {
///     List<Future<Integer>> lengths = client.map(word -> word.length(), List.of("to", "be"));
///     Future<Integer> total = client.submit((List<Integer> all) -> all.stream().mapToInt(i -> i).sum(),
///     lengths); System.out.println(total.get());
/// }
/// ```
///
/// Any number of threads may use a client. If the connection breaks, all its futures are cancelled with a
/// [SchedulerLostException], and the client looks for the scheduler again for as long as [ClientOptions#timeout]
/// says: what is submitted meanwhile waits for that, and fails with a [SchedulerLostException] if it is not
/// found.
public final class Client extends FutureOperations implements AutoCloseable {
    private static final Duration REPLY_MAX = Duration.ofMinutes(10);
    private static final Duration WORKERS_ASKED_EVERY = Duration.ofMillis(20);

    private final Session session;
    private final KeyTable keys;
    private final Fetcher fetcher;
    private final RpcPool pool;
    private final String scheduler;
    private final Results results;
    private final DataOnWorkers data = new DataOnWorkers(this);
    private final CallWriter calls = new CallWriter(this);
    private final ClusterCode code = new ClusterCode(this::call);
    private final Coordination coordination;
    private volatile boolean keptOpen;

    private Client(Address address, ClientOptions options) throws IOException, InterruptedException {
        this.scheduler = address.toString();
        this.pool = new RpcPool(options.tls(), options.timeout());
        this.session = Session.open(address, options, () -> pool.forget(scheduler), code::bringAgain);
        this.keys = session.keys();
        this.fetcher = new Fetcher(session.id(), scheduler, pool, options.directToWorkers());
        this.results = new Results(this, fetcher, options.loader());
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
    /// tasks of a worker, made for the first that asks, and closed with the worker; to close it does nothing.
    ///
    /// While a task waits for a result, its worker runs another in its place, so that tasks can wait for tasks
    /// that they submit however few threads there are. What a task submits runs before what was submitted with
    /// it.
    ///
    /// @throws IllegalStateException outside a task
    /// @throws IOException if the scheduler can't be reached
    public static Client current() throws IOException, InterruptedException {
        return WorkerClient.of(TaskContext.current());
    }

    void keepOpen(boolean keep) {
        keptOpen = keep;
    }

    KeyTable keys() {
        return keys;
    }

    ClassLoader loader() {
        return results.loader();
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
    DataOnWorkers data() {
        return data;
    }

    @Override
    Map<String, Future<?>> submitGraph(Graph graph, List<String> wanted, TaskOptions options) {
        return new GraphWriter(this, calls).submit(graph, wanted, options);
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

    /// A function of Python's for tasks of Python workers, on which it must be importable.
    ///
    /// @param module as it is imported, `numpy.linalg` say
    /// @param function its name there, with dots where it is within a class
    /// @param <R> what the result is in Java, see [PythonFunction]
    public <R extends @Nullable Object> PythonFunction<R> python(String module, String function) {
        return new PythonFunction<>(this, module, function, Map.of(), TaskOptions.DEFAULT);
    }

    <R extends @Nullable Object> Future<R> submitPython(
            PythonFunction<R> function, List<?> arguments, TaskOptions options) {
        Submission task = calls.ofPython(function, arguments, options);
        Future<R> future = new Future<>(this, task.state());
        keys.submit(List.of(task));
        Reference.reachabilityFence(arguments);
        return future;
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
        return Results.patiently(() -> results.gather(futures, Deadline.NEVER));
    }

    /// As [#gather(Collection)].
    ///
    /// @throws TimeoutException if not all are there by then
    public <T extends @Nullable Object> List<T> gather(
            Collection<? extends Future<? extends T>> futures, Duration timeout)
            throws InterruptedException, ExecutionException, TimeoutException {
        return results.gather(futures, Deadline.in(timeout));
    }

    /// Brings the results of a map's futures, under the same keys in the same order.
    ///
    /// @throws TaskFailedException for the first that failed
    /// @throws CancellationException if one was cancelled
    public <K, V extends @Nullable Object> Map<K, V> gather(Map<K, ? extends Future<? extends V>> futures)
            throws InterruptedException, ExecutionException {
        return Results.patiently(() -> results.gather(futures, Deadline.NEVER));
    }

    /// Brings results in the place of futures: a copy of the lists, sets and maps that the tree is made of, at
    /// any depth.
    /// What is no future stays as it is.
    ///
    /// @param tree such as `Map.of("train", List.of(one, two), "test", three)`
    /// @throws TaskFailedException for the first that failed
    /// @throws CancellationException if one was cancelled
    public @Nullable Object gatherNested(@Nullable Object tree) throws InterruptedException, ExecutionException {
        return results.gatherNested(tree);
    }

    /// Waits for all, and brings the results of those that finish, in the order of the futures; leaves out those
    /// that fail or are cancelled. Dask's `gather(futures, errors="skip")`.
    public <T extends @Nullable Object> List<T> gatherFinished(Collection<? extends Future<? extends T>> futures)
            throws InterruptedException, ExecutionException {
        return results.gatherFinished(futures);
    }

    <T extends @Nullable Object> T result(KeyState state, Deadline deadline)
            throws InterruptedException, ExecutionException, TimeoutException {
        return results.result(state, deadline);
    }

    <F extends Future<?>> F own(F future) {
        if (future.client() != this) {
            throw new IllegalArgumentException(future + " belongs to another client; this one can have it as"
                    + " client.future(\"" + future.key() + "\")");
        }
        return future;
    }

    /// Asks the scheduler to drop tasks, finished ones too.
    ///
    /// @param force also if other clients want them
    public void cancel(Collection<? extends Future<?>> futures, boolean force) {
        keys.cancel(states(futures), force, "cancelled by this client");
    }

    private List<KeyState> states(Collection<? extends Future<?>> futures) {
        var states = new ArrayList<KeyState>(futures.size());
        for (Future<?> future : futures) {
            states.add(own(future).keyState());
        }
        return states;
    }

    /// As [#cancel(Collection, boolean)], without force: what other clients want goes on.
    public void cancel(Collection<? extends Future<?>> futures) {
        cancel(futures, false);
    }

    boolean cancelUnlessDone(Future<?> future) {
        if (future.isDone()) {
            return false;
        }
        cancel(List.of(future), false);
        return future.isCancelled();
    }

    /// Has tasks run to their end whatever becomes of their futures, and of this client; their results are
    /// forgotten then. What they do beside, writing a file say, is what they are for.
    ///
    /// @throws IllegalArgumentException if a future is closed
    public void fireAndForget(Collection<? extends Future<?>> futures) {
        keys.fireAndForget(states(futures));
        Reference.reachabilityFence(futures);
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

    /// Has workers leave the cluster: they take no more tasks, what only they hold is moved to others of their kind,
    /// then they end. Their tasks that run are run again elsewhere. Returns when that is done, or can not be: a
    /// worker whose data no other can take stays.
    ///
    /// @param workers addresses or names; others than the cluster's are passed over
    /// @return addresses of those that have left
    /// @throws IllegalArgumentException if none is named
    public List<String> retireWorkers(String... workers) throws IOException {
        if (workers.length == 0) {
            throw new IllegalArgumentException("name the workers that are to retire");
        }
        Object retired = call(Map.of("op", "retire_workers", "workers", List.of(workers), "close_workers", true));
        if (!(retired instanceof Map<?, ?> byAddress)) {
            return List.of();
        }
        return byAddress.keySet().stream().map(String::valueOf).toList();
    }

    /// Brings a jar to all JVM workers, those that come later too: its classes can then be used in functions,
    /// arguments and results. Classes on a worker's own class path come first. A jar of a name that was uploaded
    /// before replaces that one: tasks that start afterwards use the new classes, while objects that workers hold
    /// stay of the old ones. This client keeps the jar's bytes: it brings them to a scheduler that was started
    /// again and has no jar of that name, before what has waited for the scheduler.
    ///
    /// @param jar its file name is the jar's name in the cluster
    /// @throws IOException if it can't be read, is no jar, or a worker could not take it; the others have it then
    public void uploadJar(Path jar) throws IOException {
        code.upload(jar);
    }

    /// The versions of client, scheduler and JVM workers, and what differs. The same is said in the log at
    /// connect.
    public ClusterVersions getVersions() throws IOException {
        return ClusterVersions.ask(this::call);
    }

    @Nullable
    Object call(Map<String, ? extends @Nullable Object> request) throws IOException {
        try {
            return pool.call(scheduler, request, REPLY_MAX);
        } catch (RpcFailure e) {
            throw new IOException(scheduler + " could not do " + request.get("op") + ": " + e.getMessage(), e);
        }
    }

    /// Takes leave of the scheduler, which forgets what only this client wanted. All futures that are not done
    /// are cancelled; the client's threads and connections end.
    @Override
    public void close() {
        if (keptOpen) {
            return;
        }
        coordination.close();
        session.close();
        fetcher.close();
        pool.close();
    }
}
