/// The scheduler as a function: events in, commands out. No clock, socket, thread, logger or global randomness.
@NullMarked
package io.github.daskjvm.core.scheduler;

import org.jspecify.annotations.NullMarked;
