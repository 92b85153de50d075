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
        advance(nowNanos);
        double maximum = Double.NaN;
        for (Slot slot : slots) {
            if (slot.seen > 0 && !(slot.maximum <= maximum)) {
                maximum = slot.maximum;
            }
        }
        return maximum;
    }

    /// The median of the window, of an even number the mean of the middle two; NaN if there is none.
    public double median(long nowNanos) {
        advance(nowNanos);
        int size = 0;
        boolean sampled = false;
        for (Slot slot : slots) {
            size += slot.size;
            sampled |= slot.seen > slot.size;
        }
        if (size == 0) {
            return Double.NaN;
        }
        return sampled ? weighted(size) : exact(size);
    }

    private double exact(int size) {
        double[] all = new double[size];
        int at = 0;
        for (Slot slot : slots) {
            System.arraycopy(slot.values, 0, all, at, slot.size);
            at += slot.size;
        }
        Arrays.sort(all);
        int middle = size / 2;
        return size % 2 == 1 ? all[middle] : (all[middle - 1] + all[middle]) / 2;
    }

    private record Weighted(double value, double weight) {}

    private double weighted(int size) {
        var all = new Weighted[size];
        int at = 0;
        double total = 0;
        for (Slot slot : slots) {
            for (int i = 0; i < slot.size; i++) {
                all[at++] = new Weighted(slot.values[i], (double) slot.seen / slot.size);
            }
            total += slot.seen;
        }
        Arrays.sort(all, (a, b) -> Double.compare(a.value, b.value));
        double passed = 0;
        for (Weighted each : all) {
            passed += each.weight;
            if (passed >= total / 2) {
                return each.value;
            }
        }
        return all[size - 1].value;
    }
}
