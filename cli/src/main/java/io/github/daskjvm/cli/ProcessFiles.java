package io.github.daskjvm.cli;

import io.github.daskjvm.monitoring.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Files by which processes of a cluster find each other, Dask's `--scheduler-file` and `--pid-file`.
final class ProcessFiles {
    private static final Duration POLL = Duration.ofMillis(100);

    private ProcessFiles() {}

    /// Writes the identity as JSON, if a file is given. Readers see all of it or nothing.
    static void writeSchedulerFile(@Nullable Path file, Map<String, ?> identity) {
        write(file, Json.writePretty(identity) + "\n", "--scheduler-file");
    }

    static void writePidFile(@Nullable Path file) {
        write(file, Long.toString(ProcessHandle.current().pid()), "--pid-file");
    }

    private static void write(@Nullable Path file, String content, String option) {
        if (file == null) {
            return;
        }
        try {
            Path absolute = file.toAbsolutePath();
            Path folder = absolute.getParent();
            Path written = Files.createTempFile(folder, "." + absolute.getFileName(), ".tmp");
            Files.writeString(written, content);
            written.toFile().setReadable(true, false);
            Files.move(written, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new CommandFailedException("can not write the file " + file + " of " + option + ": " + e, e);
        }
    }

    /// Removes what was written at the start; whether it is still there does not matter.
    static void remove(@Nullable Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                System.err.println("dask-jvm: can not remove " + file + ": " + e);
            }
        }
    }

    /// The scheduler's address from its file, waiting for the file to be written.
    ///
    /// @param timeout zero waits for ever, as Dask does without `--death-timeout`
    static String awaitSchedulerAddress(Path file, Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            Optional<String> address = readAddress(file);
            if (address.isPresent()) {
                return address.get();
            }
            if (!timeout.isZero() && System.nanoTime() - deadline > 0) {
                throw new CommandFailedException("the scheduler file " + file + " did not name a scheduler within "
                        + timeout.toMillis() / 1000.0 + " s");
            }
            Thread.sleep(POLL);
        }
    }

    private static Optional<String> readAddress(Path file) {
        try {
            return Json.readObject(Files.readString(file)).get("address") instanceof String address
                    ? Optional.of(address)
                    : Optional.empty();
        } catch (NoSuchFileException notYet) {
            return Optional.empty();
        } catch (IOException beingWritten) {
            return Optional.empty();
        }
    }
}
