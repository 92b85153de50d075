package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.pickle.PackedPickle;
import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleWriter;
import io.github.daskjvm.pickle.PyNode;
import io.github.daskjvm.protocol.AsPayload;
import io.github.daskjvm.protocol.LateFrame;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Payload;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The pickle of a task that no Python has loaded yet. A stock worker that fails to load one closes itself, and
/// the same task then ends the next worker; so what goes to workers is a pickle that loads this one from a
/// buffer beside it, and makes a task that raises what went wrong where that fails. It consists of what every
/// Dask has, so whoever asks for a task can read it, and costs a worker 4 µs:
///
/// ```python
/// error = RuntimeError(TEXT)
/// failed = compose(partial(Task, None, reraise, error), partial(error.__setattr__, "__cause__"))
/// excepts(Exception, pickle.loads, failed)(buffer) ```
///
/// 16 bytes and `packed`: the pickle is kept as a [PackedPickle], which is not an object of its own.
///
/// @param packed as the pickle has it, as is `like`
@SuppressWarnings("ArrayRecordComponent")
record GuardedPickle(byte[] packed, byte @Nullable [] like) implements AsPayload, LateFrame {
    private static final String TEXT =
            "Error during deserialization of a task. The workers of a client's graphs need the"
                    + " modules, in the versions, that the client used to make them.";
    private static final byte[] HEADER = header();

    static GuardedPickle of(PackedPickle pickle) {
        return new GuardedPickle(pickle.packed(), pickle.like());
    }

    @Override
    public Payload payload() {
        return new Payload(Payload.Kind.PICKLED, HEADER, List.of(new PackedPickle(packed, like).bytes()));
    }

    @Override
    public void write(MsgpackWriter out) {
        if (like == null) {
            out.payload(payload());
        } else {
            out.payload(Payload.Kind.PICKLED, HEADER, this);
        }
    }

    @Override
    public int length() {
        return new PackedPickle(packed, like).length();
    }

    @Override
    public void putInto(ByteBuffer into) {
        new PackedPickle(packed, like).putInto(into);
    }

    private static byte[] header() {
        var writer = new MsgpackWriter(512);
        writer.mapHeader(3);
        writer.string("pickled-obj");
        writer.value(guard());
        writer.string("num-sub-frames");
        writer.int64(1);
        writer.string("compression");
        writer.arrayHeader(1);
        writer.nil();
        return writer.toByteArray();
    }

    private static byte[] guard() {
        var error = call(new PyNode.Global("builtins", "RuntimeError"), TEXT);
        var partial = new PyNode.Global("functools", "partial");
        var task = call(
                partial,
                new PyNode.Global("dask._task_spec", "Task"),
                null,
                new PyNode.Global("dask.local", "reraise"),
                error);
        var setter = call(new PyNode.Global("builtins", "getattr"), error, "__setattr__");
        var failed = call(new PyNode.Global("toolz", "compose"), task, call(partial, setter, "__cause__"));
        var loads = call(
                new PyNode.Global("toolz", "excepts"),
                new PyNode.Global("builtins", "Exception"),
                new PyNode.Global("_pickle", "loads"),
                failed);
        try {
            return PickleWriter.write(call(loads, new PyNode.Buffer(0, false))).pickle();
        } catch (PickleFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PyNode.Call call(Object function, @Nullable Object... arguments) {
        return new PyNode.Call(PyNode.How.REDUCE, function, new PyNode.Tuple(arguments), null);
    }
}
