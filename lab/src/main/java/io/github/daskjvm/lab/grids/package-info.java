/// The same all-JVM job on dask-jvm, on Hazelcast's executor service and on Apache Ignite's compute grid.
@NullMarked
package io.github.daskjvm.lab.grids;

import org.jspecify.annotations.NullMarked;
