package io.github.daskjvm.cli.options;

import io.github.daskjvm.cli.config.Units;

/// How much memory a worker may fill with results, in Dask's forms: `auto`, a text such as `4 GiB`, a number of
/// bytes, a fraction of all there is, or `0` for no limit.
public final class MemoryLimit {
    private MemoryLimit() {}

    /// What there is, is the Java heap: a JVM can not go beyond it, however much the machine has.
    ///
    /// @param heapBytes the most that the heap may grow to
    /// @param workers how many share it in this process
    /// @return bytes, at most the heap; 0 for no limit
    /// @throws BadOptionException for any other form
    public static long parse(String text, long heapBytes, int workers) {
        if (text.equals("auto")) {
            return heapBytes / workers;
        }
        long bytes = Units.bytes(text)
                .orElseThrow(() -> new BadOptionException("'" + text
                        + "' is no amount of memory; the forms are auto, 4 GiB, a number of bytes, a fraction such as"
                        + " 0.5, and 0 for no limit"));
        double fraction = fraction(text);
        if (fraction > 0 && fraction <= 1) {
            bytes = (long) (fraction * heapBytes);
        }
        return Math.min(bytes, heapBytes);
    }

    private static double fraction(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException withUnit) {
            return 0;
        }
    }
}
