package io.github.daskjvm.worker.python;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A further kind of values that cross, for a class that Dask has a serializer of its own for. What is on the
/// class path is found by `ServiceLoader`. Any number of threads call at once.
public interface PythonKind {
    /// The classes of Python that it reads, as in `pyarrow.lib.Table`.
    Set<String> types();

    /// @param type one of [#types]
    /// @param header what the serializer of that class said of the frames
    /// @throws ConversionException if it has no counterpart in Java, or is damaged
    Object read(String type, Map<?, ?> header, List<byte[]> frames) throws ConversionException;

    /// @return null if the value is of another kind
    /// @throws ConversionException if it has no counterpart in Python
    @Nullable
    DaskForm write(Object value) throws ConversionException;
}
