package io.github.daskjvm.worker.actor;

import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.worker.task.TaskContext;
import io.github.daskjvm.worker.task.WorkerServices;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectStreamException;
import java.io.Serial;
import java.io.Serializable;
import java.lang.reflect.Proxy;
import java.time.Duration;

/// Where an actor is: what travels in its place. Where it is read by a task, it becomes a proxy.
///
/// @param keyValue the key of the task that made it, in wire form
/// @param type the name of the interface by which it is called
/// @param worker the address of the worker that has it
public record ActorReference(Object keyValue, String type, String worker) implements Serializable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

    /// @throws IllegalArgumentException if what was received is no key
    public TaskKey key() {
        return TaskKey.of(keyValue);
    }

    @Serial
    private Object readResolve() throws ObjectStreamException {
        TaskContext context = TaskContext.currentOrNull();
        if (context == null) {
            return this;
        }
        try {
            return proxy(context.services());
        } catch (IOException e) {
            throw new InvalidObjectException(e.getMessage(), e);
        }
    }

    /// A proxy for a task of a worker.
    ///
    /// @throws IOException if the interface is not on the worker's class path
    public Object proxy(WorkerServices services) throws IOException {
        try {
            Class<?> interfaceClass = Class.forName(type, false, services.loader());
            ActorCalls calls = services.shared(
                    ActorCalls.class,
                    () -> ActorCalls.withOwnPool(new RpcPool(services.tls(), CONNECT_TIMEOUT), services.loader()));
            return proxy(interfaceClass, new ActorStub(interfaceClass, calls, () -> this, null));
        } catch (ClassNotFoundException e) {
            throw new IOException(
                    "the actor " + keyValue + " is called by " + type + ", which is not on this worker's class path",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /// A proxy that calls by the stub.
    ///
    /// @throws IllegalArgumentException if the type is no interface, or its loader does not know this project's
    ///     classes
    public static Object proxy(Class<?> type, ActorStub stub) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type, ActorProxy.class}, stub);
    }
}
