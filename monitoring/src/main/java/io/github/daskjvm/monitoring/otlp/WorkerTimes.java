package io.github.daskjvm.monitoring.otlp;

import io.github.daskjvm.core.scheduler.Event.StartStop;
import java.util.List;

/// What a worker did for an attempt, by the scheduler's clock.
///
/// A stock worker corrects its clock by what it has measured of the scheduler's with its heartbeats; a JVM worker does
/// not.
/// What is left shows where it breaks causality: nothing but fetching can begin before the scheduler gave the task
/// away, nor can anything end after it was told. Then all actions of the attempt are moved by the least that mends
/// it.
///
/// @param shift by which all were moved, in nanoseconds; mostly 0
record WorkerTimes(long shift, long earliest, long latest) {

    /// @param earliest nothing begins before, whatever the worker says: when the graph arrived
    static WorkerTimes of(List<StartStop> actions, long earliest, long given, long end) {
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (StartStop action : actions) {
            if (!action.action().equals("transfer")) {
                first = Math.min(first, nanos(action.start()));
            }
            last = Math.max(last, nanos(action.stop()));
        }
        long shift = 0;
        if (last > end) {
            shift = end - last;
        } else if (first < given) {
            shift = Math.min(given - first, end - last);
        }
        return new WorkerTimes(shift, earliest, end);
    }

    long start(StartStop action) {
        return Math.clamp(nanos(action.start()) + shift, earliest, latest);
    }

    long stop(StartStop action) {
        return Math.clamp(nanos(action.stop()) + shift, start(action), latest);
    }

    /// Seconds since 1970 as nanoseconds; what can be no time is the beginning of it.
    private static long nanos(double seconds) {
        return seconds > 0 && seconds < 4e9 ? (long) (seconds * 1e9) : 0;
    }
}
