/// The real scheduler core, and real worker cores, on a simulated network and clock. Everything that happens follows
/// from a seed, or from a file of actions.
@NullMarked
package io.github.daskjvm.lab.simulate;

import org.jspecify.annotations.NullMarked;
