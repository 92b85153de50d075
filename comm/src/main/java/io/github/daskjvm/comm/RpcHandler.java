package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.Fields;
import org.jspecify.annotations.Nullable;

/// Answers one operation. Runs on the connection's own virtual thread and may block.
@FunctionalInterface
public interface RpcHandler {
    /// Returned by a handler that used the connection for itself, as a stream say, until it was done with it:
    /// no reply is written and the connection closes.
    Object TAKEN = new Object();

    /// Returned by a handler that wrote its reply itself, since more than a reply belongs to the exchange: the
    /// connection goes on with the next request.
    Object ANSWERED = new Object();

    /// @return the reply, see [io.github.daskjvm.protocol.MsgpackWriter#value] for the types; or [#TAKEN] or
    /// [#ANSWERED]
    /// @throws RpcFailure to have the caller raise an exception of the handler's choice
    /// @throws io.github.daskjvm.protocol.BadMessageException for bad arguments: the caller raises a `TypeError`
    /// @throws Exception anything else: the caller raises a `RuntimeError` with its text
    @Nullable
    Object handle(Fields request, Connection connection) throws Exception;
}
