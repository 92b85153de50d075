package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerInstruction;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/// What happened in many simulations. Any thread may add.
final class Tally {
    private final LongAdder oneRuntime = new LongAdder();
    private final LongAdder bothRuntimes = new LongAdder();
    private final LongAdder lives = new LongAdder();
    private final LongAdder runs = new LongAdder();
    private final LongAdder transfers = new LongAdder();
    private final LongAdder fetched = new LongAdder();
    private final LongAdder busy = new LongAdder();
    private final LongAdder failed = new LongAdder();

    /// @param mixed whether it has workers of both runtimes
    void world(boolean mixed) {
        (mixed ? bothRuntimes : oneRuntime).increment();
    }

    void life() {
        lives.increment();
    }

    void worker(List<WorkerEvent> events, List<WorkerInstruction> instructions) {
        for (WorkerEvent event : events) {
            switch (event) {
                case WorkerEvent.TransferFinished finished ->
                    fetched.add(finished.received().size());
                case WorkerEvent.TransferBusy ignored -> busy.increment();
                case WorkerEvent.TransferFailed ignored -> failed.increment();
                default -> {
                    // Not counted.
                }
            }
        }
        for (WorkerInstruction instruction : instructions) {
            if (instruction instanceof WorkerInstruction.Execute) {
                runs.increment();
            } else if (instruction instanceof WorkerInstruction.Fetch) {
                transfers.increment();
            }
        }
    }

    @Override
    public String toString() {
        return String.format(
                "%d histories with workers of one runtime, %d with both; %d lives of workers began %d runs of tasks and"
                        + " %d transfers, which brought %d values; %d were told to come again, %d failed",
                oneRuntime.sum(),
                bothRuntimes.sum(),
                lives.sum(),
                runs.sum(),
                transfers.sum(),
                fetched.sum(),
                busy.sum(),
                failed.sum());
    }
}
