package io.github.daskjvm.monitoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How much memory this process takes.
final class ProcessMemory {
    private static final Path STATM = Path.of("/proc/self/statm");
    private static final long PAGE_BYTES = 4096;

    private ProcessMemory() {}

    /// Resident bytes by the second number of Linux's `statm`, in pages; elsewhere the heap in use.
    static long residentBytes() {
        try {
            String[] pages = Files.readString(STATM).split(" ", 3);
            return Long.parseLong(pages[1]) * PAGE_BYTES;
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException notLinux) {
            Runtime runtime = Runtime.getRuntime();
            return runtime.totalMemory() - runtime.freeMemory();
        }
    }
}
