/// The price of an option by simulation: tasks on all workers report to an actor, which says when it is precise
/// enough.
@NullMarked
package io.github.daskjvm.examples.montecarlo;

import org.jspecify.annotations.NullMarked;
