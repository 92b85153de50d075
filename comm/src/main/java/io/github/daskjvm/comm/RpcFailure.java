package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.Pickle;
import org.jspecify.annotations.Nullable;

/// An RPC that failed: thrown by a handler for its caller to raise, and thrown at a Java caller for what the
/// remote handler raised.
public final class RpcFailure extends Exception {
    private final @Nullable Object pickledException;
    private final @Nullable Object pickledTraceback;

    /// @param pickledException bytes, or a payload as received; null if there is only the text
    public RpcFailure(String text, @Nullable Object pickledException, @Nullable Object pickledTraceback) {
        super(text);
        this.pickledException = pickledException;
        this.pickledTraceback = pickledTraceback;
    }

    /// A Python exception that can be imported, such as `builtins.ValueError`, with the text as its argument.
    public static RpcFailure python(String module, String name, String text) {
        return new RpcFailure(text, Pickle.exception(module, name, text), null);
    }

    public static RpcFailure valueError(String text) {
        return python("builtins", "ValueError", text);
    }

    public @Nullable Object pickledException() {
        return pickledException;
    }

    public @Nullable Object pickledTraceback() {
        return pickledTraceback;
    }
}
