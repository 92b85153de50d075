package io.github.daskjvm.worker.actor;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// An actor on its worker: its object, and the calls that wait for their turn, one after the other. Any thread may
/// call.
final class ActorHost {
    private static final int WAITING_MAX = 10_000;

    private final Class<?> type;
    private final Object object;
    private final Executor threads;
    private final Map<String, Method> methods = new HashMap<>();
    private final Semaphore room = new Semaphore(WAITING_MAX);
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Turn> waiting = new ArrayDeque<>();
    private boolean busy;
    private boolean ended;

    /// What is done when it is the call's turn.
    interface Turn {
        void take();

        /// It will not be: the actor has gone.
        void missed();
    }

    /// @param threads each call takes one while it runs
    ActorHost(Class<?> type, Object object, Executor threads) {
        this.type = type;
        this.object = object;
        this.threads = threads;
        for (Method method : type.getMethods()) {
            method.setAccessible(true);
            methods.put(signature(method.getName(), ActorCalls.typeNames(method)), method);
        }
    }

    private static String signature(String name, Collection<?> types) {
        return name + types;
    }

    Class<?> type() {
        return type;
    }

    /// @param types names of the parameters' classes; null from a caller who does not know them
    /// @throws NoSuchMethodException naming the interface, if it has no such method or several
    Method method(String name, @Nullable Collection<?> types, int arguments) throws NoSuchMethodException {
        Method found = types == null ? null : methods.get(signature(name, List.copyOf(types)));
        if (types == null) {
            List<Method> fitting = methods.values().stream()
                    .filter(method -> method.getName().equals(name) && method.getParameterCount() == arguments)
                    .toList();
            found = fitting.size() == 1 ? fitting.getFirst() : null;
        }
        if (found == null) {
            throw new NoSuchMethodException(type.getName() + " has no method " + name + " for these " + arguments
                    + " arguments on this worker; both sides must have the same version of the interface");
        }
        return found;
    }

    /// By the actor's turn alone.
    @Nullable
    Object invoke(Method method, @Nullable Object[] arguments) throws Throwable {
        try {
            return method.invoke(object, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    /// Waits while there are ten thousand before it.
    void enqueue(Turn turn) throws InterruptedException {
        room.acquire();
        boolean missed;
        lock.lock();
        try {
            missed = ended;
            if (!missed) {
                waiting.addLast(turn);
                if (!busy) {
                    busy = true;
                    threads.execute(this::work);
                }
            }
        } finally {
            lock.unlock();
        }
        if (missed) {
            room.release();
            turn.missed();
        }
    }

    private void work() {
        for (Turn turn = next(); turn != null; turn = next()) {
            try {
                turn.take();
            } finally {
                room.release();
            }
        }
    }

    private @Nullable Turn next() {
        lock.lock();
        try {
            Turn turn = waiting.pollFirst();
            busy = turn != null;
            return turn;
        } finally {
            lock.unlock();
        }
    }

    /// No call is taken any more; those that wait are missed. An object that can be closed is closed, after the call
    /// that runs.
    void end() {
        List<Turn> left;
        lock.lock();
        try {
            ended = true;
            left = List.copyOf(waiting);
            waiting.clear();
            if (object instanceof AutoCloseable closeable) {
                waiting.add(closing(closeable));
                room.tryAcquire();
                if (!busy) {
                    busy = true;
                    threads.execute(this::work);
                }
            }
        } finally {
            lock.unlock();
        }
        for (Turn turn : left) {
            room.release();
            turn.missed();
        }
    }

    private static Turn closing(AutoCloseable closeable) {
        return new Turn() {
            @Override
            public void take() {
                try {
                    closeable.close();
                } catch (Exception e) {
                    Thread.currentThread().getUncaughtExceptionHandler().uncaughtException(Thread.currentThread(), e);
                }
            }

            @Override
            public void missed() {
                // It is the last.
            }
        };
    }
}
