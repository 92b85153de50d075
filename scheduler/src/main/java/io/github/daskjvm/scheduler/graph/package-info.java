/// From a Python client's `update-graph` to tasks: graphs are unpacked by Dask's own code on a Python worker,
/// through the worker's `run`. Nothing here unpickles into user code.
@NullMarked
package io.github.daskjvm.scheduler.graph;

import org.jspecify.annotations.NullMarked;
