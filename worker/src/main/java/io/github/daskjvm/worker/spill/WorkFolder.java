package io.github.daskjvm.worker.spill;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The folder of one worker's files, `dask-scratch-space/jvm-worker-…` where it was told to have them. A lock on a
/// file beside it says that its worker lives; folders of workers that do not are removed by whoever starts next.
///
/// Python's workers keep theirs in the same place, by another kind of lock, which neither side sees of the other. So
/// ours have names that Python's do not look at, and theirs are left alone.
public final class WorkFolder implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkFolder.class);
    private static final String SPACE = "dask-scratch-space";
    private static final String PREFIX = "jvm-worker-";
    private static final String LOCK = ".lock";
    private static final int ATTEMPTS = 20;
    /// A process does not see its own locks, and closing a second channel to a file would lose the first one's.
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Path lockPath;
    private final @Nullable FileChannel lockFile;

    private WorkFolder(Path path, Path lockPath, @Nullable FileChannel lockFile) {
        this.path = path;
        this.lockPath = lockPath;
        this.lockFile = lockFile;
    }

    /// Makes a new one, and removes those whose workers are gone.
    ///
    /// @param locking `distributed.worker.use-file-locking`; without it nobody's is removed
    /// @throws IOException if it can not be made
    public static WorkFolder open(Path within, boolean locking) throws IOException {
        Path space = space(within.toAbsolutePath().normalize());
        if (locking) {
            removeStale(space);
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            WorkFolder folder = tryOpen(space, locking);
            if (folder != null) {
                return folder;
            }
        }
        throw new IOException("no folder for this worker's files can be made in " + space);
    }

    /// Null if another worker that starts just now took the lock to be a former worker's, and removed it.
    private static @Nullable WorkFolder tryOpen(Path space, boolean locking) throws IOException {
        String name = PREFIX + UUID.randomUUID().toString().substring(0, 13);
        Path lockPath = space.resolve(name + LOCK);
        OWN.add(lockPath);
        FileChannel lockFile = null;
        if (locking) {
            try {
                lockFile = FileChannel.open(lockPath, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                FileLock lock = lockFile.tryLock();
                if (lock == null || !Files.exists(lockPath)) {
                    lockFile.close();
                    OWN.remove(lockPath);
                    return null;
                }
            } catch (IOException e) {
                log.warn("{} can not be locked, and will stay if this process is killed: {}", lockPath, e.getMessage());
            }
        }
        return new WorkFolder(Files.createDirectory(space.resolve(name)), lockPath, lockFile);
    }

    /// Another user's may be in the way.
    private static Path space(Path within) throws IOException {
        Path shared = within.resolve(SPACE);
        try {
            Files.createDirectories(shared);
        } catch (IOException e) {
            throw new IOException(
                    "no folder for this worker's files can be made in " + within + ": " + e.getMessage(), e);
        }
        return Files.isWritable(shared)
                ? shared
                : Files.createDirectories(within.resolve(SPACE + "-" + System.getProperty("user.name")));
    }

    private static void removeStale(Path space) {
        try (DirectoryStream<Path> locks = Files.newDirectoryStream(space, PREFIX + "*" + LOCK)) {
            for (Path lock : locks) {
                if (!OWN.contains(lock)) {
                    removeIfStale(space, lock);
                }
            }
        } catch (IOException e) {
            log.warn("folders of former workers in {} could not be looked for: {}", space, e.getMessage());
        }
    }

    private static void removeIfStale(Path space, Path lockPath) {
        try (FileChannel channel = FileChannel.open(lockPath, StandardOpenOption.WRITE)) {
            if (channel.tryLock() == null) {
                return;
            }
            String name = lockPath.getFileName().toString();
            Path folder = space.resolve(name.substring(0, name.length() - LOCK.length()));
            log.info("removing {}, whose worker is gone", folder);
            remove(folder);
            Files.deleteIfExists(lockPath);
        } catch (NoSuchFileException | OverlappingFileLockException e) {
            log.debug("{} is somebody's: {}", lockPath, e.toString());
        } catch (IOException e) {
            log.warn("{} could not be removed: {}", lockPath, e.getMessage());
        }
    }

    /// Where the worker may write.
    public Path path() {
        return path;
    }

    /// Removes it with all that is in it.
    @Override
    public void close() {
        try {
            remove(path);
            Files.deleteIfExists(lockPath);
            if (lockFile != null) {
                lockFile.close();
            }
        } catch (IOException e) {
            log.warn("{} could not be removed: {}", path, e.getMessage());
        } finally {
            OWN.remove(lockPath);
        }
    }

    private static void remove(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(folder)) {
            for (Path each : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
