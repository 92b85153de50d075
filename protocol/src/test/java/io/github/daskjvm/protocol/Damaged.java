package io.github.daskjvm.protocol;

import java.util.Arrays;
import java.util.Random;

/// Messages that are cut off or changed, and lie among other bytes.
final class Damaged {
    /// Where [#among] puts them.
    static final int OFFSET = 100;

    private Damaged() {}

    static byte[] some(byte[] good, Random random) {
        byte[] damaged = Arrays.copyOf(good, random.nextBoolean() ? random.nextInt(good.length + 1) : good.length);
        for (int changed = random.nextInt(3); changed > 0 && damaged.length > 0; changed--) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
        }
        return damaged;
    }

    static byte[] among(byte[] message, Random random) {
        byte[] among = new byte[OFFSET + message.length + random.nextInt(100)];
        random.nextBytes(among);
        System.arraycopy(message, 0, among, OFFSET, message.length);
        return among;
    }
}
