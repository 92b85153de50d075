package io.github.daskjvm.scheduler;

import io.github.daskjvm.comm.Tls;
import io.github.daskjvm.core.scheduler.GraphTracing;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.scheduler.peers.TaskRecords;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How to start a scheduler.
///
/// @param host to listen on; empty for all interfaces, in which case the contact address is the first one that is
///     no loopback, or `127.0.0.1`
/// @param port 0 for any free one
/// @param protocol `tcp` or `tls`
/// @param tls certificates; needed for `tls`
/// @param core the settings of the state machine
/// @param idleTimeout closes after so long without work; zero for never. `distributed.scheduler.idle-timeout`
/// @param workerTtl a worker silent for so long is given up; zero for never. `distributed.scheduler.worker-ttl`
/// @param leaseValidationInterval how often leases of semaphores and locks are checked.
///     `distributed.scheduler.locks.lease-validation-interval`
/// @param taskStreamLength finished tasks kept for `get_task_stream` and reports; with 0 none, and the live page has
///     what is done while it is open.
///     `distributed.scheduler.dashboard.tasks.task-stream-length`
/// @param eventsCleanupDelay how long events of workers and clients that have gone are kept.
///     `distributed.scheduler.events-cleanup-delay`
/// @param blockedHandlers operations that are refused. `distributed.scheduler.blocked-handlers`
/// @param limits what one message may claim
/// @param connectTimeout for connections that the scheduler opens. `distributed.comm.timeouts.connect`
/// @param onFailure is told of a broken invariant, after which nothing works any more
/// @param tracing is told of graphs and their tasks; [GraphTracing#NONE] for nobody
public record SchedulerOptions(
        String host,
        int port,
        String protocol,
        @Nullable Tls tls,
        SchedulerConfig core,
        Duration idleTimeout,
        Duration workerTtl,
        Duration leaseValidationInterval,
        int taskStreamLength,
        Duration eventsCleanupDelay,
        Set<String> blockedHandlers,
        FrameLimits limits,
        Duration connectTimeout,
        Consumer<Throwable> onFailure,
        GraphTracing tracing) {

    /// Dask's own defaults: all interfaces, port 8786, `tcp`; a broken invariant halts the process with status 70.
    public static final SchedulerOptions DEFAULT = new SchedulerOptions(
            "",
            8786,
            "tcp",
            null,
            SchedulerConfig.DEFAULT,
            Duration.ZERO,
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            TaskRecords.LENGTH,
            Duration.ofHours(1),
            Set.of(),
            FrameLimits.DEFAULT,
            Duration.ofSeconds(30),
            failure -> Runtime.getRuntime().halt(70),
            GraphTracing.NONE);

    public SchedulerOptions {
        blockedHandlers = Set.copyOf(blockedHandlers);
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("the port " + port + " is not between 0 and 65535");
        }
        if (!protocol.equals("tcp") && !protocol.equals("tls")) {
            throw new IllegalArgumentException("the protocol must be tcp or tls, not " + protocol);
        }
        if (protocol.equals("tls") && tls == null) {
            throw new IllegalArgumentException(
                    "the protocol tls needs a certificate authority, a certificate and a key");
        }
    }

    /// Starts from [#DEFAULT].
    public static Builder builder() {
        return DEFAULT.toBuilder();
    }

    public Builder toBuilder() {
        return new Builder(this);
    }

    /// Options in the making. Not thread-safe.
    public static final class Builder {
        private String host;
        private int port;
        private String protocol;
        private @Nullable Tls tls;
        private SchedulerConfig core;
        private Duration idleTimeout;
        private Duration workerTtl;
        private Duration leaseValidationInterval;
        private int taskStreamLength;
        private Duration eventsCleanupDelay;
        private Set<String> blockedHandlers;
        private FrameLimits limits;
        private Duration connectTimeout;
        private Consumer<Throwable> onFailure;
        private GraphTracing tracing;

        private Builder(SchedulerOptions from) {
            host = from.host;
            port = from.port;
            protocol = from.protocol;
            tls = from.tls;
            core = from.core;
            idleTimeout = from.idleTimeout;
            workerTtl = from.workerTtl;
            leaseValidationInterval = from.leaseValidationInterval;
            taskStreamLength = from.taskStreamLength;
            eventsCleanupDelay = from.eventsCleanupDelay;
            blockedHandlers = from.blockedHandlers;
            limits = from.limits;
            connectTimeout = from.connectTimeout;
            onFailure = from.onFailure;
            tracing = from.tracing;
        }

        public Builder host(String value) {
            host = value;
            return this;
        }

        public Builder port(int value) {
            port = value;
            return this;
        }

        /// Listens encrypted, as `tls://`.
        public Builder tls(Tls value) {
            tls = value;
            protocol = "tls";
            return this;
        }

        public Builder core(SchedulerConfig value) {
            core = value;
            return this;
        }

        public Builder idleTimeout(Duration value) {
            idleTimeout = value;
            return this;
        }

        public Builder workerTtl(Duration value) {
            workerTtl = value;
            return this;
        }

        public Builder leaseValidationInterval(Duration value) {
            leaseValidationInterval = value;
            return this;
        }

        public Builder taskStreamLength(int value) {
            taskStreamLength = value;
            return this;
        }

        public Builder eventsCleanupDelay(Duration value) {
            eventsCleanupDelay = value;
            return this;
        }

        public Builder blockedHandlers(Set<String> value) {
            blockedHandlers = value;
            return this;
        }

        public Builder limits(FrameLimits value) {
            limits = value;
            return this;
        }

        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        public Builder onFailure(Consumer<Throwable> value) {
            onFailure = value;
            return this;
        }

        public Builder tracing(GraphTracing value) {
            tracing = value;
            return this;
        }

        public SchedulerOptions build() {
            return new SchedulerOptions(
                    host,
                    port,
                    protocol,
                    tls,
                    core,
                    idleTimeout,
                    workerTtl,
                    leaseValidationInterval,
                    taskStreamLength,
                    eventsCleanupDelay,
                    blockedHandlers,
                    limits,
                    connectTimeout,
                    onFailure,
                    tracing);
        }
    }
}
