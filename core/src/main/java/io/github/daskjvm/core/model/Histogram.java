package io.github.daskjvm.core.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How often values of which size occurred: the buckets of a native histogram of Prometheus, schema 3, whose bounds are
/// the powers of the eighth root of two. A value goes to its bucket by the bits of the number, without a logarithm, in
/// a few nanoseconds. Made for seconds: what is no more than a nanosecond counts as zero, what is more than half a year
/// as that.
///
/// Classic buckets whose bounds are powers of two follow from the native ones exactly, see [Copy#atMost], so that both
/// forms cost what one does.
///
/// Not thread-safe: its owner adds and copies, others read the copies. An array grows while values spread, otherwise
/// nothing is allocated. Source of the bounds: Prometheus, "Native Histograms", standard exponential schemas.
public final class Histogram {
    /// The number by which Prometheus knows these bounds.
    public static final int SCHEMA = 3;
    /// Up to this a value counts as zero.
    public static final double ZERO_MAX = 0x1p-30;

    private static final int PER_OCTAVE = 1 << SCHEMA;
    private static final int INDEX_MIN = -30 * PER_OCTAVE + 1;
    private static final int INDEX_MAX = 24 * PER_OCTAVE;
    private static final int MANTISSA_BITS = 52;
    private static final long MANTISSA = (1L << MANTISSA_BITS) - 1;
    private static final int SLICE_BITS = 7;
    /// One exemplar is kept for each factor of four.
    private static final int EXEMPLARS = octavePair(INDEX_MAX) - octavePair(INDEX_MIN) + 1;

    /// The bounds within an octave, as mantissas; the last one is never reached.
    private static final long[] BOUNDS = new long[PER_OCTAVE + 1];
    /// By the leading bits of a mantissa: which bound is the first that is not below it, or the one before.
    private static final byte[] FIRST_BOUND = new byte[1 << SLICE_BITS];

    static {
        for (int i = 0; i < PER_OCTAVE; i++) {
            BOUNDS[i] = Double.doubleToRawLongBits(Math.pow(2, (double) i / PER_OCTAVE)) & MANTISSA;
        }
        BOUNDS[PER_OCTAVE] = Long.MAX_VALUE;
        for (int slice = 0; slice < FIRST_BOUND.length; slice++) {
            long least = (long) slice << (MANTISSA_BITS - SLICE_BITS);
            int bound = 0;
            while (BOUNDS[bound] < least) {
                bound++;
            }
            FIRST_BOUND[slice] = (byte) bound;
        }
    }

    private long zeros;
    private double sum;
    /// Index of the bucket that `counts` begins with.
    private int first;
    private long[] counts = {};
    private @Nullable Samples samples;
    private @Nullable Copy copy = Copy.EMPTY;

    /// The latest value with a key, by factor of four.
    private static final class Samples {
        final @Nullable TaskKey[] keys = new TaskKey[EXEMPLARS];
        final double[] values = new double[EXEMPLARS];
        final double[] epochSeconds = new double[EXEMPLARS];
    }

    /// A value and what it was of.
    ///
    /// @param epochSeconds when, since 1970
    public record Exemplar(TaskKey key, double value, double epochSeconds) {}

    /// The histogram at one moment, immutable.
    ///
    /// @param zeros values up to [#ZERO_MAX]
    /// @param first index of the bucket that `counts` begins with; bucket `i` holds what is greater than
    ///     `2^((i-1)/8)` and at most `2^(i/8)`
    /// @param counts of the buckets, not cumulative; not to be changed
    /// @param exemplars by value
    @SuppressWarnings("ArrayRecordComponent")
    public record Copy(long count, double sum, long zeros, int first, long[] counts, List<Exemplar> exemplars) {
        public static final Copy EMPTY = new Copy(0, 0, 0, 0, new long[0], List.of());

        /// Values of at most two to this power, from -30 to 24.
        public long atMost(int power) {
            long found = zeros;
            int end = Math.min(counts.length, power * PER_OCTAVE - first + 1);
            for (int i = 0; i < end; i++) {
                found += counts[i];
            }
            return found;
        }
    }

    /// Counts the value; what is not a number is left out.
    public void add(double value) {
        if (value <= ZERO_MAX) {
            zeros++;
            sum += Math.max(0, value);
        } else if (value < Double.POSITIVE_INFINITY) {
            count(bucket(value));
            sum += value;
        } else {
            return;
        }
        copy = null;
    }

    /// Counts the value, and keeps it as an example of values of its size.
    ///
    /// @param epochSeconds when, since 1970
    public void add(double value, TaskKey key, double epochSeconds) {
        add(value);
        if (value > ZERO_MAX && value < Double.POSITIVE_INFINITY) {
            Samples kept = samples;
            if (kept == null) {
                kept = new Samples();
                samples = kept;
            }
            int at = octavePair(bucket(value)) - octavePair(INDEX_MIN);
            kept.keys[at] = key;
            kept.values[at] = value;
            kept.epochSeconds[at] = epochSeconds;
        }
    }

    private void count(int bucket) {
        int at = bucket - first;
        if (at < 0 || at >= counts.length) {
            grow(bucket);
            at = bucket - first;
        }
        counts[at]++;
    }

    /// By whole octaves, so that it is rare.
    private void grow(int bucket) {
        int from = Math.floorDiv(bucket, PER_OCTAVE) * PER_OCTAVE;
        int to = from + PER_OCTAVE;
        if (counts.length > 0) {
            from = Math.min(from, first);
            to = Math.max(to, first + counts.length);
        }
        long[] larger = new long[to - from];
        System.arraycopy(counts, 0, larger, counts.length > 0 ? first - from : 0, counts.length);
        counts = larger;
        first = from;
    }

    /// The index of the bucket that a value greater than [#ZERO_MAX] belongs to.
    static int bucket(double value) {
        long bits = Double.doubleToRawLongBits(value);
        long mantissa = bits & MANTISSA;
        int bound = FIRST_BOUND[(int) (mantissa >>> (MANTISSA_BITS - SLICE_BITS))];
        if (mantissa > BOUNDS[bound]) {
            bound++;
        }
        int octave = (int) (bits >>> MANTISSA_BITS) - Double.MAX_EXPONENT;
        return Math.min(Math.max(octave * PER_OCTAVE + bound, INDEX_MIN), INDEX_MAX);
    }

    /// Which factor of four the bucket belongs to.
    private static int octavePair(int bucket) {
        return Math.ceilDiv(bucket, 2 * PER_OCTAVE);
    }

    /// The same one again as long as nothing was added.
    public Copy copy() {
        Copy present = copy;
        if (present == null) {
            long count = zeros;
            for (long each : counts) {
                count += each;
            }
            present = new Copy(count, sum, zeros, first, Arrays.copyOf(counts, counts.length), exemplars());
            copy = present;
        }
        return present;
    }

    private List<Exemplar> exemplars() {
        Samples kept = samples;
        if (kept == null) {
            return List.of();
        }
        var exemplars = new ArrayList<Exemplar>();
        for (int i = 0; i < EXEMPLARS; i++) {
            TaskKey key = kept.keys[i];
            if (key != null) {
                exemplars.add(new Exemplar(key, kept.values[i], kept.epochSeconds[i]));
            }
        }
        return List.copyOf(exemplars);
    }
}
