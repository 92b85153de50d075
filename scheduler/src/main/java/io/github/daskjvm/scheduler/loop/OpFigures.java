package io.github.daskjvm.scheduler.loop;

/// What was done for one operation since the start.
///
/// @param op Dask's name of the message that asks for it; where no message does, what happens, such as `timer`
/// @param nanos that handling them took
public record OpFigures(String op, long calls, long nanos) {}
