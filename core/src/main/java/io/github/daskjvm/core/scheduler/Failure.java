package io.github.daskjvm.core.scheduler;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Why a task is erred.
public sealed interface Failure {

    /// It raised. `exception` and `traceback` are opaque and forwarded.
    record Raised(@Nullable Object exception, @Nullable Object traceback, String exceptionText, String tracebackText)
            implements Failure {}

    /// Workers kept dying with it.
    record KilledWorkers(String lastWorker, int allowedFailures) implements Failure {}

    /// The worker where the actor lived is gone.
    record ActorLost() implements Failure {}

    /// Its inputs are more than the worker chosen for it may hold, who would only be killed by them.
    record InputsTooLarge(String worker, long inputBytes, long memoryLimitBytes) implements Failure {}

    /// There was no running worker for too long.
    record NoWorker(double timeoutSeconds) implements Failure {}

    /// None of the workers could run it for too long.
    ///
    /// @param workers the addresses, names and hosts it is restricted to; empty for none
    record NoValidWorker(List<String> workers, Map<String, Double> resources, double timeoutSeconds)
            implements Failure {}
}
