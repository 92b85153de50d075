/// Sockets: addresses, connections, TLS, the RPC server and the pool of outgoing RPC connections, and batched
/// streams. Blocking code on virtual threads. Knows nothing of scheduling.
@NullMarked
package io.github.daskjvm.comm;

import org.jspecify.annotations.NullMarked;
