/// What clients and tasks share by name at the scheduler: published datasets, and later locks, queues and the like.
@NullMarked
package io.github.daskjvm.scheduler.coordination;

import org.jspecify.annotations.NullMarked;
