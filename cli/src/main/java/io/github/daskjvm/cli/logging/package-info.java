/// Log lines on stderr in the form that Dask's have, so that deployers which wait for one find it.
@NullMarked
package io.github.daskjvm.cli.logging;

import org.jspecify.annotations.NullMarked;
