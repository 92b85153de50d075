package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.BatchedStream;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.JvmPeers;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import io.github.daskjvm.scheduler.peers.Workers;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who the scheduler is, and who its workers are.
public final class IdentityOps {
    private static final Logger log = LoggerFactory.getLogger(IdentityOps.class);

    private final Workers workers;
    private final Supplier<String> address;
    private final String id = "Scheduler-" + UUID.randomUUID();
    private final double started = System.currentTimeMillis() / 1000.0;
    private volatile Map<String, Integer> services = Map.of();

    /// @param address where the scheduler is reached, once it listens
    public IdentityOps(Workers workers, Supplier<String> address) {
        this.workers = workers;
        this.address = address;
    }

    /// Ports of what else the scheduler serves, such as `dashboard`.
    public void services(Map<String, Integer> ports) {
        services = Map.copyOf(ports);
    }

    public void register(Map<String, RpcHandler> handlers) {
        handlers.put("identity", (request, connection) -> {
            workers.settle();
            return identity(request.integer("n_workers", -1), true);
        });
        handlers.put("echo", (request, connection) -> request.get("data"));
        handlers.put("versions", (request, connection) -> versions());
        handlers.put("ncores", (request, connection) -> threads(request, false));
        handlers.put("ncores_running", (request, connection) -> threads(request, true));
        handlers.put("subscribe_worker_status", this::subscribe);
    }

    /// Source: `Scheduler.identity`; has the fields of all versions.
    ///
    /// @param workersMax how many workers to list; -1 for all
    /// @param volatiles include what changes with every heartbeat
    public Map<String, @Nullable Object> identity(long workersMax, boolean volatiles) {
        List<WorkerInfo> all = workers.all();
        Map<String, Object> listed = new LinkedHashMap<>();
        long threads = 0;
        long memory = 0;
        for (WorkerInfo worker : all) {
            threads += worker.nthreads();
            memory += worker.memoryLimitBytes();
            if (workersMax < 0 || listed.size() < workersMax) {
                listed.put(worker.address(), worker.identity(volatiles));
            }
        }
        Map<String, @Nullable Object> identity = new LinkedHashMap<>();
        identity.put("type", "Scheduler");
        identity.put("runtime", Runtime.JVM.wireName());
        identity.put("id", id);
        identity.put("address", address.get());
        identity.put("services", services);
        identity.put("started", started);
        identity.put("n_workers", all.size());
        identity.put("total_threads", threads);
        identity.put("total_memory", memory);
        identity.put("workers", listed);
        return identity;
    }

    /// The packages are Python's. Python code that belongs to the scheduler, such as the unpacking of graphs, runs on
    /// Python workers, so the versions that count are those of the first of them; none if there is none.
    Map<String, Object> versions() {
        Map<String, Object> host = new LinkedHashMap<>();
        host.put("OS", System.getProperty("os.name", ""));
        host.put("OS-release", System.getProperty("os.version", ""));
        host.put("machine", System.getProperty("os.arch", ""));
        host.put("processor", "");
        host.put("byteorder", "little");
        host.put("LC_ALL", "None");
        host.put("LANG", "None");
        host.put("python", "jvm " + System.getProperty("java.version", ""));
        host.put("python-bits", 64L);
        Map<?, ?> packages = Map.of();
        for (WorkerInfo worker : workers.all()) {
            if (worker.runtime() == Runtime.PYTHON) {
                packages = worker.packages();
                break;
            }
        }
        return Map.of("host", host, "packages", packages, "jvm", JvmPeers.own());
    }

    private Map<String, Object> threads(Fields request, boolean runningOnly) throws BadMessageException, RpcFailure {
        Map<String, Object> threads = new LinkedHashMap<>();
        workers.settle();
        if (request.get("workers") == null) {
            for (WorkerInfo worker : workers.all()) {
                addThreads(threads, worker, runningOnly);
            }
        } else {
            for (Object given : request.list("workers")) {
                WorkerInfo worker = given == null ? null : workers.find(given);
                if (worker != null) {
                    addThreads(threads, worker, runningOnly);
                }
            }
        }
        return threads;
    }

    private static void addThreads(Map<String, Object> threads, WorkerInfo worker, boolean runningOnly) {
        if (!runningOnly || worker.status() == WorkerStatus.RUNNING) {
            threads.put(worker.address(), worker.nthreads());
        }
    }

    /// Keeps the connection: after the identity, a message for each worker that comes or goes. Used by Python's
    /// `Cluster` objects.
    private Object subscribe(Fields request, Connection connection) throws IOException {
        BatchedStream stream = BatchedStream.start(connection);
        var identityFirst = new ReentrantLock();
        // A worker may go before the subscriber has heard of it, which must then not hear of its end.
        Set<Object> told = new HashSet<>();
        var listener = new Workers.Listener() {
            @Override
            public void added(WorkerInfo worker) {
                identityFirst.lock();
                try {
                    told.add(worker.address());
                    stream.send(List.of("add", Map.of("workers", Map.of(worker.address(), worker.identity(false)))));
                } finally {
                    identityFirst.unlock();
                }
            }

            @Override
            public void removed(String worker) {
                identityFirst.lock();
                try {
                    if (told.remove(worker)) {
                        stream.send(List.of("remove", worker));
                    }
                } finally {
                    identityFirst.unlock();
                }
            }
        };
        identityFirst.lock();
        try {
            workers.listen(listener);
            Map<String, @Nullable Object> identity = identity(-1, false);
            if (identity.get("workers") instanceof Map<?, ?> listed) {
                told.addAll(listed.keySet());
            }
            connection.write(identity);
        } finally {
            identityFirst.unlock();
        }
        try {
            while (true) {
                Object ignored = connection.read();
                log.debug("a subscriber at {} says {}", connection.peer(), ignored);
            }
        } catch (EOFException | SocketException e) {
            return RpcHandler.TAKEN;
        } finally {
            workers.forget(listener);
            stream.close();
        }
    }
}
