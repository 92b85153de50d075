/// The operations that peers call by request and reply.
@NullMarked
package io.github.daskjvm.scheduler.rpc;

import org.jspecify.annotations.NullMarked;
