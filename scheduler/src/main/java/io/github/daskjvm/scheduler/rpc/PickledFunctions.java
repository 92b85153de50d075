package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.PickleReader;
import io.github.daskjvm.protocol.PickleReader.Opaque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Functions that clients send to the scheduler and that are known by their names, so that what they do can be done
/// without running them. Their pickles are read for their structure only: nothing is called.
final class PickledFunctions {
    private PickledFunctions() {}

    /// @param name module and qualified name, `distributed.client.performance_report.__aenter__.<locals>.<lambda>` say
    /// @param cells what the function closes over, in the alphabetical order of the variables' names; what is
    ///     not plain is an [Opaque]
    record Known(String name, List<@Nullable Object> cells) {}

    /// A function by value, as `cloudpickle` writes it, or one found by import. Null for anything else.
    static @Nullable Known read(byte @Nullable [] pickle) {
        if (pickle == null) {
            return null;
        }
        try {
            for (Opaque call : PickleReader.calls(pickle)) {
                if (call.type().endsWith("._function_setstate")
                        && call.arguments() instanceof List<?> arguments
                        && arguments.size() == 2
                        && arguments.getLast() instanceof List<?> states
                        && !states.isEmpty()
                        && states.getLast() instanceof Map<?, ?> slots) {
                    return new Known(slots.get("__module__") + "." + slots.get("__qualname__"), cells(slots));
                }
            }
            return PickleReader.readWithOpaque(pickle) instanceof Opaque global && global.arguments() == null
                    ? new Known(global.type(), List.of())
                    : null;
        } catch (BadMessageException e) {
            return null;
        }
    }

    private static List<@Nullable Object> cells(Map<?, ?> slots) {
        List<@Nullable Object> values = new ArrayList<>();
        if (slots.get("__closure__") instanceof List<?> cells) {
            for (Object cell : cells) {
                if (cell instanceof Opaque made && made.arguments() instanceof List<?> content && content.size() == 1) {
                    values.add(content.getFirst());
                } else {
                    values.add(null);
                }
            }
        }
        return values;
    }
}
