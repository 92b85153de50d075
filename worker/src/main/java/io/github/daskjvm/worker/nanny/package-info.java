/// A supervisor of a worker that is a process of its own: starts it, and starts it again when it died.
@NullMarked
package io.github.daskjvm.worker.nanny;

import org.jspecify.annotations.NullMarked;
