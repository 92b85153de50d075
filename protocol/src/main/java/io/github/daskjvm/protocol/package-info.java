/// Bytes to messages and back: framing, msgpack, opaque payloads, handshake, compression, hand-made pickles.
/// Knows no sockets beyond `InputStream` and `OutputStream`, and nothing of scheduling.
@NullMarked
package io.github.daskjvm.protocol;

import org.jspecify.annotations.NullMarked;
