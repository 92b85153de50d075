package io.github.daskjvm.worker.python;

import java.io.Serializable;
import java.lang.reflect.Array;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A table of named columns of one length: what a pandas `DataFrame` is in Java, or a `Series`, with one column.
///
/// | column of pandas | in Java |
/// |---|---|
/// | numbers and truth values of NumPy | `long[]`, `double[]` and so on; `byte` and unsigned ones as [NdArray] |
/// | strings and other objects, columns that are pyarrow's | `List`, with null for what is missing |
/// | datetime64, with a time zone | `List` of `LocalDateTime`, of `ZonedDateTime` |
/// | timedelta64 | `List` of `Duration` |
/// | categories | `List` of each row's category |
/// | `Int64`, `boolean`, `Float64`, which have missing values | `List`, with null for them |
///
/// The other way round, lists of strings, times and numbers become what pandas makes of such lists; of
/// categories, their values.
///
/// @param columns arrays, [NdArray]s of one dimension or lists by name, in order
/// @param index labels of the rows, as a column is; null for 0, 1, 2, …
/// @param indexName null for none
public record Table(
        Map<String, Object> columns,
        @Nullable Object index,
        @Nullable String indexName) implements Serializable {

    /// @throws IllegalArgumentException if a column is no array or list, or they are not of one length
    public Table {
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        int rows = -1;
        for (var column : columns.entrySet()) {
            int length = length(column.getValue());
            if (length < 0) {
                throw new IllegalArgumentException("the column " + column.getKey() + " is a "
                        + column.getValue().getClass().getTypeName() + ", not an array of numbers or a list");
            }
            if (rows >= 0 && length != rows) {
                throw new IllegalArgumentException(
                        "the column " + column.getKey() + " has " + length + " rows, those before " + rows);
            }
            rows = length;
        }
        if (index != null && rows >= 0 && length(index) != rows) {
            throw new IllegalArgumentException(rows + " rows have another number of labels");
        }
    }

    /// A table whose rows are numbered.
    public Table(Map<String, Object> columns) {
        this(columns, null, null);
    }

    private static int length(Object column) {
        return switch (column) {
            case NdArray array when array.shape().length == 1 -> array.shape()[0];
            case Collection<?> list -> list.size();
            default -> column.getClass().isArray() ? Array.getLength(column) : -1;
        };
    }

    public int rows() {
        return columns.isEmpty() ? 0 : length(columns.values().iterator().next());
    }

    /// @throws IllegalArgumentException if there is none of that name, naming those there are
    public Object column(String name) {
        Object column = columns.get(name);
        if (column == null) {
            throw new IllegalArgumentException("no column " + name + " in " + columns.keySet());
        }
        return column;
    }

    /// A column of float64.
    ///
    /// @throws ClassCastException if it is of another type
    public double[] doubles(String name) {
        return (double[]) column(name);
    }

    /// A column of int64; otherwise as [#doubles].
    public long[] longs(String name) {
        return (long[]) column(name);
    }

    /// A column of strings, times or other objects; otherwise as [#doubles].
    public List<?> list(String name) {
        return (List<?>) column(name);
    }

    @Override
    public String toString() {
        return "Table[" + rows() + " rows, columns " + columns.keySet() + "]";
    }
}
