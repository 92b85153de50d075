package io.github.daskjvm.scheduler.loop;

import org.jspecify.annotations.Nullable;

/// A JVM task's result that is so small that it came with the news of it, and goes to JVM clients with theirs. It takes
/// the place of the result's type, which the core carries without looking into it.
///
/// @param type as the worker sent it
/// @param result opaque
@SuppressWarnings("ArrayRecordComponent")
public record SmallResult(@Nullable Object type, byte[] result) {}
