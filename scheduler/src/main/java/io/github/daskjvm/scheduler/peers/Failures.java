package io.github.daskjvm.scheduler.peers;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The last failed runs of tasks with what they raised, as texts. Costs only where a task fails. Any thread may call.
public final class Failures {
    /// Failures kept, and letters of each of a failure's texts.
    public static final int LENGTH = 200;

    static final int TEXT_MAX = 8_000;

    /// A task's run that failed; the task itself may have been tried again.
    ///
    /// @param time seconds since 1970
    /// @param exception as Python's `repr` shows it
    /// @param traceback its text; its end, where it is very long
    public record Failure(long index, double time, TaskKey key, String worker, String exception, String traceback) {}

    private final Deque<Failure> failures = new ArrayDeque<>();
    private long total;

    void add(Event.TaskErred erred) {
        add(erred.worker(), erred.key(), erred.exceptionText(), erred.tracebackText());
    }

    public synchronized void add(String worker, TaskKey key, String exception, String traceback) {
        if (failures.size() == LENGTH) {
            failures.removeFirst();
        }
        failures.addLast(new Failure(
                total++,
                Wire.now(),
                key,
                worker,
                exception.length() <= TEXT_MAX ? exception : exception.substring(0, TEXT_MAX) + " …",
                traceback.length() <= TEXT_MAX
                        ? traceback
                        : "… " + traceback.substring(traceback.length() - TEXT_MAX)));
    }

    /// Oldest first.
    public synchronized List<Failure> last() {
        return new ArrayList<>(failures);
    }

    /// Failures ever noted; the index of the next.
    public synchronized long total() {
        return total;
    }
}
