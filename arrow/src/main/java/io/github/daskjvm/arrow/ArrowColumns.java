package io.github.daskjvm.arrow;

import io.github.daskjvm.worker.python.Table;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/// The columns of a [Table] as Arrow's vectors and back, each copied once.
///
/// | Arrow | column of a table |
/// |---|---|
/// | float32, float64 | `float[]`, `double[]`, with NaN for null |
/// | int16, int32, int64, bool | `short[]`, `int[]`, `long[]`, `boolean[]`; with nulls `List` of `Long`, `Boolean` |
/// | int8, uint8 to uint64, float16 | [io.github.daskjvm.worker.python.NdArray]; with nulls as above, `BigInteger`,
/// `Float` |
/// | string, large_string, string_view | `List` of `String` |
/// | binary and its kind | `List` of `byte[]` |
/// | date32, date64; time | `List` of `LocalDate`; of `LocalTime` |
/// | timestamp; with a zone; duration | `List` of `LocalDateTime`; of `ZonedDateTime`; of `Duration` |
/// | decimal | `List` of `BigDecimal` |
/// | null | `List` of null |
/// | dictionary | as its values, row by row |
///
/// The other way round, lists of times are of microseconds, or nanoseconds where one has them. The index of a
/// table is the column that `pyarrow.Table.from_pandas` makes of it, which `to_pandas` finds by the schema's
/// metadata. Lists, structs, maps and unions in columns are refused.
public final class ArrowColumns {
    private static final String INDEX = "__index_level_0__";
    /// One column, in what pandas says of the table.
    private static final Pattern INDEX_COLUMN =
            Pattern.compile("\"index_columns\"\\s*:\\s*\\[\\s*\"([^\"\\\\]*)\"\\s*\\]");

    private ArrowColumns() {}

    /// @param memory where the vectors are; the caller closes them, and it
    /// @throws IllegalArgumentException naming a column that has no counterpart in Arrow, and its type
    public static VectorSchemaRoot vectors(Table table, BufferAllocator memory) {
        List<FieldVector> vectors = new ArrayList<>();
        List<Field> fields = new ArrayList<>();
        try {
            for (var column : table.columns().entrySet()) {
                vectors.add(ColumnWriter.vector(column.getKey(), column.getValue(), memory));
            }
            Map<String, String> metadata = Map.of();
            if (table.index() != null) {
                String name = indexColumn(table);
                vectors.add(ColumnWriter.vector(name, table.index(), memory));
                metadata = Map.of("pandas", ofIndex(name));
            }
            vectors.forEach(vector -> fields.add(vector.getField()));
            return new VectorSchemaRoot(new Schema(fields, metadata), vectors, table.rows());
        } catch (RuntimeException e) {
            vectors.forEach(FieldVector::close);
            throw e;
        }
    }

    private static String indexColumn(Table table) {
        String name = table.indexName();
        return name == null || table.columns().containsKey(name) || !name.matches("[^\"\\\\\\p{Cntrl}]+")
                ? INDEX
                : name;
    }

    private static String ofIndex(String name) {
        String quoted = "\"" + name + "\"";
        return "{\"index_columns\": [" + quoted + "], \"column_indexes\": [], \"columns\": [{\"name\": "
                + (name.equals(INDEX) ? "null" : quoted) + ", \"field_name\": " + quoted
                + ", \"pandas_type\": \"empty\", \"numpy_type\": \"object\", \"metadata\": null}],"
                + " \"pandas_version\": \"2.2.3\"}";
    }

    /// @param vectors stay the caller's; without dictionary-encoded columns
    /// @throws IOException naming a column whose type has no counterpart, and the type
    public static Table table(VectorSchemaRoot vectors) throws IOException {
        Map<String, List<Object>> parts = new LinkedHashMap<>();
        add(parts, vectors, null);
        return table(vectors.getSchema(), parts);
    }

    /// All batches that are left.
    static Table table(ArrowReader reader) throws IOException {
        VectorSchemaRoot each = reader.getVectorSchemaRoot();
        Map<String, List<Object>> parts = new LinkedHashMap<>();
        while (reader.loadNextBatch()) {
            if (each.getRowCount() > 0 || parts.isEmpty()) {
                add(parts, each, reader);
            }
        }
        if (parts.isEmpty()) {
            add(parts, each, reader);
        }
        return table(each.getSchema(), parts);
    }

    private static void add(Map<String, List<Object>> parts, VectorSchemaRoot batch, @Nullable ArrowReader dictionaries)
            throws IOException {
        if (parts.isEmpty()) {
            for (FieldVector vector : batch.getFieldVectors()) {
                if (parts.put(vector.getName(), new ArrayList<>()) != null) {
                    throw new IOException("a table of Java has no two columns of the name " + vector.getName());
                }
            }
        }
        for (FieldVector vector : batch.getFieldVectors()) {
            List<Object> column = parts.get(vector.getName());
            if (column != null) {
                column.add(ColumnReader.column(vector, batch.getRowCount(), dictionaries));
            }
        }
    }

    private static Table table(Schema schema, Map<String, List<Object>> parts) {
        Map<String, Object> columns = new LinkedHashMap<>();
        parts.forEach((name, of) -> columns.put(name, ColumnReader.joined(of)));
        String pandas = schema.getCustomMetadata() == null
                ? null
                : schema.getCustomMetadata().get("pandas");
        Matcher found = INDEX_COLUMN.matcher(pandas == null ? "" : pandas);
        String name = found.find() ? found.group(1) : INDEX;
        Object index = columns.remove(name);
        return new Table(columns, index, index == null || name.equals(INDEX) ? null : name);
    }
}
