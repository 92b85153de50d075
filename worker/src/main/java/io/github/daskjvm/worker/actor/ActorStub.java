package io.github.daskjvm.worker.actor;

import io.github.daskjvm.worker.task.TaskContext;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Turns calls of a proxy's methods into calls of the actor. Any thread may call.
public final class ActorStub implements InvocationHandler {
    private final Class<?> type;
    private final ActorCalls calls;
    private final Locator locator;
    private final @Nullable Object held;
    private volatile @Nullable ActorReference reference;

    /// Finds the actor; may wait until it is made.
    @FunctionalInterface
    public interface Locator {
        /// @throws ActorException if it could not be made, or is gone
        ActorReference locate() throws InterruptedException;
    }

    /// @param type the interface
    /// @param locator asked for the first call
    /// @param held kept as long as the proxy is: the future that keeps the actor
    public ActorStub(Class<?> type, ActorCalls calls, Locator locator, @Nullable Object held) {
        this.type = type;
        this.calls = calls;
        this.locator = locator;
        this.held = held;
    }

    /// The future that keeps the actor, in a client that made it or asked for it.
    public @Nullable Object held() {
        return held;
    }

    private ActorReference reference() throws InterruptedException {
        ActorReference known = reference;
        if (known == null) {
            known = locator.locate();
            reference = known;
        }
        return known;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return ofObject(proxy, method, arguments);
        }
        if (method.getDeclaringClass() == ActorProxy.class) {
            return method.getName().equals("actorStub") ? this : reference();
        }
        ActorReference target;
        try {
            target = reference();
        } catch (InterruptedException e) {
            throw interrupted(method, e);
        }
        CompletableFuture<@Nullable Object> answer =
                calls.call(target, method, arguments == null ? List.of() : Arrays.asList(arguments));
        if (returnsLater(method)) {
            return answer;
        }
        return await(target, method, answer);
    }

    static boolean returnsLater(Method method) {
        Class<?> result = method.getReturnType();
        return result == CompletableFuture.class || result == CompletionStage.class || result == Future.class;
    }

    private Object ofObject(Object proxy, Method method, @Nullable Object @Nullable [] arguments) {
        return switch (method.getName()) {
            case "equals" -> arguments != null && proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "Actor[" + type.getSimpleName() + (reference == null ? "" : ", " + reference.keyValue()) + "]";
        };
    }

    private @Nullable Object await(ActorReference target, Method method, CompletableFuture<@Nullable Object> answer)
            throws Throwable {
        try {
            return TaskContext.await(answer);
        } catch (InterruptedException e) {
            throw interrupted(method, e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            var here = new ActorException(
                    String.valueOf(target.keyValue()),
                    method.getName() + " of " + type.getSimpleName() + ", actor " + target.keyValue() + " on "
                            + target.worker() + ", was called here",
                    null);
            if (cause instanceof ActorException ours) {
                ours.addSuppressed(here);
                throw ours;
            }
            if (cause instanceof RuntimeException || cause instanceof Error || declares(method, cause)) {
                cause.addSuppressed(here);
                throw cause;
            }
            throw new ActorException(here.key(), method.getName() + " threw what it does not declare: " + cause, cause);
        }
    }

    /// As the method lets it be thrown.
    private Exception interrupted(Method method, InterruptedException e) {
        if (declares(method, e)) {
            return e;
        }
        Thread.currentThread().interrupt();
        return new ActorException(
                reference == null ? "" : String.valueOf(reference.keyValue()), "interrupted while it waited", e);
    }

    private static boolean declares(Method method, Throwable thrown) {
        for (Class<?> declared : method.getExceptionTypes()) {
            if (declared.isInstance(thrown)) {
                return true;
            }
        }
        return false;
    }
}
