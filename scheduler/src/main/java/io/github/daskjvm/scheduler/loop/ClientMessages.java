package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Command.ActorLost;
import io.github.daskjvm.core.scheduler.Command.CancelledKeys;
import io.github.daskjvm.core.scheduler.Command.ClientMessage;
import io.github.daskjvm.core.scheduler.Command.InputsTooLarge;
import io.github.daskjvm.core.scheduler.Command.KeyInMemory;
import io.github.daskjvm.core.scheduler.Command.LostData;
import io.github.daskjvm.core.scheduler.Command.NoValidWorker;
import io.github.daskjvm.core.scheduler.Command.NoWorker;
import io.github.daskjvm.core.scheduler.Command.Restarted;
import io.github.daskjvm.core.scheduler.Command.TaskErred;
import io.github.daskjvm.core.scheduler.Command.TaskKilledWorkers;
import io.github.daskjvm.core.scheduler.Command.TaskRejected;
import io.github.daskjvm.core.scheduler.Command.TaskRetried;
import io.github.daskjvm.protocol.MsgpackWriter;
import io.github.daskjvm.protocol.Pickle;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// Writes scheduler-to-client messages, in the forms that clients of all versions take: a client of 2024.12.1
/// ignores a cancellation that says more than its keys.
final class ClientMessages {
    private ClientMessages() {}

    static void write(MsgpackWriter out, ClientMessage message) {
        write(out, message, false);
    }

    /// @param results the client is one of the JVM, and takes small results with the news of them
    static void write(MsgpackWriter out, ClientMessage message, boolean results) {
        switch (message) {
            case KeyInMemory(TaskKey key, SmallResult(Object type, byte[] result)) -> {
                keyed(out, "key-in-memory", key, results || type != null ? 3 : 2);
                if (results) {
                    out.string("result");
                    out.bin(result);
                } else if (type != null) {
                    out.string("type");
                    out.value(type);
                }
            }
            case KeyInMemory(TaskKey key, Object type) -> {
                keyed(out, "key-in-memory", key, type == null ? 2 : 3);
                if (type != null) {
                    out.string("type");
                    out.value(type);
                }
            }
            case TaskErred(TaskKey key, Object exception, Object traceback) -> erred(out, key, exception, traceback);
            case TaskKilledWorkers killed -> erred(out, killed.key(), SchedulerExceptions.killedWorker(killed), null);
            case ActorLost(TaskKey key) -> erred(out, key, SchedulerExceptions.actorLost(), null);
            case InputsTooLarge large -> erred(out, large.key(), SchedulerExceptions.inputsTooLarge(large), null);
            case NoWorker none ->
                erred(out, none.key(), SchedulerExceptions.noWorker(none.cause(), none.failure()), null);
            case NoValidWorker none ->
                erred(out, none.key(), SchedulerExceptions.noValidWorker(none.cause(), none.failure()), null);
            case TaskRejected(TaskKey key, String reason) ->
                erred(out, key, Pickle.exception("builtins", "ValueError", reason), null);
            case LostData(TaskKey key) -> keyed(out, "lost-data", key, 2);
            case CancelledKeys(Collection<TaskKey> keys) -> {
                out.mapHeader(2);
                out.string("op");
                out.string("cancelled-keys");
                out.string("keys");
                out.arrayHeader(keys.size());
                for (TaskKey key : keys) {
                    WorkerMessages.key(out, key);
                }
            }
            case TaskRetried(TaskKey key) -> keyed(out, "task-retried", key, 2);
            case Restarted() -> {
                out.mapHeader(1);
                out.string("op");
                out.string("restart");
            }
        }
    }

    private static void keyed(MsgpackWriter out, String op, TaskKey key, int fields) {
        out.mapHeader(fields);
        out.string("op");
        out.string(op);
        out.string("key");
        WorkerMessages.key(out, key);
    }

    private static void erred(MsgpackWriter out, TaskKey key, @Nullable Object exception, @Nullable Object traceback) {
        keyed(out, "task-erred", key, 4);
        out.string("exception");
        out.value(exception);
        out.string("traceback");
        out.value(traceback);
    }
}
