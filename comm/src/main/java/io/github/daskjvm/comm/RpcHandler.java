package io.github.daskjvm.comm;

import io.github.daskjvm.protocol.Fields;
import java.util.concurrent.Callable;
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

    /// Whether requests whose payloads are large come to [#handleLarge], before they are here.
    default boolean takesLarge() {
        return false;
    }

    /// As [#handle], for such a request: it has marker maps for payloads, whose frames the handler passes on. What it
    /// leaves is dropped.
    default @Nullable Object handleLarge(Fields request, Incoming frames, Connection connection) throws Exception {
        return handle(Fields.of(frames.whole()), connection);
    }

    /// What is done around each call of a handler.
    @FunctionalInterface
    interface Around {
        /// @param call of the handler
        @Nullable
        Object answer(Fields request, Callable<@Nullable Object> call) throws Exception;
    }

    /// This handler, and that around it.
    default RpcHandler within(Around around) {
        RpcHandler handler = this;
        return new RpcHandler() {
            @Override
            public @Nullable Object handle(Fields request, Connection connection) throws Exception {
                return around.answer(request, () -> handler.handle(request, connection));
            }

            @Override
            public boolean takesLarge() {
                return handler.takesLarge();
            }

            @Override
            public @Nullable Object handleLarge(Fields request, Incoming frames, Connection connection)
                    throws Exception {
                return around.answer(request, () -> handler.handleLarge(request, frames, connection));
            }
        };
    }
}
