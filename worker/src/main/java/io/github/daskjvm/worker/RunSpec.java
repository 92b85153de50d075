package io.github.daskjvm.worker;

import org.jspecify.annotations.Nullable;

/// What the state machine keeps for a task until it runs, without looking into it.
///
/// @param call what is to be run
/// @param span id of the span that what is measured of it belongs to
record RunSpec(@Nullable Object call, @Nullable String span) {}
