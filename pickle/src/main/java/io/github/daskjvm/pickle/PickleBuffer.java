package io.github.daskjvm.pickle;

/// A buffer that came beside a pickle (PEP 574).
///
/// @param writable whether what is made of it may be written to, as NumPy's arrays may
@SuppressWarnings("ArrayRecordComponent")
public record PickleBuffer(byte[] bytes, boolean writable) {}
