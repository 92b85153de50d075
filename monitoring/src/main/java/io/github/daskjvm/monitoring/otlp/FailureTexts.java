package io.github.daskjvm.monitoring.otlp;

import io.github.daskjvm.core.scheduler.Failure;

/// Why tasks failed, in words.
final class FailureTexts {
    private static final int LENGTH_MAX = 8_000;

    private FailureTexts() {}

    static String of(Failure failure) {
        return switch (failure) {
            case Failure.Raised raised -> shortened(raised.exceptionText());
            case Failure.KilledWorkers killed ->
                "KilledWorker: more than " + killed.allowedFailures() + " workers died with it, at last "
                        + killed.lastWorker();
            case Failure.ActorLost lost -> "ValueError: the worker that held the actor is gone";
            case Failure.InputsTooLarge large ->
                "MemoryError: its inputs are " + large.inputBytes() + " bytes, but " + large.worker()
                        + " may hold no more than " + large.memoryLimitBytes();
            case Failure.NoWorker none -> "NoWorkerError: no worker for " + none.timeoutSeconds() + " s";
            case Failure.NoValidWorker none ->
                "NoValidWorkerError: no worker that could run it for " + none.timeoutSeconds() + " s";
        };
    }

    /// The end of a traceback says most, and so does the beginning of an exception's text.
    static String shortened(String text) {
        int half = LENGTH_MAX / 2;
        return text.length() <= LENGTH_MAX
                ? text
                : text.substring(0, half) + " … " + text.substring(text.length() - half);
    }
}
