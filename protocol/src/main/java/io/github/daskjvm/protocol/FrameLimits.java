package io.github.daskjvm.protocol;

/// What one message may claim. Beyond it the connection ends with a [BadMessageException]: a stranger's
/// first eight bytes, read as a length, must not make us allocate.
///
/// @param frameBytes largest single frame; at most what a Java array holds
/// @param messageBytes largest sum of all frames of a message
/// @param frames most frames of a message
/// @param trustedBytes of a frame that claims more, memory is taken only as its bytes arrive
public record FrameLimits(long frameBytes, long messageBytes, int frames, int trustedBytes) {
    private static final int TRUSTED_BYTES = 1 << 20;

    /// 2 GiB less a little a frame, 64 GiB a message, four million frames.
    public static final FrameLimits DEFAULT = new FrameLimits(Integer.MAX_VALUE - 64L, 64L << 30, 1 << 22);

    /// For what comes over connections that we opened ourselves: a page of a graph is taken at its word, and not
    /// copied several times while it grows.
    public static final FrameLimits OF_ANSWERS =
            new FrameLimits(DEFAULT.frameBytes, DEFAULT.messageBytes, DEFAULT.frames, 128 << 20);

    public FrameLimits(long frameBytes, long messageBytes, int frames) {
        this(frameBytes, messageBytes, frames, TRUSTED_BYTES);
    }

    public FrameLimits {
        if (frameBytes < 1
                || trustedBytes < 1
                || frameBytes > Integer.MAX_VALUE - 64L
                || messageBytes < frameBytes
                || frames < 1) {
            throw new IllegalArgumentException("frame limits out of range: " + frameBytes + ", " + messageBytes);
        }
    }
}
