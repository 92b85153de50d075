package io.github.daskjvm.lab.grids;

/// A reduction by pairs: leaves make arrays, each further task adds two of them, and the last sums the elements up.
///
/// @param name unique among the trees of a run
/// @param leaves a power of two
/// @param sizeBytes of each array
record Tree(String name, int leaves, int sizeBytes) {
    static byte[] leaf(int index, int sizeBytes) {
        byte[] values = new byte[sizeBytes];
        for (int i = 0; i < sizeBytes; i++) {
            values[i] = (byte) (i + index);
        }
        return values;
    }

    static byte[] add(byte[] one, byte[] other) {
        byte[] sums = new byte[one.length];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = (byte) (one[i] + other[i]);
        }
        return sums;
    }

    static long total(byte[] values) {
        long sum = 0;
        for (byte value : values) {
            sum += value;
        }
        return sum;
    }

    /// What the tree comes to, computed here.
    long expected() {
        byte[] sums = new byte[sizeBytes];
        for (int i = 0; i < leaves; i++) {
            sums = add(sums, leaf(i, sizeBytes));
        }
        return total(sums);
    }
}
