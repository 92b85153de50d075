package io.github.daskjvm.protocol;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// The bytes of a message, from one buffer to the next, each copied once. The message must not change meanwhile.
public final class MessageBytes {
    private static final int BODY_MAX_BYTES = 1 << 20;

    private final MsgpackWriter message;
    /// How many of the numbers at the beginning were put.
    private int numbers;

    private int ofBody;
    private int frame;
    private int ofFrame;

    private MessageBytes(MsgpackWriter message) {
        this.message = message;
    }

    /// @return null if parts of the message had better be written from where they are, see [FrameWriter#chunks]
    public static @Nullable MessageBytes of(MsgpackWriter message) {
        if (message.size() > BODY_MAX_BYTES) {
            return null;
        }
        for (int i = 0; i < message.frameCount(); i++) {
            if (message.frameLength(i) > FrameWriter.COPIED_MAX_BYTES) {
                return null;
            }
        }
        return new MessageBytes(message);
    }

    /// Puts what comes next.
    ///
    /// @param into little-endian, with room for 16 kB
    /// @return whether that was the rest
    public boolean putInto(ByteBuffer into) {
        int frames = message.frameCount();
        for (; numbers < 3 + frames; numbers++) {
            if (into.remaining() < 8) {
                return false;
            }
            into.putLong(number(numbers, frames));
        }
        int more = Math.min(message.size() - ofBody, into.remaining());
        into.put(message.buffer(), ofBody, more);
        ofBody += more;
        while (ofBody == message.size() && frame < frames) {
            if (!put(message.frame(frame), into)) {
                return false;
            }
            frame++;
            ofFrame = 0;
        }
        return frame == frames && ofBody == message.size();
    }

    private long number(int i, int frames) {
        return switch (i) {
            case 0 -> 8L * (2 + frames) + message.size() + message.frameBytes();
            case 1 -> 1L + frames;
            case 2 -> message.size();
            default -> message.frameLength(i - 3);
        };
    }

    private boolean put(Object next, ByteBuffer into) {
        if (next instanceof LateFrame late) {
            if (late.length() > into.remaining()) {
                return false;
            }
            late.putInto(into);
            return true;
        }
        byte[] bytes = (byte[]) next;
        int more = Math.min(bytes.length - ofFrame, into.remaining());
        into.put(bytes, ofFrame, more);
        ofFrame += more;
        return ofFrame == bytes.length;
    }
}
