package io.github.daskjvm.monitoring.status;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The page's own files, resources beside this class. The list is all there is: no path leads anywhere else.
final class Assets {
    /// Modules of the page in an order in which each comes after those it imports.
    static final List<String> MODULES = List.of(
            "vendor/uPlot.esm.js",
            "vendor/dagre.esm.js",
            "dom.js",
            "format.js",
            "colors.js",
            "store.js",
            "charts.js",
            "feed.js",
            "views/figures.js",
            "views/progress.js",
            "views/lookback.js",
            "views/stream.js",
            "views/workers.js",
            "views/memory.js",
            "views/transfers.js",
            "views/events.js",
            "views/graph.js",
            "views/single.js",
            "views/task.js",
            "views/worker.js",
            "app.js");

    static final List<String> STYLES = List.of("vendor/uPlot.min.css", "app.css");
    private static final List<String> OTHERS = List.of("index.html", "theme.js", "icon.svg");

    private Assets() {}

    /// Null for a name that is none of the page's files.
    static byte @Nullable [] read(String name) {
        if (!MODULES.contains(name) && !STYLES.contains(name) && !OTHERS.contains(name)) {
            return null;
        }
        try (InputStream in = Assets.class.getResourceAsStream(name)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @throws IllegalStateException if the file is missing from the jar
    static String text(String name) {
        byte[] bytes = read(name);
        if (bytes == null) {
            throw new IllegalStateException("the page's file " + name + " is missing");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static String type(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "js" -> "text/javascript; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "svg" -> "image/svg+xml";
            default -> "text/html; charset=utf-8";
        };
    }
}
