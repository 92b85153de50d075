package io.github.daskjvm.lab;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// CPU time of some processes, all threads, at one moment: to the nanosecond, from
/// `/proc/PID/task/TID/schedstat`, where no thread that counts has ended since. Of threads that have ended
/// Linux tells only the sum, in hundredths of a second.
final class CpuClock {
    /// User and system time of a process are rounded down, each to a hundredth of a second.
    private static final double ROUNDING_SECONDS = 0.02;

    private final double roundingSeconds;
    private final double roughSeconds;
    private final Map<String, Long> nanosByThread;

    private CpuClock(double roundingSeconds, double roughSeconds, Map<String, Long> nanosByThread) {
        this.roundingSeconds = roundingSeconds;
        this.roughSeconds = roughSeconds;
        this.nanosByThread = nanosByThread;
    }

    /// Now.
    ///
    /// @param processes with all that these have started
    static CpuClock of(List<Process> processes) {
        double seconds = 0;
        Map<String, Long> nanos = new HashMap<>();
        for (Process process : processes) {
            seconds += ProcessCpu.seconds(process.toHandle());
            addThreads(process.pid(), nanos);
            process.descendants().forEach(child -> addThreads(child.pid(), nanos));
        }
        return new CpuClock(ROUNDING_SECONDS * processes.size(), seconds, nanos);
    }

    private static void addThreads(long pid, Map<String, Long> nanos) {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : threads) {
                String line = Files.readString(thread.resolve("schedstat"));
                nanos.put(thread.toString(), Long.parseLong(line.substring(0, line.indexOf(' '))));
            }
        } catch (IOException ended) {
            // The process, or a thread while it was looked at; what follows is then as if it had ended before.
        }
    }

    /// CPU seconds of the same processes between then and this.
    double secondsSince(CpuClock before) {
        long nanos = 0;
        for (var thread : nanosByThread.entrySet()) {
            nanos += thread.getValue() - before.nanosByThread.getOrDefault(thread.getKey(), 0L);
        }
        double exact = nanos / 1e9;
        double rough = roughSeconds - before.roughSeconds;
        return rough - exact > roundingSeconds ? rough : exact;
    }
}
