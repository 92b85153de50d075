/// Values that cross between Python and Java: what a Python worker holds as Java objects, and Java objects in the form
/// that Python's Dask reads. No Python runs for it, and nothing here looks up a class by a name that came from outside.
@NullMarked
package io.github.daskjvm.worker.python;

import org.jspecify.annotations.NullMarked;
