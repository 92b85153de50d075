/// What a Java task is on the wire, shared by client and worker: functions, calls, references to other tasks'
/// results, values and failures.
@NullMarked
package io.github.daskjvm.worker.task;

import org.jspecify.annotations.NullMarked;
