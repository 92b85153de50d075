package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.Fields;
import org.jspecify.annotations.Nullable;

/// Answers one operation. Runs on the connection's own virtual thread and may block.
@FunctionalInterface
public interface RpcHandler {
    /// Returned by a handler that used the connection for itself, as a stream say, until it was done with it:
    /// no reply is written and the connection closes.
    Object TAKEN = new Object();

    /// @return the reply, see [io.github.daskjvm.protocol.MsgpackWriter#value] for the types; or [#TAKEN]
    /// @throws RpcFailure to have the caller raise an exception of the handler's choice
    /// @throws io.github.daskjvm.protocol.BadMessageException for bad arguments: the caller raises a `TypeError`
    /// @throws Exception anything else: the caller raises a `RuntimeError` with its text
    @Nullable
    Object handle(Fields request, Connection connection) throws Exception;
}
