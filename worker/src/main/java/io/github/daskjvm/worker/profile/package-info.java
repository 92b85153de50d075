/// Where tasks spend their time, by looking at their stacks.
@NullMarked
package io.github.daskjvm.worker.profile;

import org.jspecify.annotations.NullMarked;
