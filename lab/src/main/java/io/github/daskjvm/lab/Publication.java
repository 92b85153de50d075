package io.github.daskjvm.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The figures of one benchmark as a table for people, and as JSON for programs.
///
/// Both are made of the same rows. Where they are published, the table takes the place of what is between the
/// benchmark's two markers in `docs/benchmarks.md`, `<!-- NAME -->` and `<!-- /NAME -->`, and the JSON is
/// `docs/benchmarks/NAME.json`.
final class Publication {
    /// A column.
    ///
    /// @param name as the JSON has it, the unit last
    /// @param title as the table has it; empty for what the JSON alone has
    /// @param format of a number, as for `String.format`
    record Column(String name, String title, String format) {}

    /// Where nothing was compared.
    static final Spread NONE = new Spread(Double.NaN, Double.NaN, Double.NaN);

    private final String name;
    private final String command;
    private final Machine machine;
    private final List<Column> columns;
    private final List<List<Object>> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final StringBuilder plots = new StringBuilder();

    /// @param command that makes it again
    Publication(String name, String command, List<Column> columns) throws IOException {
        this.name = name;
        this.command = command;
        this.machine = Machine.here();
        this.columns = List.copyOf(columns);
    }

    /// @param values one for each column: numbers or strings; a number that is not one is shown as a dash
    void row(Object... values) {
        if (values.length != columns.size()) {
            throw new IllegalArgumentException(values.length + " values for " + columns.size() + " columns");
        }
        rows.add(List.of(values));
    }

    /// A sentence after the table.
    void note(String sentence) {
        notes.add(sentence);
    }

    /// A plot after the table, of lines over the same places.
    ///
    /// @param title says which line is which
    /// @param places along the horizontal axis
    /// @param lines as many values in each
    void plot(String title, List<?> places, List<double[]> lines) {
        var text = new StringBuilder("```mermaid\nxychart-beta\n    title \"")
                .append(title)
                .append("\"\n    x-axis [");
        text.append(String.join(
                        ", ", places.stream().map(place -> "\"" + place + '"').toList()))
                .append("]\n");
        for (double[] line : lines) {
            text.append("    line [");
            text.append(String.join(
                    ", ",
                    Arrays.stream(line)
                            .mapToObj(y -> String.format(Locale.ROOT, "%.1f", y))
                            .toList()));
            text.append("]\n");
        }
        plots.append(text).append("```\n");
    }

    String table() {
        var text = new StringBuilder();
        List<Column> shown = columns.stream().filter(c -> !c.title.isEmpty()).toList();
        text.append("| ");
        text.append(String.join(" | ", shown.stream().map(Column::title).toList()));
        text.append(" |\n").append("|---".repeat(shown.size())).append("|\n");
        for (List<Object> row : rows) {
            text.append('|');
            for (int i = 0; i < columns.size(); i++) {
                if (!columns.get(i).title.isEmpty()) {
                    text.append(' ').append(cell(columns.get(i), row.get(i))).append(" |");
                }
            }
            text.append('\n');
        }
        text.append(plots.isEmpty() ? "" : "\n" + plots);
        text.append('\n')
                .append("`")
                .append(command)
                .append("`; ")
                .append(machine)
                .append(".\n");
        notes.forEach(note -> text.append('\n').append(note).append('\n'));
        return text.toString();
    }

    private static String cell(Column column, Object value) {
        if (value instanceof Double number && number.isNaN()) {
            return "–";
        }
        return value instanceof Number ? String.format(Locale.ROOT, column.format, value) : value.toString();
    }

    String json() {
        var text = new StringBuilder("{\n  \"benchmark\": ").append(quoted(name));
        text.append(",\n  \"command\": ").append(quoted(command));
        text.append(",\n  \"date\": ")
                .append(quoted(LocalDate.now(ZoneOffset.UTC).toString()));
        text.append(",\n  \"machine\": ").append(quoted(machine.toString()));
        text.append(",\n  \"notes\": [");
        text.append(String.join(", ", notes.stream().map(Publication::quoted).toList()));
        text.append("],\n  \"rows\": [");
        for (int r = 0; r < rows.size(); r++) {
            text.append(r == 0 ? "\n    {" : ",\n    {");
            for (int i = 0; i < columns.size(); i++) {
                Object value = rows.get(r).get(i);
                boolean isNumber = value instanceof Number;
                text.append(i == 0 ? "" : ", ")
                        .append(quoted(columns.get(i).name))
                        .append(": ");
                text.append(
                        isNumber && Double.isFinite(((Number) value).doubleValue())
                                ? value.toString()
                                : isNumber ? "null" : quoted(value.toString()));
            }
            text.append('}');
        }
        return text.append("\n  ]\n}\n").toString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    /// @param root the checkout
    /// @throws IOException if the document has no place for it
    void publish(Path root) throws IOException {
        Path document = root.resolve("docs/benchmarks.md");
        String text = Files.readString(document);
        String begin = "<!-- " + name + " -->\n";
        String end = "<!-- /" + name + " -->";
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        if (from < 0 || to < from) {
            throw new IOException(document + " has no " + begin.strip() + " followed by " + end);
        }
        Files.writeString(document, text.substring(0, from) + begin + table() + text.substring(to));
        Path json = root.resolve("docs/benchmarks/" + name + ".json");
        Files.createDirectories(json.getParent());
        Files.writeString(json, json());
    }
}
