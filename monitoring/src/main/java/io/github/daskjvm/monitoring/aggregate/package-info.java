/// The metrics of all workers on one page, gathered by whoever serves it.
@NullMarked
package io.github.daskjvm.monitoring.aggregate;

import org.jspecify.annotations.NullMarked;
