package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.RpcServer;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.FrameLimits;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PayloadFrames;
import io.github.daskjvm.protocol.Pickle;
import io.github.daskjvm.protocol.PickleReader;
import io.github.daskjvm.protocol.PickleReader.Opaque;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// A Python worker as far as its `run` goes, on a real socket. It unpickles what it is asked to run as Python does,
/// and answers with what the test tells it to.
final class FakePythonWorker implements AutoCloseable {
    /// What the function returns.
    interface Function {
        Object call(String name, List<?> arguments) throws Exception;
    }

    final List<String> calls = new CopyOnWriteArrayList<>();
    final AtomicInteger installations = new AtomicInteger();
    final String address;
    volatile boolean installed;
    private final RpcServer server;
    private final Function function;

    FakePythonWorker(Function function) throws IOException {
        this.function = function;
        this.server = RpcServer.start(
                Address.parse("tcp://127.0.0.1:0"),
                null,
                FrameLimits.DEFAULT,
                Map.of("run", (request, connection) -> run(request)));
        this.address = "tcp://127.0.0.1:" + server.port();
    }

    /// Answers with the recorded pages of a graph, one after the other.
    static Function pages(String name) {
        return (function, arguments) ->
                bytes(Recordings.bytes(name + ".page-" + (function.equals("more") ? arguments.getFirst() : 0)));
    }

    /// How a Python worker returns `bytes`.
    static Map<String, Object> bytes(byte[] value) {
        return Map.of(
                "status",
                "OK",
                "result",
                Payload.serialized(Map.of("serializer", "dask", "type", "bytes"), List.of(value)));
    }

    /// How it says that the function raised.
    static Map<String, Object> error(String status, String text) {
        return Map.of(
                "status",
                status,
                "exception",
                Payload.serialized(Map.of("serializer", "pickle"), List.of(Pickle.of(text))),
                "traceback",
                Payload.serialized(Map.of("serializer", "pickle"), List.of(Pickle.of("traceback of " + text))),
                "exception_text",
                text,
                "traceback_text",
                "");
    }

    private Object run(Fields request) throws Exception {
        var wanted = (Opaque) PickleReader.readWithOpaque((byte[]) request.required("function"));
        String name;
        if (wanted.type().equals("builtins.getattr")) {
            var arguments = (List<?>) wanted.arguments();
            name = (String) arguments.getLast();
            installed = true;
            installations.incrementAndGet();
        } else if (installed) {
            name = wanted.type().substring(wanted.type().lastIndexOf('.') + 1);
        } else {
            String module = wanted.type().substring(0, wanted.type().lastIndexOf('.'));
            return error("uncaught-error", "ModuleNotFoundError(\"No module named '" + module + "'\")");
        }
        calls.add(name);
        byte[] arguments = PayloadFrames.bytes((Payload) request.required("args"));
        return function.call(name, (List<?>) PickleReader.read(arguments));
    }

    @Override
    public void close() {
        server.close();
    }
}
