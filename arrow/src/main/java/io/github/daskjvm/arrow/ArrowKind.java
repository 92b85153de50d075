package io.github.daskjvm.arrow;

import io.github.daskjvm.worker.python.ConversionException;
import io.github.daskjvm.worker.python.DaskForm;
import io.github.daskjvm.worker.python.PythonKind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `pyarrow.Table` and `pyarrow.RecordBatch` as [ArrowTable]s: Dask has both as one frame in Arrow's stream format
/// (`distributed.protocol.arrow`), which stays as it is.
public final class ArrowKind implements PythonKind {
    private static final String MODULE = "pyarrow.lib";
    private static final String BATCH = MODULE + ".RecordBatch";

    @Override
    public Set<String> types() {
        return Set.of(MODULE + ".Table", BATCH);
    }

    @Override
    public Object read(String type, Map<?, ?> header, List<byte[]> frames) throws ConversionException {
        if (frames.size() != 1) {
            throw new ConversionException("a " + type + " of Python is one frame, not " + frames.size());
        }
        return new ArrowTable(frames.getFirst(), type.equals(BATCH));
    }

    @Override
    public @Nullable DaskForm write(Object value) {
        return value instanceof ArrowTable table
                ? new DaskForm(
                        MODULE, table.isBatch() ? "RecordBatch" : "Table", Map.of(), List.of(table.streamBytes()))
                : null;
    }
}
