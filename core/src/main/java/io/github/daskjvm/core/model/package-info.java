/// Values shared by the scheduler's and the worker's state machines: task keys, states, priorities.
@NullMarked
package io.github.daskjvm.core.model;

import org.jspecify.annotations.NullMarked;
