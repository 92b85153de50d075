package io.github.daskjvm.protocol;

/// What is kept in a form that takes less memory than a [Payload], and is written as one.
public interface AsPayload {
    /// A new one each time.
    Payload payload();

    /// Writes what [#payload] gives.
    default void write(MsgpackWriter out) {
        out.payload(payload());
    }
}
