package io.github.daskjvm.cli;

import java.io.IOException;
import java.util.Locale;

/// Why a port could not be had, and which option helps.
final class BindFailures {
    private BindFailures() {}

    /// @param host empty for every interface
    /// @param portOption such as `--port`
    static CommandFailedException explain(IOException failure, String host, int port, String portOption) {
        String said = String.valueOf(failure.getMessage());
        String lower = said.toLowerCase(Locale.ROOT);
        String message;
        if (lower.contains("in use")) {
            message = "port " + port + " is already in use; choose another with " + portOption;
        } else if (lower.contains("assign") || lower.contains("no address") || lower.contains("unresolved")) {
            message =
                    "can not listen on " + host + ": it is no address of this machine; change --host or " + portOption;
        } else if (lower.contains("permission")) {
            message = "port " + port + " may not be used by this user; choose one above 1023 with " + portOption;
        } else {
            message = "can not listen on port " + port + (host.isEmpty() ? "" : " of " + host) + ": " + said;
        }
        return new CommandFailedException(message, failure);
    }
}
