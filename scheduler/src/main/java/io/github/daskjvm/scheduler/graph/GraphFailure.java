package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.protocol.Pickle;
import org.jspecify.annotations.Nullable;

/// A graph that cannot become tasks, for a reason that lies in the graph. The client is owed a `task-erred` for
/// each key it asked for, with [#exception] and [#traceback] as they are.
public final class GraphFailure extends Exception {
    private final transient Object exception;
    private final transient @Nullable Object traceback;

    /// @param exception pickled: bytes, or a payload as a worker sent it
    /// @param traceback likewise, or null
    public GraphFailure(String text, Object exception, @Nullable Object traceback) {
        super(text);
        this.exception = exception;
        this.traceback = traceback;
    }

    /// A failure found here, which the client raises as a Python `RuntimeError`.
    public static GraphFailure of(String text) {
        return new GraphFailure(text, Pickle.exception("builtins", "RuntimeError", text), null);
    }

    public Object exception() {
        return exception;
    }

    public @Nullable Object traceback() {
        return traceback;
    }
}
