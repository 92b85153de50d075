package io.github.daskjvm.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The most resident memory that some processes have together, from `/proc`, looked at 100 times a second until
/// closed.
final class PeakMemory implements AutoCloseable {
    /// Of Linux on x86-64 and, nearly always, ARM.
    private static final long PAGE_BYTES = 4096;

    private final List<Process> processes;
    private final Thread thread;
    private volatile boolean closed;
    private volatile long bytes;

    PeakMemory(List<Process> processes) {
        this.processes = processes;
        thread = Thread.ofPlatform().daemon().name("peak-memory").start(this::watch);
    }

    private void watch() {
        while (!closed) {
            long now = 0;
            for (Process process : processes) {
                now += residentBytes(process.pid());
            }
            bytes = Math.max(bytes, now);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    static long residentBytes(long pid) {
        try {
            String[] pages = Files.readString(Path.of("/proc", Long.toString(pid), "statm"))
                    .split(" ");
            return Long.parseLong(pages[1]) * PAGE_BYTES;
        } catch (IOException e) {
            return 0; // It has ended.
        }
    }

    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
