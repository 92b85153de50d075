/// The live page at `/status`: what users of Dask look for on its dashboard, in the browser and without Python.
/// The page's own files are resources beside this package.
///
/// Everything comes from what the scheduler's loop publishes anyway, and from the record of what tasks did. While
/// nobody looks, only [History] does anything.
@NullMarked
package io.github.daskjvm.monitoring.status;

import org.jspecify.annotations.NullMarked;
