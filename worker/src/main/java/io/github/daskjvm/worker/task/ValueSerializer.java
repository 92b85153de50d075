package io.github.daskjvm.worker.task;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A further way to write values. One that is on the class path, found by `ServiceLoader`, reads what others
/// wrote by it; a worker writes results by the one that its options name, for those who say that they read it:
/// what has a plain form is still written in that, and what this leaves alone by Java serialization. Functions
/// and arguments are never written by it. Any number of threads call at once.
public interface ValueSerializer {
    /// In headers and requests; letters, digits and dashes.
    String name();

    /// Changes when what is written can't be read by an earlier version any more: programs with different ones
    /// can't be in one cluster.
    int form();

    /// @return the bytes; null if the value is better left to Java serialization
    /// @throws IOException as null, if it found out late
    @Nullable
    List<byte[]> write(@Nullable Object value, ValueClasses classes) throws IOException;

    /// @param frames what [#write] returned, elsewhere
    /// @param classes every class that is named in the bytes must come from here
    /// @throws IOException if they are damaged, or a class is missing or refused
    @Nullable
    Object read(List<byte[]> frames, ValueClasses classes) throws IOException;
}
