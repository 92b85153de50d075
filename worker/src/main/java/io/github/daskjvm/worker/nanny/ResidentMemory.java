package io.github.daskjvm.worker.nanny;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Memory of another process, by Linux' `/proc`.
final class ResidentMemory {
    private ResidentMemory() {}

    /// @return resident bytes; 0 where that cannot be known, such as off Linux
    static long bytes(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1)) {
                if (line.startsWith("VmRSS:")) {
                    return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException | NumberFormatException e) {
            // No such process, or no such system.
        }
        return 0;
    }
}
