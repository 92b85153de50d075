package io.github.daskjvm.cli.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedSet;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/// The files that Dask reads its configuration from, in the order in which later ones win
/// (`dask.config._get_paths`): those in `/etc/dask`, or where `DASK_ROOT_CONFIG` says; those in `~/.config/dask`; and
/// those where `DASK_CONFIG` says, a folder or a file. A Python installation's own `etc/dask` has no meaning here.
final class YamlFiles {
    private YamlFiles() {}

    /// @throws ConfigException for a file that is no YAML, or holds no mapping. One that may not be read is passed over
    static List<Node.Branch> read(Map<String, String> variables, Path home) {
        var trees = new ArrayList<Node.Branch>();
        for (Path place : places(variables, home)) {
            for (Path file : files(place)) {
                load(file, trees);
            }
        }
        return trees;
    }

    private static SequencedSet<Path> places(Map<String, String> variables, Path home) {
        var places = new LinkedHashSet<Path>();
        places.addLast(expand(variables.getOrDefault("DASK_ROOT_CONFIG", "/etc/dask"), home));
        places.addLast(home.resolve(".config/dask"));
        String own = variables.get("DASK_CONFIG");
        if (own != null) {
            places.addLast(expand(own, home));
        }
        return places;
    }

    private static Path expand(String path, Path home) {
        if (path.equals("~")) {
            return home;
        }
        return path.startsWith("~/") ? home.resolve(path.substring(2)) : Path.of(path);
    }

    private static List<Path> files(Path place) {
        if (!Files.isDirectory(place)) {
            return Files.exists(place) ? List.of(place) : List.of();
        }
        try (Stream<Path> inside = Files.list(place)) {
            return inside.filter(YamlFiles::isConfiguration).sorted().toList();
        } catch (IOException mayNotBeRead) {
            return List.of();
        }
    }

    private static boolean isConfiguration(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
    }

    private static void load(Path file, List<Node.Branch> trees) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException mayNotBeRead) {
            return;
        }
        Object content;
        try {
            content = new Load(LoadSettings.builder()
                            .setLabel(file.toString())
                            .setSchema(new CoreSchema())
                            .setAllowDuplicateKeys(true)
                            .build())
                    .loadFromString(text);
        } catch (YamlEngineException e) {
            throw new ConfigException("the configuration file " + file + " is malformed: " + e.getMessage());
        }
        if (content instanceof Map<?, ?> map) {
            trees.add(Node.Branch.of(map, "the file " + file));
        } else if (content != null) {
            throw new ConfigException(
                    "the configuration file " + file + " is malformed: it must hold a mapping (key: value) at the top");
        }
    }
}
