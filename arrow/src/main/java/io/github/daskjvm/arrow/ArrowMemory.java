package io.github.daskjvm.arrow;

import java.nio.ByteBuffer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/// Memory outside the heap, where vectors are.
final class ArrowMemory {
    private ArrowMemory() {}

    /// @param limitBytes beyond which it refuses
    /// @throws IllegalStateException if this JVM does not let Arrow have any
    static BufferAllocator open(long limitBytes) {
        check();
        return new RootAllocator(limitBytes);
    }

    /// What Arrow says of it itself does not say what to do.
    static void check() {
        if (!ByteBuffer.class.getModule().isOpen("java.nio", RootAllocator.class.getModule())) {
            throw new IllegalStateException("Arrow's memory needs Java's option"
                    + " --add-opens=java.base/java.nio=ALL-UNNAMED, for workers in the variable JDK_JAVA_OPTIONS");
        }
    }
}
