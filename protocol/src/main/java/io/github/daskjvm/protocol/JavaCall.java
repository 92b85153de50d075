package io.github.daskjvm.protocol;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A Java task whose arguments are small: what a client of the JVM submits, and a worker of the JVM runs. Among them it
/// travels as `function`, an index or number, and `arguments`, so that the tasks of a map, which differ in their
/// arguments alone, have one function and are no frames of their own. For anyone else it is a [Payload] with the header
/// `{"serializer": "java", "java": "call"}` and both as its frames.
///
/// @param function the serialized function; many tasks have the same array
/// @param arguments the list of arguments, serialized
@SuppressWarnings("ArrayRecordComponent")
public record JavaCall(byte[] function, byte[] arguments) implements AsPayload {
    /// Larger arguments are frames, which are not copied.
    public static final int ARGUMENTS_MAX_BYTES = 1 << 12;

    private static final Map<String, String> ENTRIES = entries();
    private static final byte[] HEADER =
            Payload.serialized(ENTRIES, List.of(new byte[0], new byte[0])).header();

    private static Map<String, String> entries() {
        var entries = new LinkedHashMap<String, String>();
        entries.put("serializer", "java");
        entries.put("java", "call");
        return entries;
    }

    /// A call in the form that anyone forwards.
    ///
    /// @param frames the function, and the arguments in one frame or more
    public static Payload payload(List<byte[]> frames) {
        return frames.size() == 2
                ? new Payload(Payload.Kind.SERIALIZED, HEADER, frames)
                : Payload.serialized(ENTRIES, frames);
    }

    /// Whether the payload has the header of a call with one frame of arguments.
    public static boolean isUsual(Payload payload) {
        return payload.frames().size() == 2 && (payload.header() == HEADER || Arrays.equals(payload.header(), HEADER));
    }

    /// As anyone takes it.
    @Override
    public Payload payload() {
        return payload(List.of(function, arguments));
    }
}
