/// The scheduler as a running thing: the event loop around the core's state machine, and everything that talks
/// to workers and clients.
@NullMarked
package io.github.daskjvm.scheduler;

import org.jspecify.annotations.NullMarked;
