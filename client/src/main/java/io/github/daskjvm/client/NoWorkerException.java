package io.github.daskjvm.client;

import org.jspecify.annotations.Nullable;

/// There was no worker for the task for too long, or none that it may run on, as the scheduler's setting
/// `distributed.scheduler.no-workers-timeout` says.
public final class NoWorkerException extends TaskFailedException {
    NoWorkerException(String key, @Nullable String failedKey, Throwable cause) {
        super(key, failedKey, null, cause);
    }
}
