package io.github.daskjvm.worker.actor;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.TaskFailure;
import java.io.IOException;
import java.io.NotSerializableException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Calls of actors, straight to their workers, by Dask's op `actor_execute`. All calls to a worker go by one
/// connection, in the order in which they are made, and without waiting for answers: a call has a number, which its
/// answer repeats. Any thread may call.
public final class ActorCalls implements AutoCloseable {
    private final RpcPool pool;
    private final boolean closesPool;
    private final ClassLoader loader;
    private final Map<String, Channel> channels = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private ActorCalls(RpcPool pool, boolean closesPool, ClassLoader loader) {
        this.pool = pool;
        this.closesPool = closesPool;
        this.loader = loader;
    }

    /// @param pool for connections; stays open
    /// @param loader finds the classes of results and exceptions
    public ActorCalls(RpcPool pool, ClassLoader loader) {
        this(pool, false, loader);
    }

    static ActorCalls withOwnPool(RpcPool pool, ClassLoader loader) {
        return new ActorCalls(pool, true, loader);
    }

    private record Call(ActorReference actor, String name, CompletableFuture<@Nullable Object> result) {
        void lost(String why, @Nullable Throwable cause) {
            result.completeExceptionally(new ActorLostException(
                    String.valueOf(actor.keyValue()),
                    actor.worker(),
                    "the actor " + actor.keyValue() + " on " + actor.worker() + " is lost: " + why + " when " + name
                            + " was called",
                    cause));
        }
    }

    /// @return ends with what the method threw, or an [ActorException]
    /// @throws IllegalArgumentException if an argument is not serializable
    CompletableFuture<@Nullable Object> call(ActorReference actor, Method method, List<?> arguments) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("op", "actor_execute");
        request.put("actor", actor.keyValue());
        request.put("function", method.getName());
        request.put("types", typeNames(method));
        request.put("args", serialized(method, arguments));
        request.put("kwargs", Map.of());
        var call = new Call(actor, method.getName(), new CompletableFuture<>());
        while (!channel(actor.worker()).send(call, request)) {
            // The channel has ended since; the next one is new.
        }
        return call.result;
    }

    static List<String> typeNames(Method method) {
        List<String> names = new ArrayList<>();
        for (Class<?> type : method.getParameterTypes()) {
            names.add(type.getName());
        }
        return names;
    }

    private static List<Payload> serialized(Method method, List<?> arguments) {
        List<Payload> payloads = new ArrayList<>(arguments.size());
        for (Object argument : arguments) {
            try {
                payloads.add(JavaCodec.payload(argument));
            } catch (NotSerializableException e) {
                throw new IllegalArgumentException(
                        "an argument of " + method.getName() + " holds a " + e.getMessage()
                                + ", which is not Serializable",
                        e);
            } catch (IOException e) {
                throw new IllegalArgumentException(
                        "an argument of " + method.getName() + " can not be sent: " + e.getMessage(), e);
            }
        }
        return payloads;
    }

    private Channel channel(String worker) {
        return channels.computeIfAbsent(worker, Channel::new);
    }

    /// The connection to one worker.
    private final class Channel {
        private final String worker;
        private final ReentrantLock lock = new ReentrantLock();
        private final Map<Long, Call> open = new HashMap<>();
        private @Nullable Connection connection;
        private long calls;
        private boolean ended;

        Channel(String worker) {
            this.worker = worker;
        }

        /// @return false if this channel has ended
        boolean send(Call call, Map<String, Object> request) {
            lock.lock();
            try {
                if (ended) {
                    return false;
                }
                long number = ++calls;
                request.put("call", number);
                open.put(number, call);
                var message = new MsgpackWriter(512);
                message.value(request);
                connected().write(message);
            } catch (IOException e) {
                end("its worker could not be reached", e);
            } finally {
                lock.unlock();
            }
            return true;
        }

        private Connection connected() throws IOException {
            Connection present = connection;
            if (present == null) {
                if (closed) {
                    throw new IOException("this client is closed");
                }
                present = pool.borrow(worker);
                present.readTimeout(java.time.Duration.ZERO);
                Connection own = present;
                connection = own;
                Thread.ofVirtual().name("actor-calls-" + worker).start(() -> read(own));
            }
            return present;
        }

        private void read(Connection own) {
            try {
                for (; ; ) {
                    if (own.read() instanceof Map<?, ?> reply && reply.get("call") instanceof Long number) {
                        Call call = taken(number);
                        if (call != null) {
                            complete(call, reply);
                        }
                    }
                }
            } catch (IOException e) {
                end(closed ? "this client was closed" : "the connection to its worker broke", e);
            } catch (RuntimeException | StackOverflowError e) {
                end("its worker's answer can not be read", e);
            }
        }

        private @Nullable Call taken(long number) {
            lock.lock();
            try {
                return open.remove(number);
            } finally {
                lock.unlock();
            }
        }

        private void end(String why, Throwable cause) {
            List<Call> left;
            lock.lock();
            try {
                ended = true;
                left = List.copyOf(open.values());
                open.clear();
                channels.remove(worker, this);
                if (connection != null) {
                    connection.close();
                }
            } finally {
                lock.unlock();
            }
            left.forEach(call -> call.lost(why, cause));
        }
    }

    private void complete(Call call, Map<?, ?> reply) {
        if ("missing".equals(reply.get("status"))) {
            call.lost("its worker has it no more", null);
        } else if ("OK".equals(reply.get("status")) && reply.get("result") instanceof Payload payload) {
            try {
                call.result.complete(JavaCodec.value(payload, loader));
            } catch (IOException | LinkageError e) {
                call.result.completeExceptionally(new ActorException(
                        String.valueOf(call.actor.keyValue()),
                        "what " + call.name + " returned can not be read: " + e.getMessage(),
                        e));
            }
        } else {
            call.result.completeExceptionally(TaskFailure.restore(
                    reply.get("exception"),
                    text(reply.get("exception_text")),
                    text(reply.get("traceback_text")),
                    loader));
        }
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String text ? text : null;
    }

    /// Ends the connections; calls that are not answered fail.
    @Override
    public void close() {
        closed = true;
        for (Channel channel : List.copyOf(channels.values())) {
            channel.end("this client was closed", new IOException("closed"));
        }
        if (closesPool) {
            pool.close();
        }
    }
}
