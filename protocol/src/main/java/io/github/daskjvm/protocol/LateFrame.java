package io.github.daskjvm.protocol;

import java.nio.ByteBuffer;

/// A frame that is kept in another form and is made where it is written: no array has it as a whole.
public interface LateFrame {
    /// Bytes of the frame.
    int length();

    /// Puts all of it.
    ///
    /// @param into has room for it
    void putInto(ByteBuffer into);
}
