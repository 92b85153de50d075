package io.github.daskjvm.client;

import org.jspecify.annotations.Nullable;

/// The task was given up: too many workers died while they ran it, as the scheduler's setting
/// `distributed.scheduler.allowed-failures` says. It is likely, not certain, that the task is the reason.
/// The message names the last of them.
public final class KilledWorkerException extends TaskFailedException {
    KilledWorkerException(String key, @Nullable String failedKey, @Nullable String worker, Throwable cause) {
        super(key, failedKey, worker, cause);
    }
}
