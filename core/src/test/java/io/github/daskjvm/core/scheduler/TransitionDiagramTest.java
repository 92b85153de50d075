package io.github.daskjvm.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TransitionDiagramTest {
    @Test
    void theDiagramInTheArchitectureIsTheTable() throws IOException {
        var diagram = new StringBuilder("<!-- transitions -->\n```mermaid\nstateDiagram-v2\n");
        var table = new SchedulerState(SchedulerConfig.DEFAULT).transitions.table();
        table.forEach((from, row) -> row.keySet()
                .forEach(to -> diagram.append("    ")
                        .append(name(from))
                        .append(" --> ")
                        .append(name(to))
                        .append('\n')));
        diagram.append("```\n<!-- /transitions -->\n");
        assertThat(Files.readString(Path.of("../ARCHITECTURE.md")))
                .as("replace the diagram in ARCHITECTURE.md by the one expected here")
                .contains(diagram);
    }

    private static String name(TaskStatus status) {
        return status.wireName().replace('-', '_');
    }
}
