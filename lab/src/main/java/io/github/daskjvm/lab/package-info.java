/// Measuring: benchmarks of the whole against stock Dask. Never published.
@NullMarked
package io.github.daskjvm.lab;

import org.jspecify.annotations.NullMarked;
