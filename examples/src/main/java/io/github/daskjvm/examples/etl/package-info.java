/// CSV files are read, changed, brought together and written.
@NullMarked
package io.github.daskjvm.examples.etl;

import org.jspecify.annotations.NullMarked;
