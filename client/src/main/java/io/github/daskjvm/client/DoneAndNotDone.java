package io.github.daskjvm.client;

import java.util.List;

/// Futures parted, in their order, by whether they were done at one moment; what [Client#waitAny] returns.
///
/// @param <F> the futures
/// @param done finished, failed or cancelled
/// @param notDone all others
public record DoneAndNotDone<F extends Future<?>>(List<F> done, List<F> notDone) {}
