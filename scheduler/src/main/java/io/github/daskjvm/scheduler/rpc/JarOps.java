package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Jars that clients upload for JVM workers: kept, never opened. JVM workers are told that there is something new,
/// those
/// that come by the answer to their registration, and fetch from here what they lack: a worker takes code from its
/// scheduler alone, and from nobody who only knows its port.
final class JarOps {
    private static final Logger log = LoggerFactory.getLogger(JarOps.class);
    private static final int JARS_MAX = 1_000;
    private static final long BYTES_MAX = 1L << 30;

    private record Jar(byte[] bytes, String sha256) {}

    private final Cluster cluster;
    private final BroadcastOps broadcasts;
    private final Map<String, Jar> jars = new LinkedHashMap<>();

    JarOps(Cluster cluster, BroadcastOps broadcasts) {
        this.cluster = cluster;
        this.broadcasts = broadcasts;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("upload_jar", this::upload);
        handlers.put("get_jar", this::get);
        handlers.put("get_jars", (request, connection) -> hashes());
    }

    /// SHA-256 by name, in the order in which they were first uploaded.
    Map<String, String> hashes() {
        synchronized (jars) {
            Map<String, String> hashes = LinkedHashMap.newLinkedHashMap(jars.size());
            jars.forEach((name, jar) -> hashes.put(name, jar.sha256));
            return hashes;
        }
    }

    /// @return what each JVM worker said, by address, once it has the jar
    private Object upload(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String name = request.string("filename");
        if (!(request.required("data") instanceof byte[] bytes)) {
            throw request.wrong("data", "the bytes of a jar");
        }
        keep(name, new Jar(bytes, sha256(bytes)));
        log.info("Uploaded {}, {} bytes", name, bytes.length);
        Map<String, String> addresses = new LinkedHashMap<>();
        for (WorkerInfo worker : cluster.workers().all()) {
            if (worker.runtime() == Runtime.JVM) {
                addresses.put(worker.address(), worker.address());
            }
        }
        return broadcasts.broadcastToAll(Map.of("op", "update_jars"), addresses, null, "return_pickle");
    }

    private void keep(String name, Jar jar) throws RpcFailure {
        synchronized (jars) {
            long total = jar.bytes.length;
            for (var entry : jars.entrySet()) {
                total += entry.getKey().equals(name) ? 0 : entry.getValue().bytes.length;
            }
            if (total > BYTES_MAX || (jars.size() >= JARS_MAX && !jars.containsKey(name))) {
                throw RpcFailure.valueError("there is no room for " + name + ": at most " + JARS_MAX + " jars and "
                        + (BYTES_MAX >> 20) + " MiB of them are kept");
            }
            jars.put(name, jar);
        }
    }

    private Object get(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String name = request.string("filename");
        Jar jar;
        synchronized (jars) {
            jar = jars.get(name);
        }
        if (jar == null) {
            throw RpcFailure.valueError("there is no uploaded jar " + name);
        }
        return jar.bytes;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
