/// Actors: objects that stay on the worker that made them, and the calls of their methods from elsewhere.
@NullMarked
package io.github.daskjvm.worker.actor;

import org.jspecify.annotations.NullMarked;
