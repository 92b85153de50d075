package io.github.daskjvm.worker.python;

import io.github.daskjvm.pickle.PickleFormatException;
import io.github.daskjvm.pickle.PickleWriter;
import io.github.daskjvm.pickle.PyNode.Global;
import java.util.List;
import java.util.Map;

/// A value as Dask's own serializer for its class writes it (`distributed.protocol.serialize`, family `dask`).
///
/// @param module of the class in Python, as in `pyarrow.lib`
/// @param name of the class there
/// @param header what the serializer of that class says of the frames: strings, numbers, truth values, lists and maps
/// @param frames as they travel, not copied
public record DaskForm(String module, String name, Map<String, ?> header, List<byte[]> frames) {

    /// All of the header.
    Map<String, Object> wholeHeader() throws PickleFormatException {
        return Map.of(
                "serializer",
                "dask",
                "type",
                module + "." + name,
                "type-serialized",
                PickleWriter.write(new Global(module, name)).pickle(),
                "sub-header",
                header);
    }
}
