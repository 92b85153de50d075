package io.github.daskjvm.scheduler.coordination;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.scheduler.loop.EventLoop;
import io.github.daskjvm.scheduler.loop.SchedulerExceptions;
import java.io.EOFException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Futures in queues and variables: their tasks are wanted by a client made up for the purpose, `queue-<name>` say, as
/// long as they are there.
final class HeldKeys {
    private static final long LOOK_NANOS_MIN = 2_000_000;
    private static final long LOOK_NANOS_MAX = 100_000_000;

    private final EventLoop loop;

    HeldKeys(EventLoop loop) {
        this.loop = loop;
    }

    /// Waits until the task is known: a future may be put somewhere before its graph has arrived.
    ///
    /// @throws RpcFailure a `TimeoutError` if the task does not become known in time
    /// @throws EOFException if the caller has gone meanwhile
    void awaitKnown(TaskKey key, Deadline deadline, Connection connection)
            throws EOFException, RpcFailure, InterruptedException {
        await(key, () -> loop.query(state -> state.task(key)) != null, deadline, connection);
    }

    /// Holds the task once it is known, with the exceptions of [#awaitKnown].
    void hold(String holder, TaskKey key, Deadline deadline, Connection connection)
            throws EOFException, RpcFailure, InterruptedException {
        await(key, () -> isHeld(holder, key), deadline, connection);
    }

    private static void await(TaskKey key, BooleanSupplier done, Deadline deadline, Connection connection)
            throws EOFException, RpcFailure, InterruptedException {
        long pause = LOOK_NANOS_MIN;
        while (!done.getAsBoolean()) {
            if (deadline.hasPassed()) {
                throw Waiter.timeout("Task " + key + " unknown to scheduler.");
            }
            Thread.sleep(Duration.ofNanos(Math.min(pause, deadline.nanosLeft())));
            pause = Math.min(LOOK_NANOS_MAX, pause * 3 / 2);
            if (pause == LOOK_NANOS_MAX && connection.peerHasGone()) {
                throw new EOFException(connection.peer() + " has gone while its call waited for " + key);
            }
        }
    }

    private boolean isHeld(String holder, TaskKey key) {
        if (loop.query(state -> state.task(key)) == null) {
            return false;
        }
        wants(holder, key);
        // It may have been forgotten in between.
        return loop.query(state -> {
            TaskState task = state.task(key);
            return task != null
                    && task.whoWants().stream().anyMatch(client -> client.id().equals(holder));
        });
    }

    /// A client, real or made up, wants the task.
    void wants(String client, TaskKey key) {
        loop.post(new Event.ClientDesiresKeys(client, List.of(key)));
    }

    void letGo(String holder, List<TaskKey> keys) {
        if (!keys.isEmpty()) {
            loop.post(new Event.ClientReleasesKeys(holder, keys, "let-go"));
        }
    }

    /// What a client is told of a future: `type`, `value`, and the `state` of its task, `lost` if there is none, with
    /// `exception` and `traceback` if it failed.
    Map<String, @Nullable Object> record(TaskKey key) {
        return loop.query(state -> {
            Map<String, @Nullable Object> record = new LinkedHashMap<>();
            TaskState task = state.task(key);
            record.put("type", "Future");
            record.put("value", key.value());
            record.put("state", task == null ? "lost" : task.status().wireName());
            if (task != null && task.status() == TaskStatus.ERRED) {
                SchedulerExceptions.Told why = SchedulerExceptions.why(task);
                record.put("exception", why.exception());
                record.put("traceback", why.traceback());
            }
            return record;
        });
    }
}
