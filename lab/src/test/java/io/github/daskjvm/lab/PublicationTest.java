package io.github.daskjvm.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.lab.Publication.Column;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicationTest {
    private static final List<Column> COLUMNS = List.of(
            new Column("graph", "graph", "%s"),
            new Column("cpu_us", "CPU, µs", "%,.1f"),
            new Column("least", "", "%.1f"),
            new Column("ratio", "ratio", "%.2f"));

    @TempDir
    private Path root;

    @Test
    void theTableTakesThePlaceBetweenItsMarkersAndTheJsonHasAllColumns() throws IOException {
        Path document = Files.createDirectories(root.resolve("docs")).resolve("benchmarks.md");
        Files.writeString(document, "Before.\n<!-- some -->\nold\n<!-- /some -->\nAfter.\n");
        publication().publish(root);
        publication().publish(root);
        assertThat(Files.readString(document))
                .startsWith(
                        "Before.\n<!-- some -->\n| graph | CPU, µs | ratio |\n|---|---|---|\n| map | 1,234.5 | – |\n")
                .contains(
                        "\n```mermaid\nxychart-beta\n    title \"some\"\n    x-axis [\"1\", \"10\"]\n    line [1.0, 2.5]\n```\n")
                .contains("`./dask-jvm lab some`; ")
                .contains("A \"note\".")
                .endsWith("<!-- /some -->\nAfter.\n")
                .doesNotContain("old")
                .containsOnlyOnce("| map |");
        assertThat(Files.readString(root.resolve("docs/benchmarks/some.json")))
                .contains("\"benchmark\": \"some\"", "\"notes\": [\"A \\\"note\\\".\"]")
                .contains("{\"graph\": \"map\", \"cpu_us\": 1234.5, \"least\": 2.0, \"ratio\": null}");
    }

    @Test
    void aDocumentWithoutThePlaceIsLeftAlone() throws IOException {
        Path document = Files.createDirectories(root.resolve("docs")).resolve("benchmarks.md");
        Files.writeString(document, "<!-- /some --><!-- some -->\n");
        assertThatThrownBy(() -> publication().publish(root))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("<!-- some -->");
        assertThat(document).hasContent("<!-- /some --><!-- some -->\n");
    }

    private static Publication publication() throws IOException {
        var publication = new Publication("some", "./dask-jvm lab some", COLUMNS);
        publication.row("map", 1234.5, 2.0, Double.NaN);
        publication.plot("some", List.of(1, 10), List.of(new double[] {1, 2.5}));
        publication.note("A \"note\".");
        return publication;
    }
}
