/// The program behind `dask-jvm demo`: a word count on a cluster of its own.
@NullMarked
package io.github.daskjvm.examples.wordcount;

import org.jspecify.annotations.NullMarked;
