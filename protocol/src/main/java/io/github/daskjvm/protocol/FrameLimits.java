package io.github.daskjvm.protocol;

/// What one message may claim. Beyond it the connection ends with a [BadMessageException]: a stranger's
/// first eight bytes, read as a length, must not make us allocate.
///
/// @param frameBytes largest single frame; at most what a Java array holds
/// @param messageBytes largest sum of all frames of a message
/// @param frames most frames of a message
public record FrameLimits(long frameBytes, long messageBytes, int frames) {
    /// 2 GiB less a little a frame, 64 GiB a message, four million frames.
    public static final FrameLimits DEFAULT = new FrameLimits(Integer.MAX_VALUE - 64L, 64L << 30, 1 << 22);

    public FrameLimits {
        if (frameBytes < 1 || frameBytes > Integer.MAX_VALUE - 64L || messageBytes < frameBytes || frames < 1) {
            throw new IllegalArgumentException("frame limits out of range: " + frameBytes + ", " + messageBytes);
        }
    }
}
