package io.github.daskjvm.arrow;

import io.github.daskjvm.worker.python.Table;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.nio.channels.Channels;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.VectorSchemaRootAppender;
import org.jspecify.annotations.Nullable;

/// A table of Arrow's as the argument or result of a task: `pyarrow.Table` or `pyarrow.RecordBatch` in Python.
/// It is held in Arrow's stream format, on the heap, so that it needs no closing and crosses, spills and is
/// copied as it is; vectors of it, outside the heap, are whoever's who opens them. Immutable; any thread may
/// use it.
///
/// Arrow's memory needs the JVM's option `--add-opens=java.base/java.nio=ALL-UNNAMED`.
public final class ArrowTable implements Serializable {
    private static final long serialVersionUID = 1;

    private final byte[] stream;
    private final boolean batch;

    ArrowTable(byte[] stream, boolean batch) {
        this.stream = stream;
        this.batch = batch;
    }

    /// A table that is in Arrow's stream format already: a schema, dictionaries, any number of record batches.
    ///
    /// @param stream is not copied, and must not be changed any more
    public static ArrowTable ofStream(byte[] stream) {
        return new ArrowTable(stream, false);
    }

    /// A `pyarrow.Table` of these vectors as they are now; they stay the caller's.
    public static ArrowTable of(VectorSchemaRoot vectors) {
        return of(vectors, null);
    }

    /// @param dictionaries of dictionary-encoded vectors; null where there are none
    public static ArrowTable of(VectorSchemaRoot vectors, @Nullable DictionaryProvider dictionaries) {
        return new ArrowTable(written(vectors, dictionaries), false);
    }

    /// As [#of(VectorSchemaRoot)], a `pyarrow.RecordBatch`.
    public static ArrowTable batchOf(VectorSchemaRoot vectors) {
        return new ArrowTable(written(vectors, null), true);
    }

    /// Each column is copied once into a vector, and once into the stream. For the columns' types see [ArrowColumns].
    ///
    /// @throws IllegalArgumentException naming a column that has no counterpart in Arrow, and its type
    public static ArrowTable of(Table table) {
        try (BufferAllocator memory = ArrowMemory.open(Long.MAX_VALUE);
                VectorSchemaRoot vectors = ArrowColumns.vectors(table, memory)) {
            return of(vectors);
        }
    }

    private static byte[] written(VectorSchemaRoot vectors, @Nullable DictionaryProvider dictionaries) {
        long sizeBytes = 4096;
        for (FieldVector vector : vectors.getFieldVectors()) {
            sizeBytes += vector.getBufferSize() + 256;
        }
        var out = new StreamBytes(sizeBytes);
        try (var writer = new ArrowStreamWriter(vectors, dictionaries, Channels.newChannel(out))) {
            writer.start();
            writer.writeBatch();
            writer.end();
        } catch (IOException e) {
            throw new IllegalStateException("Arrow's stream can not be written to memory", e);
        }
        return out.bytes();
    }

    /// Whether Python has it as `pyarrow.RecordBatch`.
    public boolean isBatch() {
        return batch;
    }

    /// In Arrow's stream format. Not a copy: not to be changed.
    public byte[] streamBytes() {
        return stream;
    }

    /// Reads batch by batch; each copies its columns once, to the allocator's memory.
    ///
    /// @param memory where vectors are; belongs to the caller, as the reader does, which must be closed before
    public ArrowStreamReader reader(BufferAllocator memory) {
        return new ArrowStreamReader(new ByteArrayInputStream(stream), memory);
    }

    /// All rows as vectors, which the caller must close. Dictionary-encoded columns are only to be had of [#reader].
    ///
    /// @throws IOException if the stream is damaged, or a column is dictionary-encoded
    public VectorSchemaRoot vectors(BufferAllocator memory) throws IOException {
        try (ArrowStreamReader reader = reader(memory)) {
            VectorSchemaRoot each = reader.getVectorSchemaRoot();
            if (!reader.getDictionaryVectors().isEmpty()) {
                throw new IOException("the table has dictionary-encoded columns: use reader, and its dictionaries");
            }
            VectorSchemaRoot all = VectorSchemaRoot.create(each.getSchema(), memory);
            try {
                all.allocateNew();
                while (reader.loadNextBatch()) {
                    VectorSchemaRootAppender.append(all, each);
                }
                return all;
            } catch (IOException | RuntimeException e) {
                all.close();
                throw e;
            }
        }
    }

    /// Names and types of the columns.
    public Schema schema() throws IOException {
        try (BufferAllocator memory = ArrowMemory.open(Long.MAX_VALUE);
                ArrowStreamReader reader = reader(memory)) {
            return reader.getVectorSchemaRoot().getSchema();
        }
    }

    /// As Java's arrays and lists, each column copied once more; an index of pandas' comes along. For the types see
    /// [ArrowColumns].
    ///
    /// @throws IOException if the stream is damaged, or a column's type has no counterpart, naming both
    public Table toTable() throws IOException {
        ArrowMemory.check();
        try (BufferAllocator memory = ArrowMemory.open(4L * stream.length + (1 << 20));
                ArrowStreamReader reader = reader(memory)) {
            return ArrowColumns.table(reader);
        } catch (RuntimeException e) {
            // Arrow has no exception of its own for damaged streams.
            throw new IOException("Arrow's stream can not be read: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ArrowTable table && batch == table.batch && Arrays.equals(stream, table.stream);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(stream) + Boolean.hashCode(batch);
    }

    @Override
    public String toString() {
        return "ArrowTable[" + (batch ? "a record batch, " : "") + stream.length + " bytes]";
    }

    /// Names of the columns.
    public List<String> columnNames() throws IOException {
        return schema().getFields().stream().map(field -> field.getName()).toList();
    }
}
