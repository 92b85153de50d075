package io.github.daskjvm.monitoring.export;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The folder that files are written to. What somebody has changed there is not lost unless they say so.
public final class ExportFolder {
    private final Path folder;

    public ExportFolder(Path folder) {
        this.folder = folder;
    }

    /// Writes those that are missing or, with `force`, different. Without it nothing at all is written where one is
    /// different.
    ///
    /// @param files texts by path, relative and with `/` between folders
    /// @return the paths of those that were written
    /// @throws FileAlreadyExistsException when some are different; its message names them
    public List<String> write(SequencedMap<String, String> files, boolean force) throws IOException {
        List<String> different = new ArrayList<>();
        List<String> due = new ArrayList<>();
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            if (!Files.exists(path)) {
                due.add(file.getKey());
            } else if (!Files.isRegularFile(path) || !Files.readString(path).equals(file.getValue())) {
                due.add(file.getKey());
                different.add(file.getKey());
            }
        }
        if (!different.isEmpty() && !force) {
            throw new FileAlreadyExistsException(String.join(", ", different));
        }
        for (String path : due) {
            Path file = folder.resolve(path);
            Path parent = file.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.writeString(file, files.getOrDefault(path, ""));
        }
        return due;
    }
}
