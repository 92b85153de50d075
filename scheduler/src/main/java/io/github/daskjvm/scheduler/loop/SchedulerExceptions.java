package io.github.daskjvm.scheduler.loop;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Command.TaskKilledWorkers;
import io.github.daskjvm.core.scheduler.Failure;
import io.github.daskjvm.core.scheduler.TaskState;
import io.github.daskjvm.protocol.Pickle;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The exceptions that a scheduler raises itself, as pickles that Python clients open: the classes are those of
/// `distributed.scheduler`.
public final class SchedulerExceptions {
    private static final String MODULE = "distributed.scheduler";

    private SchedulerExceptions() {}

    /// A failure as clients are told it.
    ///
    /// @param exception opaque, or a pickle made here
    public record Told(@Nullable Object exception, @Nullable Object traceback) {}

    /// Why an erred task failed. By the loop's thread.
    public static Told why(TaskState task) {
        TaskKey cause = task.blame() == null ? task.key() : task.blame().key();
        return switch (task.failure()) {
            case Failure.Raised raised -> new Told(raised.exception(), raised.traceback());
            case Failure.KilledWorkers(String lastWorker, int allowedFailures) ->
                new Told(killedWorker(new TaskKilledWorkers(task.key(), cause, lastWorker, allowedFailures)), null);
            case Failure.ActorLost lost -> new Told(actorLost(), null);
            case Failure.InputsTooLarge large ->
                new Told(inputsTooLarge(new Command.InputsTooLarge(task.key(), cause, large)), null);
            case Failure.NoWorker none -> new Told(noWorker(cause, none), null);
            case Failure.NoValidWorker none -> new Told(noValidWorker(cause, none), null);
            case null -> new Told(Pickle.exception("builtins", "RuntimeError", task.key() + " failed"), null);
        };
    }

    /// The last worker stands in as a namespace with its address, which is all that the text shows.
    static byte[] killedWorker(TaskKilledWorkers killed) {
        Map<String, Object> worker = new LinkedHashMap<>();
        worker.put("address", killed.lastWorker());
        worker.put("name", killed.lastWorker());
        Object lastWorker = Pickle.callWithState(Pickle.global("types", "SimpleNamespace"), worker);
        return Pickle.exception(
                MODULE, "KilledWorker", key(killed.cause().value()), lastWorker, killed.allowedFailures());
    }

    static byte[] actorLost() {
        return Pickle.exception("builtins", "ValueError", "Worker holding Actor was lost");
    }

    /// The text is Dask's.
    static byte[] inputsTooLarge(Command.InputsTooLarge large) {
        String text = "Task " + large.cause() + " has " + bytes(large.failure().inputBytes())
                + " worth of input dependencies, but worker " + large.failure().worker()
                + " has memory_limit set to " + bytes(large.failure().memoryLimitBytes()) + ".";
        if (large.cause().prefix().equals("finalize")) {
            text += " It seems like you called client.compute() on a huge collection. Consider writing to distributed"
                    + " storage or slicing/reducing first.";
        }
        return Pickle.exception("builtins", "MemoryError", text);
    }

    private static String bytes(long bytes) {
        double value = bytes;
        String unit = "B";
        for (String larger : List.of("kiB", "MiB", "GiB", "TiB")) {
            if (value < 900) {
                break;
            }
            value /= 1024;
            unit = larger;
        }
        return String.format(Locale.ROOT, unit.equals("B") ? "%.0f %s" : "%.2f %s", value, unit);
    }

    public static byte[] noWorker(TaskKey cause, Failure.NoWorker none) {
        return Pickle.exception(MODULE, "NoWorkerError", key(cause.value()), none.timeoutSeconds());
    }

    /// What looks like an address restricts to a worker, all else to a host.
    static byte[] noValidWorker(TaskKey cause, Failure.NoValidWorker none) {
        var hosts = new ArrayList<String>();
        var workers = new ArrayList<String>();
        for (String each : none.workers()) {
            (each.contains(":") ? workers : hosts).add(each);
        }
        return Pickle.exception(
                MODULE,
                "NoValidWorkerError",
                key(cause.value()),
                set(hosts),
                set(workers),
                none.resources(),
                none.timeoutSeconds());
    }

    private static Object set(List<String> items) {
        return Pickle.call(Pickle.global("builtins", "set"), items);
    }

    /// A task key as Python has it: arrays are tuples.
    public static Object pickledKey(TaskKey key) {
        return key(key.value());
    }

    private static Object key(Object value) {
        if (value instanceof List<?> items) {
            Object[] copy = new Object[items.size()];
            for (int i = 0; i < copy.length; i++) {
                copy[i] = key(items.get(i));
            }
            return Pickle.tuple(copy);
        }
        return value;
    }
}
