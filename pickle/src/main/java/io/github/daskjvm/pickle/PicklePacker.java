package io.github.daskjvm.pickle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Makes [PackedPickle]s: compares each pickle with a few earlier ones, of which it keeps the latest that others were
/// like. Takes time in proportion to the pickle's length. For one thread.
public final class PicklePacker {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /// As many equal bytes are worth being looked for.
    private static final int COMMON_MIN = 8;

    private static final int MODELS_MAX = 4;
    /// Of what a pickle takes and what it keeps for another one, a quarter at least has to be saved; small ones may be
    /// kept for less.
    private static final int SAVED_PART_MIN = 4;

    private static final int SMALL_BYTES = 2048;

    /// So many others at least are between two that are kept as a whole because they are not much like any.
    private static final int POOR_MIN = 8;

    private static final int KEPT_BYTES_MAX = 1 << 16;
    private static final AtomicReference<@Nullable PicklePacker> IDLE = new AtomicReference<>();

    /// The latest that was of use first.
    private final List<Model> models = new ArrayList<>();

    private byte[] packed = new byte[256];
    private int length;
    private int sinceWhole;

    PicklePacker() {}

    /// One that others have used, with what they left, or a new one. To be given back.
    public static PicklePacker take() {
        PicklePacker idle = IDLE.getAndSet(null);
        if (idle == null) {
            return new PicklePacker();
        }
        idle.models.forEach(model -> model.uses = 0);
        return idle;
    }

    /// It is another's from now on. A graph of one task is often like the one before it.
    public void giveBack() {
        models.removeIf(model -> model.bytes.length > KEPT_BYTES_MAX);
        if (packed.length > KEPT_BYTES_MAX) {
            packed = new byte[256];
        }
        IDLE.set(this);
    }

    /// @param pickle in an array that may be longer; is not kept
    public PackedPickle pack(byte[] pickle, int pickleLength) {
        Model best = null;
        Model last = null;
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < models.size() && (best == null || !best.isUsual(least)); i++) {
            last = models.get(i);
            write(pickle, pickleLength, last);
            if (length < least && isWorthIt(pickleLength, last)) {
                best = last;
                least = length;
            }
        }
        if (best == null) {
            return whole(pickle, pickleLength, 0);
        }
        sinceWhole++;
        best.uses++;
        if (isOld(best.uses)) {
            models.remove(best);
            return whole(pickle, pickleLength, best.uses);
        }
        if (best.isPoor(least) && sinceWhole > POOR_MIN) {
            return whole(pickle, pickleLength, 0);
        }
        if (best != last) {
            write(pickle, pickleLength, best);
        }
        best.least = Math.min(best.least, least);
        if (models.getFirst() != best) {
            models.remove(best);
            models.addFirst(best);
        }
        return new PackedPickle(Arrays.copyOf(packed, length), best.bytes);
    }

    private PackedPickle whole(byte[] pickle, int pickleLength, int uses) {
        if (models.size() == MODELS_MAX) {
            models.removeLast();
        }
        byte[] whole = Arrays.copyOf(pickle, pickleLength);
        models.addFirst(new Model(whole, uses));
        sinceWhole = 0;
        return new PackedPickle(whole, null);
    }

    /// After 16 pickles, as those of another graph are more like one another, and again after 16 times as many each
    /// time: what counts up in pickles has more digits by then.
    static boolean isOld(int uses) {
        return uses > 1 && Integer.bitCount(uses) == 1 && Integer.numberOfTrailingZeros(uses) % 4 == 0;
    }

    private boolean isWorthIt(int pickleLength, Model model) {
        int saved = pickleLength - length;
        return saved >= Math.max(pickleLength, model.bytes.length - SMALL_BYTES) / SAVED_PART_MIN;
    }

    private void write(byte[] pickle, int pickleLength, Model model) {
        byte[] like = model.bytes;
        if (packed.length < pickleLength + 64) {
            packed = new byte[2 * pickleLength + 64];
        }
        length = 0;
        number(pickleLength);
        int done = 0;
        int next = 0; // What is expected to be equal in `like`.
        int at = 0;
        int misses = 0;
        while (at < pickleLength) {
            int from = next + at - done;
            if (!equal(pickle, at, pickleLength, like, from)) {
                from = model.find(pickle, at, pickleLength);
            }
            if (from < 0) {
                at += 1 + (misses++ >> 5); // Long ones without anything in common are passed over faster and faster.
                continue;
            }
            misses = 0;
            while (at > done && from > 0 && pickle[at - 1] == like[from - 1]) {
                at--;
                from--;
            }
            int common = common(pickle, at, pickleLength, like, from);
            own(pickle, done, at);
            number(from);
            number(common);
            at += common;
            done = at;
            next = from + common;
        }
        if (done < pickleLength) {
            own(pickle, done, pickleLength);
        }
    }

    private void own(byte[] pickle, int from, int to) {
        number(to - from);
        System.arraycopy(pickle, from, packed, length, to - from);
        length += to - from;
    }

    private void number(int value) {
        length = PackedPickle.putNumber(packed, length, value);
    }

    private static boolean equal(byte[] pickle, int at, int pickleLength, byte[] like, int from) {
        return at + COMMON_MIN <= pickleLength
                && from + COMMON_MIN <= like.length
                && (long) LONG.get(pickle, at) == (long) LONG.get(like, from);
    }

    private static int common(byte[] pickle, int at, int pickleLength, byte[] like, int from) {
        int most = Math.min(pickleLength - at, like.length - from);
        int common = Arrays.mismatch(pickle, at, at + most, like, from, from + most);
        return common < 0 ? most : common;
    }

    /// A pickle that others may be like, and where in it what eight bytes are; of a long one not all.
    private static final class Model {
        private static final int PLACES_MAX = 4096;

        private final byte[] bytes;
        private int uses;
        /// Of what was packed with it, in bytes.
        private int least = Integer.MAX_VALUE;
        /// One more than a place, by hash, the first of those with equal bytes; 0 for none. Empty until it is needed.
        private int[] places = {};

        Model(byte[] bytes, int uses) {
            this.bytes = bytes;
            this.uses = uses;
        }

        /// Whether others were hardly packed better.
        boolean isUsual(int packedLength) {
            return packedLength <= least + (least >> 2);
        }

        boolean isPoor(int packedLength) {
            return least < Integer.MAX_VALUE && packedLength > 2 * least + 32;
        }

        private static int hash(byte[] bytes, int at) {
            return (int) (((long) LONG.get(bytes, at) * 0x9E3779B97F4A7C15L) >>> 32);
        }

        private void index() {
            int step = 1 + bytes.length / PLACES_MAX;
            places = new int[2 * Integer.highestOneBit(bytes.length / step + 1) * 2];
            for (int at = 0; at + COMMON_MIN <= bytes.length; at += step) {
                int slot = hash(bytes, at) & places.length - 1;
                if (places[slot] == 0) {
                    places[slot] = at + 1;
                }
            }
        }

        /// @return where there are the same eight bytes as at the place in the pickle; -1 if nowhere
        int find(byte[] pickle, int at, int pickleLength) {
            if (at + COMMON_MIN > pickleLength) {
                return -1;
            }
            if (places.length == 0) {
                index();
            }
            int from = places[hash(pickle, at) & places.length - 1] - 1;
            return from >= 0 && equal(pickle, at, pickleLength, bytes, from) ? from : -1;
        }
    }
}
