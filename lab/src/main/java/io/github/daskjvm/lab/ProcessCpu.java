package io.github.daskjvm.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// CPU time of a process and those it started, in user and system mode, all threads, from `/proc`.
final class ProcessCpu {
    /// `sysconf(_SC_CLK_TCK)`, which is 100 on every Linux of today.
    private static final double TICKS_PER_SECOND = 100;

    private ProcessCpu() {}

    static double seconds(ProcessHandle process) {
        double seconds = ofOne(process.pid());
        for (ProcessHandle child : process.descendants().toList()) {
            seconds += ofOne(child.pid());
        }
        return seconds;
    }

    private static double ofOne(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The name, in brackets, may hold anything; what follows its end is fields 3 and on.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
        } catch (IOException e) {
            return 0; // It has ended since it was listed.
        }
    }
}
