package io.github.daskjvm.comm;

/// What was done for one operation since the start.
///
/// @param op Dask's name of the message that asks for it; where no message does, what happens, such as `timer`
/// @param failures calls that ended with an exception for the caller
/// @param nanos that handling them took, waiting included
public record OpFigures(String op, long calls, long failures, long nanos) {}
