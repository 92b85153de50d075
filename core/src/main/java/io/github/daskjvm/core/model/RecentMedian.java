package io.github.daskjvm.core.model;

import java.util.Arrays;
import java.util.SplittableRandom;

/// The median, and the largest, of what was measured over about the last minute.
///
/// A minute is twelve slots of five seconds. A slot keeps its first 512 values, and from then on a uniform random
/// sample of them, with the number seen; the median is taken over all slots, each kept value weighing as many as
/// it stands for. So it is the true median as long as no five seconds bring more than 512 values, and an estimate
/// within about one percent of rank beyond that, in at most 50 kB whatever the rate. "About" a minute: the slot
/// being filled counts with the eleven before it, so the window is between 55 and 60 seconds.
///
/// Not thread-safe. Time never goes back; values older than what was added last are taken as new.
public final class RecentMedian {
    private static final int SLOTS = 12;
    private static final int SAMPLES_MAX = 512;
    private static final long SLOT_NANOS = 5_000_000_000L;

    private final Slot[] slots = new Slot[SLOTS];
    private final SplittableRandom random = new SplittableRandom(1);
    private long currentSlot = Long.MIN_VALUE;

    private static final class Slot {
        double[] values = new double[16];
        int size;
        long seen;
        double maximum;

        void clear() {
            size = 0;
            seen = 0;
            maximum = Double.NaN;
        }
    }

    public RecentMedian() {
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = new Slot();
            slots[i].clear();
        }
    }

    public void add(double value, long nowNanos) {
        Slot slot = advance(nowNanos);
        slot.seen++;
        slot.maximum = slot.seen == 1 ? value : Math.max(slot.maximum, value);
        if (slot.size < SAMPLES_MAX) {
            if (slot.size == slot.values.length) {
                slot.values = Arrays.copyOf(slot.values, 2 * slot.size);
            }
            slot.values[slot.size++] = value;
        } else {
            // Vitter's algorithm R: each value seen stays with probability SAMPLES_MAX / seen.
            long index = random.nextLong(slot.seen);
            if (index < SAMPLES_MAX) {
                slot.values[(int) index] = value;
            }
        }
    }

    private Slot advance(long nowNanos) {
        long number = Math.floorDiv(nowNanos, SLOT_NANOS);
        if (currentSlot == Long.MIN_VALUE) {
            currentSlot = number;
        }
        if (number > currentSlot) {
            long passed = Math.min(number - currentSlot, SLOTS);
            for (long i = 0; i < passed; i++) {
                slots[(int) Math.floorMod(number - i, SLOTS)].clear();
            }
            currentSlot = number;
        }
        return slots[(int) Math.floorMod(currentSlot, SLOTS)];
    }

    /// Values added over the window.
    public long count(long nowNanos) {
        advance(nowNanos);
        long count = 0;
        for (Slot slot : slots) {
            count += slot.seen;
        }
        return count;
    }

    /// The largest value of the window; NaN if there is none.
    public double maximum(long nowNanos) {
        return window(nowNanos).maximum();
    }

    /// The median of the window, of an even number the mean of the middle two; NaN if there is none.
    public double median(long nowNanos) {
        return window(nowNanos).median();
    }

    /// A copy of what was measured, so that who must keep others waiting while it looks need not sort meanwhile.
    public Window window(long nowNanos) {
        advance(nowNanos);
        int size = 0;
        boolean sampled = false;
        double maximum = Double.NaN;
        for (Slot slot : slots) {
            size += slot.size;
            sampled |= slot.seen > slot.size;
            if (slot.seen > 0 && !(slot.maximum <= maximum)) {
                maximum = slot.maximum;
            }
        }
        double[] values = new double[size];
        double[] weights = new double[sampled ? size : 0];
        int at = 0;
        for (Slot slot : slots) {
            System.arraycopy(slot.values, 0, values, at, slot.size);
            if (sampled) {
                Arrays.fill(weights, at, at + slot.size, (double) slot.seen / Math.max(1, slot.size));
            }
            at += slot.size;
        }
        return new Window(values, weights, maximum);
    }

    /// What was measured in a window of time. Any thread may ask.
    public static final class Window {
        private final double[] values;
        /// How many each value stands for; empty if each stands for itself.
        private final double[] weights;
        private final double maximum;

        private Window(double[] values, double[] weights, double maximum) {
            this.values = values;
            this.weights = weights;
            this.maximum = maximum;
        }

        /// The largest value; NaN if there is none.
        public double maximum() {
            return maximum;
        }

        /// The median, of an even number the mean of the middle two; NaN if there is none.
        public double median() {
            if (values.length == 0) {
                return Double.NaN;
            }
            return weights.length > 0 ? weighted() : exact();
        }

        private double exact() {
            double[] all = values.clone();
            Arrays.sort(all);
            int middle = all.length / 2;
            return all.length % 2 == 1 ? all[middle] : (all[middle - 1] + all[middle]) / 2;
        }

        private record Weighted(double value, double weight) {}

        private double weighted() {
            var all = new Weighted[values.length];
            double total = 0;
            for (int i = 0; i < all.length; i++) {
                all[i] = new Weighted(values[i], weights[i]);
                total += weights[i];
            }
            Arrays.sort(all, (a, b) -> Double.compare(a.value, b.value));
            double passed = 0;
            for (Weighted each : all) {
                passed += each.weight;
                if (passed >= total / 2) {
                    return each.value;
                }
            }
            return all[all.length - 1].value;
        }
    }
}
