package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.BadOptionException;
import io.github.daskjvm.cli.options.Parsed;
import io.github.daskjvm.comm.Address;
import java.nio.file.Path;
import java.time.Duration;

/// Where the scheduler is that a command is for.
final class SchedulerAddress {
    private SchedulerAddress() {}

    /// The argument, or what stands in `--scheduler-file`, or the setting `scheduler-address`.
    ///
    /// @param patience for a scheduler file that is not there yet
    /// @throws BadOptionException where there is none of them, or it is no address
    static Address of(Parsed options, DaskConfig config, Duration patience) throws InterruptedException {
        String address = options.operand();
        Path file = options.path("--scheduler-file");
        if (address == null && file != null) {
            address = ProcessFiles.awaitSchedulerAddress(file, patience);
        }
        if (address == null) {
            address = config.text("scheduler-address").orElse(null);
        }
        if (address == null) {
            throw new BadOptionException("name the scheduler, such as tcp://127.0.0.1:8786, or give --scheduler-file");
        }
        try {
            return Address.parse(address);
        } catch (IllegalArgumentException e) {
            throw new BadOptionException(String.valueOf(e.getMessage()));
        }
    }
}
