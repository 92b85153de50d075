package io.github.daskjvm.worker.nanny;

import io.github.daskjvm.comm.Tls;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How to start a [Nanny].
///
/// @param scheduler its address
/// @param host where to listen, the host part of the nanny's address; null for the address by which this machine
///     reaches the scheduler
/// @param ports to listen on, tried in turn; 0 for any free one
/// @param tls needed for `tls` addresses
/// @param command what starts the worker's process, which is to hand its standard input to a [NannyLink]
/// @param index which worker the process is to be, of those that `command` describes
/// @param deathTimeout how long to try to reach the scheduler at the start; zero for ever
/// @param terminateFraction a worker with more than this share of its memory limit is started anew; 0 for never
/// @param monitorInterval how often its memory is looked at
public record NannyOptions(
        String scheduler,
        @Nullable String host,
        List<Integer> ports,
        @Nullable Tls tls,
        List<String> command,
        int index,
        Duration deathTimeout,
        double terminateFraction,
        Duration monitorInterval) {
    public NannyOptions {
        ports = List.copyOf(ports);
        command = List.copyOf(command);
        if (ports.isEmpty()) {
            throw new IllegalArgumentException("a nanny needs a port to listen on; 0 is any free one");
        }
    }
}
