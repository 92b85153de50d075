/// The worker as a function: events in, instructions out. No clock, socket, thread or logger.
@NullMarked
package io.github.daskjvm.core.worker;

import org.jspecify.annotations.NullMarked;
