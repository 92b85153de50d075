/// The one thread that owns the scheduler's state, what goes into it and what comes out: events and queries in,
/// messages on the streams of workers and clients out.
@NullMarked
package io.github.daskjvm.scheduler.loop;

import org.jspecify.annotations.NullMarked;
