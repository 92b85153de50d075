package io.github.daskjvm.pickle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What pickles of one series have in common, such as the function of all tasks of a map: the bytes of an
/// object that was in an earlier one are a part that both have.
final class SharedParts {
    /// A part of its own costs an array and a place in a list.
    private static final int PART_MIN_BYTES = 128;

    private static final int PARTS_MAX = 8;

    private final Set<Object> met = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Object, byte[]> written = new IdentityHashMap<>();
    private final List<byte[]> parts = new ArrayList<>();
    private int end;

    /// Whether an object was in an earlier pickle, too.
    boolean isMet(PyNode.Call call) {
        return !met.add(call);
    }

    /// An object that was met before is written in these bytes of `out`.
    void note(PyNode.Call call, byte[] out, int from, int to) {
        if (to - from < PART_MIN_BYTES || parts.size() >= PARTS_MAX) {
            return;
        }
        byte[] part = part(call, out, from, to);
        if (from > end) {
            parts.add(Arrays.copyOfRange(out, end, from));
        }
        parts.add(part);
        end = to;
    }

    /// The array of an earlier pickle, unless the object was written otherwise, as what is in it stood elsewhere
    /// before.
    private byte[] part(PyNode.Call call, byte[] out, int from, int to) {
        byte[] known = written.get(call);
        if (known == null || !Arrays.equals(known, 0, known.length, out, from, to)) {
            known = Arrays.copyOfRange(out, from, to);
            written.put(call, known);
        }
        return known;
    }

    /// The parts of a pickle that is written, of which there is at least one.
    List<byte[]> finished(byte[] out, int length) {
        if (end < length) {
            parts.add(Arrays.copyOfRange(out, end, length));
        }
        List<byte[]> finished = List.copyOf(parts);
        parts.clear();
        end = 0;
        return finished;
    }

    /// What parts are together.
    static byte[] joined(List<byte[]> parts) {
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }
}
