package io.github.daskjvm.lab;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// What one thread of another process has had of the processors, from Linux's `/proc/PID/task/TID/schedstat`.
///
/// @param runNanos time that it ran
/// @param waitedNanos time that it could have run, and waited for a processor
record ThreadTime(long runNanos, long waitedNanos) {
    static final ThreadTime NONE = new ThreadTime(0, 0);

    /// @param name of the thread, of at most 15 characters; nothing where the process has none of that name
    static ThreadTime of(ProcessHandle process, String name) {
        Path threads = Path.of("/proc", Long.toString(process.pid()), "task");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(threads)) {
            for (Path thread : all) {
                if (Files.readString(thread.resolve("comm")).strip().equals(name)) {
                    String[] fields = Files.readString(thread.resolve("schedstat"))
                            .strip()
                            .split(" ");
                    return new ThreadTime(Long.parseLong(fields[0]), Long.parseLong(fields[1]));
                }
            }
        } catch (IOException ended) {
            // The process, or a thread while it was looked at.
        }
        return NONE;
    }

    ThreadTime since(ThreadTime before) {
        return new ThreadTime(runNanos - before.runNanos, waitedNanos - before.waitedNanos);
    }
}
