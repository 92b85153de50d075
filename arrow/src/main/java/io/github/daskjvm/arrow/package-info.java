/// Tables of Apache Arrow as values of tasks, which Python has as `pyarrow.Table`; to be put on the class path
/// of workers and clients that shall have them.
@NullMarked
package io.github.daskjvm.arrow;

import org.jspecify.annotations.NullMarked;
