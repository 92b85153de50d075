/// Results written by Apache Fory; to be put on the class path of workers and clients that shall use it.
@NullMarked
package io.github.daskjvm.fory;

import org.jspecify.annotations.NullMarked;
