/// The connections of workers and clients: registration, heartbeats, and their stream messages as events.
@NullMarked
package io.github.daskjvm.scheduler.peers;

import org.jspecify.annotations.NullMarked;
