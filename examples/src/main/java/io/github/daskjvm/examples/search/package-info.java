/// A search for good parameters that stops early.
@NullMarked
package io.github.daskjvm.examples.search;

import org.jspecify.annotations.NullMarked;
