package io.github.daskjvm.scheduler;

/// A line of the scheduler's log.
///
/// @param time seconds since 1970
/// @param level as Python names it
/// @param text the whole line, as printed
public record LogLine(double time, String level, String text) {}
