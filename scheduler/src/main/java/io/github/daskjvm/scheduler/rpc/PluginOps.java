package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Plugins of workers and nannies: kept as pickles, never opened, given to those that are there and to each that
/// comes. Every worker also gets Dask's own plugin for peer-to-peer shuffles, without which such tasks fail.
public final class PluginOps {
    private static final Logger log = LoggerFactory.getLogger(PluginOps.class);
    private static final int PLUGINS_MAX = 10_000;
    private static final byte[] SHUFFLE =
            Pickle.of(Pickle.call(Pickle.global("distributed.shuffle._worker_plugin", "ShuffleWorkerPlugin")));
    /// The one scheduler plugin that stock clients register by themselves, with `upload_file`. The scheduler has no
    /// use for the file: it runs no user code.
    private static final byte[] UPLOAD_FILE = "SchedulerUploadFile".getBytes(StandardCharsets.US_ASCII);

    private final Cluster cluster;
    private final BroadcastOps broadcasts;
    private final Map<String, byte[]> workerPlugins = Collections.synchronizedMap(new LinkedHashMap<>());
    private final Map<String, byte[]> nannyPlugins = Collections.synchronizedMap(new LinkedHashMap<>());
    private final Set<String> schedulerPlugins = Collections.synchronizedSet(new LinkedHashSet<>());
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition nannyReady = lock.newCondition();
    private int nanniesStarting;

    PluginOps(Cluster cluster, BroadcastOps broadcasts) {
        this.cluster = cluster;
        this.broadcasts = broadcasts;
        workerPlugins.put("shuffle", SHUFFLE);
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("register_worker_plugin", this::registerWorkerPlugin);
        handlers.put("unregister_worker_plugin", this::unregisterWorkerPlugin);
        handlers.put("register_nanny_plugin", this::registerNannyPlugin);
        handlers.put("unregister_nanny_plugin", this::unregisterNannyPlugin);
        handlers.put("register_scheduler_plugin", this::registerSchedulerPlugin);
        handlers.put("unregister_scheduler_plugin", this::unregisterSchedulerPlugin);
        handlers.put("register_nanny", this::registerNanny);
    }

    /// Pickles by name, for the answer to a worker's registration.
    public Map<String, byte[]> forWorkers() {
        synchronized (workerPlugins) {
            return new LinkedHashMap<>(workerPlugins);
        }
    }

    private Object registerWorkerPlugin(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String name = request.string("name");
        byte[] plugin = plugin(request);
        if (!keep(workerPlugins, name, plugin, request)) {
            return Map.of();
        }
        log.info("Registering Worker plugin {}", name);
        return broadcasts.broadcastToAll(
                Map.of("op", "plugin-add", "plugin", plugin, "name", name), addresses(false), null, "raise");
    }

    private static boolean keep(Map<String, byte[]> plugins, String name, byte[] plugin, Fields request)
            throws BadMessageException, RpcFailure {
        synchronized (plugins) {
            if (plugins.containsKey(name) && request.bool("idempotent", false)) {
                return false;
            }
            if (plugins.size() >= PLUGINS_MAX) {
                throw RpcFailure.valueError("there are " + PLUGINS_MAX + " plugins already");
            }
            plugins.put(name, plugin);
            return true;
        }
    }

    private static byte[] plugin(Fields request) throws BadMessageException {
        byte[] plugin = Opaque.bytes(request.required("plugin"));
        if (plugin == null) {
            throw request.wrong("plugin", "a pickle");
        }
        return plugin;
    }

    /// Where to call, by the worker's address.
    private Map<String, String> addresses(boolean nanny) {
        Map<String, String> addresses = new LinkedHashMap<>();
        for (WorkerInfo worker : cluster.workers().all()) {
            String address = nanny ? worker.nanny() : worker.address();
            if (address != null && worker.runtime() == Runtime.PYTHON) {
                addresses.put(worker.address(), address);
            }
        }
        return addresses;
    }

    private Object unregisterWorkerPlugin(Fields request, Connection connection)
            throws BadMessageException, RpcFailure {
        String name = request.string("name");
        if (workerPlugins.remove(name) == null) {
            throw RpcFailure.valueError("The worker plugin " + name + " does not exist");
        }
        return broadcasts.broadcastToAll(Map.of("op", "plugin-remove", "name", name), addresses(false), null, "raise");
    }

    private Object registerNannyPlugin(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String name = request.string("name");
        byte[] plugin = plugin(request);
        if (!keep(nannyPlugins, name, plugin, request)) {
            return Map.of();
        }
        log.info("Registering Nanny plugin {}", name);
        awaitNannies();
        return broadcasts.broadcastToAll(
                Map.of("op", "plugin_add", "plugin", plugin, "name", name), addresses(true), null, "raise");
    }

    private Object unregisterNannyPlugin(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String name = request.string("name");
        if (nannyPlugins.remove(name) == null) {
            throw RpcFailure.valueError("The nanny plugin " + name + " does not exist");
        }
        return broadcasts.broadcastToAll(Map.of("op", "plugin_remove", "name", name), addresses(true), null, "raise");
    }

    /// A nanny that has its plugins but not yet its worker would be missed by a broadcast: wait for it.
    private void awaitNannies() {
        lock.lock();
        try {
            while (nanniesStarting > 0) {
                nannyReady.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /// The nanny closes the connection once its worker is up.
    private Object registerNanny(Fields request, Connection connection) throws IOException {
        log.debug("nanny {} registers", request.string("address"));
        starting(1);
        try {
            Map<String, byte[]> plugins;
            synchronized (nannyPlugins) {
                plugins = new LinkedHashMap<>(nannyPlugins);
            }
            connection.write(Map.of("status", "OK", "nanny-plugins", plugins));
            Object said = connection.read();
            log.debug("nanny {} says {}", connection.peer(), said);
        } catch (EOFException | SocketException e) {
            log.debug("nanny {} is done registering", connection.peer());
        } finally {
            starting(-1);
        }
        return RpcHandler.TAKEN;
    }

    private void starting(int change) {
        lock.lock();
        try {
            nanniesStarting += change;
            nannyReady.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Object registerSchedulerPlugin(Fields request, Connection connection)
            throws BadMessageException, RpcFailure {
        byte[] plugin = plugin(request);
        String name = request.get("name") instanceof String text ? text : "";
        if (contains(plugin, UPLOAD_FILE)) {
            schedulerPlugins.add(name);
            return null;
        }
        throw RpcFailure.python(
                "builtins",
                "RuntimeError",
                "the scheduler plugin '" + name + "' cannot be registered: this scheduler runs on the JVM and never"
                        + " runs user code. Worker and nanny plugins (client.register_plugin with a WorkerPlugin or"
                        + " NannyPlugin) work; what a scheduler plugin observes is also told by client.get_events,"
                        + " client.subscribe_topic and the Prometheus metrics");
    }

    private static boolean contains(byte[] pickle, byte[] text) {
        // A pickle starts with the class it makes; the first part of it is enough to find the name.
        int end = Math.min(pickle.length, 300) - text.length;
        for (int i = 0; i <= end; i++) {
            int j = 0;
            while (j < text.length && pickle[i + j] == text[j]) {
                j++;
            }
            if (j == text.length) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Object unregisterSchedulerPlugin(Fields request, Connection connection)
            throws BadMessageException, RpcFailure {
        String name = request.string("name");
        if (!schedulerPlugins.remove(name)) {
            throw RpcFailure.valueError("Could not find plugin '" + name + "' among the current scheduler plugins");
        }
        return null;
    }
}
