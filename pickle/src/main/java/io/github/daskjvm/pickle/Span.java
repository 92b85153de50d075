package io.github.daskjvm.pickle;

import org.jspecify.annotations.Nullable;

/// An item of a dict that was passed over, since it is an earlier one with other integers: what makes its key and
/// its value stands in the pickle as that of its [Shape].
public final class Span {
    final Shape shape;
    final int from;
    final int to;
    final int memoFrom;
    /// As [Shape#found] has them.
    final int[] variables;
    private final PickleParser parser;
    private @Nullable Item item;

    /// The one that was found last.
    Span(Shape shape, PickleParser parser, int from, int memoFrom) {
        this.shape = shape;
        this.parser = parser;
        this.from = from;
        this.to = shape.foundTo;
        this.memoFrom = memoFrom;
        this.variables = shape.found;
    }

    /// A key and a value.
    ///
    /// @param memo what it added to the memo; may be longer
    @SuppressWarnings("ArrayRecordComponent")
    public record Item(
            @Nullable Object key,
            @Nullable Object value,
            @Nullable Object[] memo) {}

    /// An integer of an item that was parsed to see what differs where.
    ///
    /// @param number of what may differ, in the order of the pickle, from 0
    public record Integral(int number, long value) {}

    /// Likewise one of the item's own objects, in a set.
    public record Reference(int number, @Nullable Object value) {}

    /// What it has in common with the items that it is like.
    public Shape shape() {
        return shape;
    }

    /// @param number as [Integral] or [Reference] has it
    /// @return the integer, or which of what the item adds to the memo it is
    public int variable(int number) {
        return variables[number];
    }

    /// Whether it was parsed after all: then what came later in the pickle may have changed it.
    public boolean isParsed() {
        return item != null;
    }

    /// Parsed after all; always the same.
    public Item item() throws PickleFormatException {
        if (item == null) {
            item = parser.item(this, false);
        }
        return item;
    }

    /// Parsed with [Integral] and [Reference] in place of what may differ; a new one each time.
    public Item marked() throws PickleFormatException {
        return parser.item(this, true);
    }
}
