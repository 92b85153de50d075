package io.github.daskjvm.worker;

import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.core.worker.WorkerConfig;
import io.github.daskjvm.worker.profile.ProfileSettings;
import io.github.daskjvm.worker.task.SerialFilter;
import io.github.daskjvm.worker.task.TaskLoader;
import io.github.daskjvm.worker.task.ValueSerializers;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How to start a [Worker]. Immutable.
public final class WorkerOptions {
    private final String scheduler;
    private final @Nullable String host;
    private final int port;
    private final @Nullable String name;
    private final int nthreads;
    private final long memoryLimitBytes;
    private final Map<String, Double> resources;
    private final @Nullable Tls tls;
    private final String localDirectory;
    private final Duration deathTimeout;
    private final Map<String, Integer> services;
    private final TaskLoader taskLoader;
    private final int outgoingConnections;
    private final boolean virtualThreads;
    private final MemorySettings memory;
    private final boolean fileLocking;
    private final int incomingConnections;
    private final long messageBytesMax;
    private final double transferFraction;
    private final @Nullable String nanny;
    private final Lifetime lifetime;
    private final ProfileSettings profile;

    private WorkerOptions(Builder builder) {
        this.scheduler = builder.scheduler;
        this.host = builder.host;
        this.port = builder.port;
        this.name = builder.name;
        this.nthreads = builder.nthreads;
        this.memoryLimitBytes = builder.memoryLimitBytes;
        this.resources = builder.resources;
        this.tls = builder.tls;
        this.localDirectory = builder.localDirectory;
        this.deathTimeout = builder.deathTimeout;
        this.services = builder.services;
        this.taskLoader =
                new TaskLoader(builder.taskLoader, builder.serialFilter, ValueSerializers.named(builder.serializer));
        this.outgoingConnections = builder.outgoingConnections;
        this.virtualThreads = builder.virtualThreads;
        this.memory = builder.memory;
        this.fileLocking = builder.fileLocking;
        this.incomingConnections = builder.incomingConnections;
        this.messageBytesMax = builder.messageBytesMax;
        this.transferFraction = builder.transferFraction;
        this.nanny = builder.nanny;
        this.lifetime = builder.lifetime;
        this.profile = builder.profile;
    }

    /// Starts from what is usual.
    public static Builder builder(String scheduler) {
        return new Builder(scheduler);
    }

    /// The scheduler's address.
    public String scheduler() {
        return scheduler;
    }

    /// Where to listen, and the host part of the worker's address. Without it: the address by which this machine
    /// reaches the scheduler, listening on that alone if it is of the loopback interface, on all otherwise.
    public @Nullable String host() {
        return host;
    }

    /// To listen on; 0 for a free one.
    public int port() {
        return port;
    }

    /// Unique in the cluster; without it the address.
    public @Nullable String name() {
        return name;
    }

    /// Tasks that run at a time; as many as there are processors if not said.
    public int nthreads() {
        return nthreads;
    }

    /// 0 for none.
    public long memoryLimitBytes() {
        return memoryLimitBytes;
    }

    /// Amounts of abstract resources that tasks may ask for.
    public Map<String, Double> resources() {
        return resources;
    }

    /// Needed for `tls` addresses.
    public @Nullable Tls tls() {
        return tls;
    }

    /// Where the worker has a folder for its files: results that memory has no room for. The system's for
    /// temporary files if not said.
    public String localDirectory() {
        return localDirectory;
    }

    /// How long to try to reach the scheduler at the start; zero for ever.
    public Duration deathTimeout() {
        return deathTimeout;
    }

    /// Ports of further services, such as `dashboard`, shown to clients.
    public Map<String, Integer> services() {
        return services;
    }

    /// Finds the classes of tasks, arguments and results: by the loader given, the current thread's context class
    /// loader
    /// if not said, and in uploaded jars. It belongs to the one worker that is started with these options.
    public TaskLoader taskLoader() {
        return taskLoader;
    }

    /// `distributed.worker.connections.outgoing`: peers that data is fetched from at a time, once 10 MB are under way.
    public int outgoingConnections() {
        return outgoingConnections;
    }

    /// Whether tasks run on virtual threads: for tasks that wait, of which `nthreads` may then be thousands at a
    /// time. Tasks that compute want platform threads, which is what they have if not said: virtual ones share as
    /// many as there are processors with the worker's connections.
    public boolean virtualThreads() {
        return virtualThreads;
    }

    /// What is done about memory, where there is a limit; Dask's defaults if not said.
    public MemorySettings memory() {
        return memory;
    }

    /// `distributed.worker.use-file-locking`: the worker's folder is locked, and those of former ones are removed.
    public boolean fileLocking() {
        return fileLocking;
    }

    /// `distributed.worker.connections.incoming`: peers and clients that are served data at a time; twice as many of
    /// this host, and one while the worker is paused.
    public int incomingConnections() {
        return incomingConnections;
    }

    /// `distributed.worker.transfer.message-bytes-limit`: bytes asked of a peer at once; a larger value is asked for
    /// alone.
    public long messageBytesMax() {
        return messageBytesMax;
    }

    /// `distributed.worker.memory.transfer`: this part of the memory limit may be under way from peers; 0 for no limit.
    public double transferFraction() {
        return transferFraction;
    }

