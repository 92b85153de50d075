/// Metrics of a scheduler in another process, of Dask's own above all, asked for by its own operations.
@NullMarked
package io.github.daskjvm.monitoring.remote;

import org.jspecify.annotations.NullMarked;
