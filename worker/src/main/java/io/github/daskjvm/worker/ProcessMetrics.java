package io.github.daskjvm.worker;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a heartbeat says of the process and its machine. Off Linux, where `/proc` is missing, what would come from
/// there is 0, and memory is the heap's. Of one thread.
final class ProcessMetrics {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final boolean THREAD_CPU = THREADS.isCurrentThreadCpuTimeSupported();
    private static final int SECTOR_BYTES = 512;

    private long lastNanos = System.nanoTime();
    private long lastCpuNanos = cpuNanos();
    private Counters lastNetwork = network();
    private Counters lastDisk = disk();

    private record Counters(long read, long written) {}

    /// Processor time of the calling thread; 0 where it cannot be known, as of a virtual one.
    static long threadCpuNanos() {
        return THREAD_CPU && !Thread.currentThread().isVirtual() ? THREADS.getCurrentThreadCpuTime() : 0;
    }

    /// The entries `cpu` (percent of one processor), `resident_memory` (bytes, of the whole process), `time`,
    /// `num_fds`, `host_net_io`
    /// and `host_disk_io` (bytes per second), rates being those since the last call.
    Map<String, Object> sample() {
        long now = System.nanoTime();
        double seconds = Math.max(1e-3, (now - lastNanos) / 1e9);
        long cpu = cpuNanos();
        Counters network = network();
        Counters disk = disk();
        var sample = new LinkedHashMap<String, Object>();
        sample.put("cpu", Math.max(0, (cpu - lastCpuNanos) / 1e7 / seconds));
        sample.put("resident_memory", residentBytes());
        sample.put("time", System.currentTimeMillis() / 1000.0);
        sample.put("num_fds", openFiles());
        sample.put("host_net_io", rates(lastNetwork, network, seconds));
        sample.put("host_disk_io", rates(lastDisk, disk, seconds));
        lastNanos = now;
        lastCpuNanos = cpu;
        lastNetwork = network;
        lastDisk = disk;
        return sample;
    }

    private static Map<String, Double> rates(Counters before, Counters now, double seconds) {
        return Map.of(
                "read_bps", Math.max(0, (now.read - before.read) / seconds),
                "write_bps", Math.max(0, (now.written - before.written) / seconds));
    }

    private static long cpuNanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }

    private static long openFiles() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.UnixOperatingSystemMXBean system
                ? system.getOpenFileDescriptorCount()
                : 0;
    }

    /// Resident memory of the process.
    static long residentBytes() {
        for (String line : lines("/proc/self/status")) {
            if (line.startsWith("VmRSS:")) {
                return 1024 * number(line.strip().split("\\s+"), 1);
            }
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static Counters network() {
        long read = 0;
        long written = 0;
        for (String line : lines("/proc/net/dev")) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                String[] words = line.substring(colon + 1).strip().split("\\s+");
                read += number(words, 0);
                written += number(words, 8);
            }
        }
        return new Counters(read, written);
    }

    /// Whole disks alone, as their partitions' traffic is in theirs: those that `/sys/block` lists.
    private static Counters disk() {
        long read = 0;
        long written = 0;
        for (String line : lines("/proc/diskstats")) {
            String[] words = line.strip().split("\\s+");
            if (words.length > 9 && Files.exists(Path.of("/sys/block", words[2]))) {
                read += SECTOR_BYTES * number(words, 5);
                written += SECTOR_BYTES * number(words, 9);
            }
        }
        return new Counters(read, written);
    }

    private static Iterable<String> lines(String file) {
        try {
            return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1).lines()::iterator;
        } catch (IOException | SecurityException e) {
            return java.util.List.of();
        }
    }

    private static long number(String[] words, int index) {
        try {
            return index < words.length ? Long.parseLong(words[index]) : 0;
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
