package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.loop.EventLoop;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `client.amm`: starts, stops and runs the active memory manager, and says whether it is started.
final class MemoryManagerOps {
    private final EventLoop loop;

    MemoryManagerOps(EventLoop loop) {
        this.loop = loop;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("amm_handler", this::handle);
    }

    private @Nullable Object handle(Fields request, Connection connection) throws BadMessageException, RpcFailure {
        String method = request.string("method");
        switch (method) {
            case "start" -> post(new Event.MemoryManagerSwitched(true));
            case "stop" -> post(new Event.MemoryManagerSwitched(false));
            case "run_once" -> post(new Event.MemoryManagerTriggered());
            case "running" -> {
                return loop.query(SchedulerState::memoryManagerStarted);
            }
            default ->
                throw RpcFailure.valueError(
                        "the active memory manager has start, stop, run_once and running, not " + method);
        }
        return null;
    }

    private void post(Event event) {
        loop.post(event);
        loop.await();
    }
}
