package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.SchedulerFailure;

/// The task was given up: too many workers died while they ran it, as the scheduler's setting
/// `distributed.scheduler.allowed-failures` says. It is likely, not certain, that the task is the reason:
/// [#failedKey] is the one that ran there, [#worker] the last of the workers. There is no stack trace of a worker that
/// died; its log may say more.
public final class KilledWorkerException extends TaskFailedException {
    private final int killedWorkers;

    KilledWorkerException(String key, SchedulerFailure.KilledWorker killed, Throwable cause) {
        super(key, killed.task(), killed.lastWorker().isEmpty() ? null : killed.lastWorker(), cause);
        this.killedWorkers = killed.allowedFailures() + 1;
    }

    /// How many workers died while they ran the task.
    public int killedWorkers() {
        return killedWorkers;
    }
}
