/// What JMH measures: the scheduler's parts one at a time, on messages and histories as they are in use.
@NullMarked
package io.github.daskjvm.lab.jmh;

import org.jspecify.annotations.NullMarked;
