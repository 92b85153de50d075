package io.github.daskjvm.worker.task;

/// What stands before each value of the plain form. Lengths, `int`s and `long`s are varints of seven bits a byte,
/// lowest first, signed ones zigzag; everything else is little-endian. The first byte of a stream is [#VERSION],
/// which no stream of Java's own begins with.
///
/// | value | after the tag |
/// |---|---|
/// | null, `Boolean` | – |
/// | `Byte`, `Short`, `Character`, `Float`, `Double` | its bytes |
/// | `Integer`, `Long` | varint |
/// | `String` | number of bytes, UTF-8; with unpaired surrogates number of chars, UTF-16 |
/// | array of primitives | number of elements, their bytes; apart: in the next frame |
/// | `String[]`, lists, sets | number of items, items |
/// | maps | number of entries, keys and values in turn |
/// | [KeyReference] | the key's wire form |
final class PlainTag {
    static final int VERSION = 1;

    static final int NULL = 0;
    static final int FALSE = 1;
    static final int TRUE = 2;
    static final int BYTE = 3;
    static final int SHORT = 4;
    static final int CHAR = 5;
    static final int INT = 6;
    static final int LONG = 7;
    static final int FLOAT = 8;
    static final int DOUBLE = 9;
    static final int TEXT = 10;
    static final int TEXT_UTF16 = 11;
    static final int KEY_REFERENCE = 12;

    static final int BYTES = 16;
    static final int BOOLEANS = 17;
    static final int SHORTS = 18;
    static final int CHARS = 19;
    static final int INTS = 20;
    static final int LONGS = 21;
    static final int FLOATS = 22;
    static final int DOUBLES = 23;
    /// Added to the tag of an array whose elements are a frame of their own.
    static final int APART = 16;

    static final int TEXTS = 48;
    static final int ARRAY_LIST = 49;
    static final int LIST_OF = 50;
    static final int HASH_SET = 51;
    static final int LINKED_HASH_SET = 52;
    static final int SET_OF = 53;
    static final int HASH_MAP = 54;
    static final int MAP_OF = 55;
    /// What `Stream.toList()` makes: as [#LIST_OF], and may hold null.
    static final int STREAM_LIST = 56;
    /// Of a task.
    static final int ARGUMENTS = 57;

    /// Deeper values are left to Java's own form.
    static final int DEPTH_MAX = 64;

    private PlainTag() {}
}