    /// How the state machine is to fetch values.
    WorkerConfig.Transfers transfers() {
        long bytes = (long) (memoryLimitBytes * transferFraction);
        return WorkerConfig.Transfers.DEFAULT.with(
                outgoingConnections, messageBytesMax, bytes > 0 ? bytes : Long.MAX_VALUE);
    }

    /// The address of the nanny that watches the worker and starts it again; null for none.
    public @Nullable String nanny() {
        return nanny;
    }

    /// Whether and how often the stacks of tasks are looked at; Dask's defaults if not said.
    public ProfileSettings profile() {
        return profile;
    }

    /// After how long the worker goes by itself.
    public Lifetime lifetime() {
        return lifetime;
    }

    /// Sets options one by one; each has the meaning of the accessor of its name.
    public static final class Builder {
        private final String scheduler;
        private @Nullable String host;
        private int port;
        private @Nullable String name;
        private int nthreads = Runtime.getRuntime().availableProcessors();
        private long memoryLimitBytes;
        private Map<String, Double> resources = Map.of();
        private @Nullable Tls tls;
        private String localDirectory = System.getProperty("java.io.tmpdir", "/tmp");
        private Duration deathTimeout = Duration.ZERO;
        private Map<String, Integer> services = Map.of();
        private ClassLoader taskLoader = defaultLoader();
        private SerialFilter serialFilter = SerialFilter.DEFAULT;
        private String serializer = "";
        private boolean virtualThreads;
        private MemorySettings memory = MemorySettings.DEFAULT;
        private boolean fileLocking = true;
        private int outgoingConnections = WorkerConfig.Transfers.DEFAULT.outgoingConnections();
        private int incomingConnections = 10;
        private long messageBytesMax = WorkerConfig.Transfers.DEFAULT.messageBytesMax();
        private double transferFraction = 0.1;
        private @Nullable String nanny;
        private Lifetime lifetime = Lifetime.ENDLESS;
        private ProfileSettings profile = ProfileSettings.DEFAULT;

        private Builder(String scheduler) {
            this.scheduler = scheduler;
        }

        private static ClassLoader defaultLoader() {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            return loader == null ? ClassLoader.getSystemClassLoader() : loader;
        }

        public Builder host(@Nullable String value) {
            this.host = value;
            return this;
        }

        public Builder port(int value) {
            if (value < 0 || value > 65535) {
                throw new IllegalArgumentException("no port has the number " + value);
            }
            this.port = value;
            return this;
        }

        public Builder name(@Nullable String value) {
            this.name = value;
            return this;
        }

        public Builder nthreads(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("a worker needs at least one thread, not " + value);
            }
            this.nthreads = value;
            return this;
        }

        public Builder memoryLimitBytes(long value) {
            if (value < 0) {
                throw new IllegalArgumentException("a memory limit of " + value + " bytes");
            }
            this.memoryLimitBytes = value;
            return this;
        }

        public Builder resources(Map<String, Double> value) {
            this.resources = Map.copyOf(value);
            return this;
        }

        public Builder tls(@Nullable Tls value) {
            this.tls = value;
            return this;
        }

        public Builder localDirectory(String value) {
            this.localDirectory = value;
            return this;
        }

        public Builder deathTimeout(Duration value) {
            this.deathTimeout = value;
            return this;
        }

        public Builder services(Map<String, Integer> value) {
            this.services = Map.copyOf(value);
            return this;
        }

        public Builder taskLoader(ClassLoader value) {
            this.taskLoader = value;
            return this;
        }

        /// `distributed.jvm.serial-filter`: which classes may be made of what peers and clients send, see
        /// [SerialFilter].
        public Builder serialFilter(SerialFilter value) {
            this.serialFilter = value;
            return this;
        }

        /// `distributed.jvm.serializer`: what results without a plain form are written by, for those who read it.
        /// The name of a `ValueSerializer` on the class path, or `java` for Java serialization; by default the
        /// first that is on the class path, if any.
        ///
        /// @throws IllegalArgumentException if there is none of that name
        public Builder serializer(String value) {
            ValueSerializers.named(value);
            this.serializer = value;
            return this;
        }

        public Builder virtualThreads(boolean value) {
            virtualThreads = value;
            return this;
        }

        public Builder outgoingConnections(int value) {
            if (value < 1) {
                throw new IllegalArgumentException(
                        "a worker must fetch from at least one peer at a time, not " + value);
            }
            this.outgoingConnections = value;
            return this;
        }

        public Builder memory(MemorySettings value) {
            this.memory = value;
            return this;
        }

        public Builder fileLocking(boolean value) {
            this.fileLocking = value;
            return this;
        }

        public Builder incomingConnections(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("a worker must serve at least one peer at a time, not " + value);
            }
            this.incomingConnections = value;
            return this;
        }

        public Builder messageBytesMax(long value) {
            if (value < 0) {
                throw new IllegalArgumentException("a limit of " + value + " bytes for a message");
            }
            this.messageBytesMax = value;
            return this;
        }

        public Builder transferFraction(double value) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("no fraction of the memory limit is " + value);
            }
            this.transferFraction = value;
            return this;
        }

        public Builder nanny(@Nullable String value) {
            this.nanny = value;
            return this;
        }

        public Builder profile(ProfileSettings value) {
            this.profile = value;
            return this;
        }

        public Builder lifetime(Lifetime value) {
            this.lifetime = value;
            return this;
        }

        public WorkerOptions build() {
            return new WorkerOptions(this);
        }
    }
}
