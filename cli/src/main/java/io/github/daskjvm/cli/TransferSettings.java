package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.worker.WorkerOptions;

/// What Dask's configuration says of a worker's transfers: how many peers at a time, how much at once.
final class TransferSettings {
    private static final String MEMORY = "distributed.worker.memory.transfer";

    private TransferSettings() {}

    /// A limit that is set to nothing is none.
    static void apply(DaskConfig config, WorkerOptions.Builder options) {
        options.outgoingConnections(connections(config, "outgoing"))
                .incomingConnections(connections(config, "incoming"))
                .messageBytesMax(config.bytes("distributed.worker.transfer.message-bytes-limit")
                        .orElse(Long.MAX_VALUE))
                .transferFraction(config.isOn(MEMORY) ? config.fraction(MEMORY).orElse(0.0) : 0);
    }

    private static int connections(DaskConfig config, String which) {
        long number = config.count("distributed.worker.connections." + which).orElse(Integer.MAX_VALUE);
        return Math.clamp(number, 1, Integer.MAX_VALUE);
    }
}
