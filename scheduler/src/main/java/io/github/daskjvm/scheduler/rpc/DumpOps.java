package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.scheduler.graph.PythonCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `dump_cluster_state` to a URL, by the scheduler: a Python worker asks it for the state (`get_cluster_state`) and
/// writes it with fsspec. So a URL of the local file system means that worker's.
final class DumpOps {
    private static final Set<String> FORMATS = Set.of("msgpack", "yaml");
    /// What is no option for fsspec.
    private static final Set<String> OWN =
            Set.of("op", "reply", "close", "serializers", "comm", "url", "exclude", "format");

    private final Cluster cluster;

    DumpOps(Cluster cluster) {
        this.cluster = cluster;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("dump_cluster_state_to_url", this::write);
    }

    private @Nullable Object write(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String url = request.string("url");
        String format = request.get("format") == null ? "msgpack" : request.string("format");
        if (!FORMATS.contains(format)) {
            throw RpcFailure.valueError(
                    "Unsupported format '" + format + "'. Possible values are 'msgpack' or 'yaml'.");
        }
        Map<String, @Nullable Object> options = new LinkedHashMap<>();
        request.map().forEach((name, value) -> {
            if (name instanceof String text && !OWN.contains(text)) {
                options.put(text, value);
            }
        });
        Map<String, Object> dump = new LinkedHashMap<>();
        dump.put("url", url);
        dump.put("format", format);
        dump.put("exclude", List.copyOf(request.listOrEmpty("exclude")));
        dump.put("storage_options", options);
        String worker = cluster.pythonWorker("dump_cluster_state to a URL: a Python worker writes it,"
                + " with fsspec, and there is none. Start one, or use write_from_scheduler=False");
        try {
            new PythonCalls(cluster.rpc()).call(worker, "write_dump", Duration.ZERO, frames(dump));
            return null;
        } catch (IOException e) {
            throw RpcFailure.python(
                    "builtins", "OSError", "worker " + worker + " was lost as it wrote the dump: " + e.getMessage());
        }
    }

    /// As one message, in which options that are no plain values stay as the client pickled them.
    private static List<Object> frames(Map<String, Object> dump) {
        var writer = new MsgpackWriter(256);
        writer.value(dump);
        List<Object> frames = new ArrayList<>();
        frames.add(writer.toByteArray());
        frames.addAll(writer.frames());
        return frames;
    }
}
