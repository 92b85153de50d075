/// Files that results are kept in while memory is short.
@NullMarked
package io.github.daskjvm.worker.spill;

import org.jspecify.annotations.NullMarked;
