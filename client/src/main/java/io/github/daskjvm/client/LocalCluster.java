package io.github.daskjvm.client;

import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.scheduler.Scheduler;
import io.github.daskjvm.scheduler.SchedulerOptions;
import io.github.daskjvm.worker.MemorySettings;
import io.github.daskjvm.worker.Worker;
import io.github.daskjvm.worker.WorkerOptions;
import io.github.daskjvm.worker.task.SerialFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A whole cluster in this process: a scheduler and workers, over real TCP on the loopback interface. Clients and
/// workers of other processes, in Java or Python, can join it at [#schedulerAddress].
///
/// ```java
/// try (LocalCluster cluster = LocalCluster.builder().workers(2).threadsPerWorker(4).start();
///         Client client = cluster.client()) {
///     System.out.println(client.submit(() -> 6 * 7).get());
/// }
/// ```
///
/// Any number of threads may use a cluster.
public final class LocalCluster implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocalCluster.class);
    private static final Duration WORKER_UP_WITHIN = Duration.ofSeconds(30);

    private final Builder settings;
    private final Scheduler scheduler;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Worker> workers = new LinkedHashMap<>();
    private final List<Client> clients = new ArrayList<>();
    private int started;
    private boolean closed;

    private LocalCluster(Builder settings) throws IOException {
        this.settings = settings;
        SchedulerOptions.Builder options = SchedulerOptions.builder()
                .host(settings.host)
                .port(settings.port)
                .core(settings.schedulerConfig)
                .tracing(settings.listener.tracing())
                .onFailure(this::schedulerFailed);
        if (settings.tls != null) {
            options.tls(settings.tls);
        }
        this.scheduler = Scheduler.start(options.build());
    }

    /// Settings for a new cluster: on 127.0.0.1, any free port, two workers that share the processors.
    public static Builder builder() {
        return new Builder();
    }

    /// Where clients and further workers connect: `tcp://127.0.0.1:…`.
    public String schedulerAddress() {
        return scheduler.address();
    }

    /// The scheduler, for what it shows of itself.
    public Scheduler scheduler() {
        return scheduler;
    }

    /// The workers of this process, in the order in which they were started.
    public List<Worker> workers() {
        lock.lock();
        try {
            return List.copyOf(workers.values());
        } finally {
            lock.unlock();
        }
    }

    /// A new client of this cluster; closed with it, if not before.
    ///
    /// @throws IOException if the cluster is closed
    public Client client() throws IOException, InterruptedException {
        requireOpen();
        ClientOptions options = ClientOptions.DEFAULT.serialFilter(settings.serialFilter);
        Client client = Client.connect(schedulerAddress(), settings.tls == null ? options : options.tls(settings.tls));
        boolean kept = false;
        lock.lock();
        try {
            requireOpen();
            clients.add(client);
            kept = true;
            return client;
        } finally {
            lock.unlock();
            if (!kept) {
                client.close();
            }
        }
    }

    private void requireOpen() throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new IOException("the cluster is closed");
            }
        } finally {
            lock.unlock();
        }
    }

    /// Starts one more worker, like the others.
    ///
    /// @return once it has registered
    public Worker addWorker() throws IOException, InterruptedException {
        return addWorker(settings.resources);
    }

    /// Starts one more worker, with resources of its own.
    public Worker addWorker(Map<String, Double> resources) throws IOException, InterruptedException {
        lock.lock();
        try {
            requireOpen();
            String name = "local-" + started++;
            var up = new AtomicReference<@Nullable Worker>();
            Supplier<WorkerSnapshot> snapshot = () -> {
                Worker worker = up.get();
                return worker == null ? WorkerSnapshot.NONE : worker.snapshot();
            };
            WorkerOptions.Builder options = WorkerOptions.builder(schedulerAddress())
                    .host(settings.host)
                    .name(name)
                    .nthreads(settings.threadsPerWorker)
                    .virtualThreads(settings.virtualThreads)
                    .memoryLimitBytes(settings.memoryLimitBytes)
                    .memory(settings.memory)
                    .localDirectory(settings.localDirectory.toString())
                    .resources(resources)
                    .tls(settings.tls)
                    .serialFilter(settings.serialFilter)
                    .serializer(settings.serializer)
                    .deathTimeout(WORKER_UP_WITHIN)
                    .services(settings.listener.workerStarting(name, snapshot));
            Worker worker = Worker.start(options.build());
            up.set(worker);
            workers.put(worker.address(), worker);
            return worker;
        } finally {
            lock.unlock();
        }
    }

    private void schedulerFailed(Throwable failure) {
        log.error("this cluster's scheduler has failed; closing the cluster", failure);
        Thread.ofVirtual().name("close-cluster").start(this::close);
    }

    /// Waits until the cluster is closed, by another thread.
    public void awaitClosed() throws InterruptedException {
        scheduler.awaitClosed();
    }

    /// Ends clients, workers and scheduler, in this order.
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            clients.forEach(Client::close);
            workers.values().forEach(Worker::close);
            scheduler.close();
            settings.listener.clusterClosed();
        } finally {
            lock.unlock();
        }
    }

    /// Settings for a new cluster. Not thread-safe.
    public static final class Builder {
        private int workers = 2;
        private int threadsPerWorker = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        private boolean virtualThreads;
        private String host = "127.0.0.1";
        private int port;
        private long memoryLimitBytes;
        private MemorySettings memory = MemorySettings.DEFAULT;
        private Path localDirectory = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        private Map<String, Double> resources = Map.of();
        private SchedulerConfig schedulerConfig = SchedulerConfig.DEFAULT;
        private ClusterListener listener = ClusterListener.NONE;
        private @Nullable Tls tls;
        private SerialFilter serialFilter = SerialFilter.DEFAULT;
        private String serializer = "";

        private Builder() {}

        /// How many workers to start; 0 and more.
        public Builder workers(int count) {
            if (count < 0) {
                throw new IllegalArgumentException("a cluster of " + count + " workers");
            }
            workers = count;
            return this;
        }

        /// How many tasks a worker runs at a time.
        public Builder threadsPerWorker(int count) {
            threadsPerWorker = count;
            return this;
        }

        /// Whether tasks run on virtual threads: for tasks that wait, of which a worker may then run thousands at a
        /// time.
        public Builder virtualThreads(boolean virtual) {
            virtualThreads = virtual;
            return this;
        }

        /// The interface to listen on, `127.0.0.1` by default.
        public Builder host(String address) {
            host = address;
            return this;
        }

        /// The scheduler's port; 0, the default, for any free one.
        public Builder port(int number) {
            port = number;
            return this;
        }

        /// What each worker may hold in memory, in bytes; 0, the default, for no limit. Beyond a part of it results go
        /// to disk, see [#memory].
        public Builder memoryLimitBytes(long bytes) {
            memoryLimitBytes = bytes;
            return this;
        }

        /// At which parts of the limit workers spill and pause. What this program itself keeps in the heap counts too.
        public Builder memory(MemorySettings settings) {
            memory = settings;
            return this;
        }

        /// Where workers have folders for their files; the system's for temporary files by default.
        public Builder localDirectory(Path folder) {
            localDirectory = folder;
            return this;
        }

        /// Amounts of resources that each worker has, for tasks that ask for them.
        public Builder resources(Map<String, Double> amounts) {
            resources = Map.copyOf(amounts);
            return this;
        }

        /// The scheduler's own settings.
        public Builder schedulerConfig(SchedulerConfig config) {
            schedulerConfig = config;
            return this;
        }

        /// Certificates; the cluster then speaks `tls://`.
        public Builder tls(Tls certificates) {
            tls = certificates;
            return this;
        }

        /// Which classes may be made of what workers and clients send each other.
        public Builder serialFilter(SerialFilter filter) {
            serialFilter = filter;
            return this;
        }

        /// What workers write results by that have no plain form, see [WorkerOptions.Builder#serializer].
        public Builder serializer(String name) {
            serializer = name;
            return this;
        }

        /// Is told of scheduler and workers as they start.
        public Builder listener(ClusterListener told) {
            listener = told;
            return this;
        }

        /// Starts scheduler and workers; returns once all workers have registered.
        ///
        /// @throws java.net.BindException if the port is taken
        public LocalCluster start() throws IOException, InterruptedException {
            var cluster = new LocalCluster(this);
            boolean good = false;
            try {
                listener.schedulerStarted(cluster.scheduler);
                for (int i = 0; i < workers; i++) {
                    cluster.addWorker();
                }
                good = true;
                return cluster;
            } finally {
                if (!good) {
                    cluster.close();
                }
            }
        }
    }
}
