/// The commands: options, configuration, and the wiring of scheduler, worker and monitoring by hand.
@NullMarked
package io.github.daskjvm.cli;

import org.jspecify.annotations.NullMarked;
