package io.github.daskjvm.pickle;

import org.jspecify.annotations.Nullable;

/// The value of a [Span] that was written, and where in its pickle each integer and each own object in a set is. Other
/// spans of its shape are the same pickle with something else there.
final class SpanTemplate {
    /// In place of a number of an entry: an integer, or an object that is there for the first time.
    static final int INTEGER = -1;
    static final int FIRST = -2;

    private final byte[] whole;
    private final int[] variables;
    private final int[] places;
    private final int[] ends;
    private final int[] numbers;
    /// How many were written by it and by those it took the place of.
    int uses;

    /// @param variables of the span that was written
    /// @param places for each place its variable, where its bytes begin and end, and the entry of the [Template]
    /// @param ends for what the span adds to the memo, from which entry on it has been written, and
    /// @param numbers by which number it is there again
    SpanTemplate(byte[] whole, int[] variables, int[] places, int[] ends, int[] numbers, int uses) {
        this.whole = whole;
        this.variables = variables;
        this.places = places;
        this.ends = ends;
        this.numbers = numbers;
        this.uses = uses;
    }

    /// @return null if the span has to be parsed and written by itself
    @Nullable
    PackedPickle pack(Span span, Differences differences, PickleWriter writer) throws PickleFormatException {
        differences.begin(whole, writer);
        for (int i = 0; i < places.length; i += 4) {
            int value = span.variables[places[i]];
            int entry = places[i + 3];
            if (value == variables[places[i]]) {
                continue;
            }
            if (entry == INTEGER) {
                differences.add(places[i + 1], places[i + 2], (long) value);
            } else if (entry == FIRST || ends[value] > entry) {
                return null;
            } else {
                differences.again(places[i + 1], places[i + 2], numbers[value]);
            }
        }
        return differences.packed();
    }
}
