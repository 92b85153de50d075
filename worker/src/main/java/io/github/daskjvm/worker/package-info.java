/// The JVM worker: registers with a Dask scheduler, runs Java tasks on threads, keeps their results, fetches what
/// they need from peers.
@NullMarked
package io.github.daskjvm.worker;

import org.jspecify.annotations.NullMarked;
