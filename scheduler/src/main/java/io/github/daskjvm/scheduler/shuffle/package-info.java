/// Peer-to-peer shuffles as workers see them: the operations, and how a run is made.
@NullMarked
package io.github.daskjvm.scheduler.shuffle;

import org.jspecify.annotations.NullMarked;
