package io.github.daskjvm.worker.task;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a person can make of a pickled exception without Python: its class, and the texts and whole numbers in it, in
/// order. The pickle is walked, not run; the walk ends at what it does not know.
///
/// @param className with its module; empty if the pickle does not begin with a class
/// @param values texts and decimal numbers
record PickleText(String className, List<String> values) {
    private static final int VALUES_MAX = 64;
    private static final String PLAIN_OPCODES = "(t)Rb}]{[ueslad012N";

    /// The reading position, and what was found so far.
    private static final class Walk {
        final ByteBuffer in;
        final List<String> values = new ArrayList<>();
        String className = "";

        Walk(byte[] pickle) {
            in = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
        }

        void skip(long bytes) {
            if (bytes < 0 || bytes > in.remaining()) {
                throw new BufferUnderflowException();
            }
            in.position(in.position() + (int) bytes);
        }

        String text(long bytes) {
            int from = in.position();
            skip(bytes);
            return new String(in.array(), from, (int) bytes, StandardCharsets.UTF_8);
        }

        String line() {
            int from = in.position();
            while (in.get() != '\n') {
                // Up to the end of the line.
            }
            return new String(in.array(), from, in.position() - from - 1, StandardCharsets.UTF_8);
        }

        void type(String module, String name) {
            if (className.isEmpty()) {
                className = module + "." + name;
            }
        }

        /// The two texts before are the class's module and name.
        void typeOfLastTexts() {
            if (values.size() >= 2) {
                String name = values.removeLast();
                type(values.removeLast(), name);
            }
        }

        /// One opcode; false at the end, or at one that is not known.
        boolean step() {
            int opcode = in.get() & 0xff;
            switch (opcode) {
                case 0x80, 'h', 'q' -> skip(1);
                case 'j', 'r' -> skip(4);
                case 0x95, 'G' -> skip(8);
                case 'c' -> type(line(), line());
                case 0x93 -> typeOfLastTexts();
                case 'X' -> values.add(text(in.getInt() & 0xffffffffL));
                case 0x8c -> values.add(text(in.get() & 0xff));
                case 'B' -> skip(in.getInt() & 0xffffffffL);
                case 'C' -> skip(in.get() & 0xff);
                case 'J' -> values.add(Integer.toString(in.getInt()));
                case 'K' -> values.add(Integer.toString(in.get() & 0xff));
                case 'M' -> values.add(Integer.toString(in.getShort() & 0xffff));
                case 0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x94 -> {
                    // Build, tuple, true, false, memoize: nothing follows the opcode.
                }
                default -> {
                    return PLAIN_OPCODES.indexOf(opcode) >= 0;
                }
            }
            return true;
        }
    }

    static PickleText of(byte[] pickle) {
        var walk = new Walk(pickle);
        try {
            while (walk.values.size() < VALUES_MAX && walk.step()) {
                // Each step moves on.
            }
        } catch (BufferUnderflowException e) {
            // Cut off: what was found until there is the answer.
        }
        return new PickleText(walk.className, List.copyOf(walk.values));
    }

    /// One sentence or more; empty if nothing is known.
    String describe() {
        String simple = className.substring(className.lastIndexOf('.') + 1);
        String text = values.isEmpty() ? "" : values.getFirst();
        return simple.isEmpty() || text.isEmpty() ? simple + text : simple + ": " + text;
    }
}
