package io.github.daskjvm.pickle;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds items of dicts that are like earlier ones, while a pickle is parsed. For one pickle.
public final class Spans {
    private static final String NAME = "mapping";
    private static final int SHAPES_MAX = 8;

    /// The one of latest use first.
    private final List<Shape> shapes = new ArrayList<>(SHAPES_MAX);

    /// How many marks are open where items begin; -1 while none do.
    private int marks = -1;
    /// The item that is being parsed: where it begins, how much the memo and the stack had then. -1 for none.
    private int from = -1;

    private int memoFrom;
    private int height;
    private int found;
    private int tried;
    private int needed;
    private int missed;

    /// How many items were passed over.
    public int found() {
        return found;
    }

    /// A mark was set.
    void marked(int markCount, @Nullable Object name, @Nullable Object container) {
        if (marks > markCount) {
            marks = -1;
        }
        if (marks < 0 && container instanceof PyNode.Dict && NAME.equals(name)) {
            marks = markCount;
            from = -1;
        } else if (marks == markCount) {
            marks = container instanceof PyNode.Dict && NAME.equals(name) ? markCount : -1;
            from = -1;
        }
    }

    boolean isItem(int markCount, int sinceMark) {
        return markCount == marks && (sinceMark & 1) == 0;
    }

    /// The item that began last, if it is one, was parsed.
    void parsed(byte[] data, int to, int heightNow) {
        // Of items that are not alike, few are looked at.
        if (from < 0 || heightNow != height + 2 || ++tried > 16 + found / 4) {
            return;
        }
        Shape shape = Shape.of(data, from, to, memoFrom);
        if (shape != null) {
            if (shapes.size() == SHAPES_MAX) {
                shapes.removeLast();
            }
            shapes.addFirst(shape);
        }
    }

    void begins(int at, int memoCount, int heightNow) {
        from = at;
        memoFrom = memoCount;
        height = heightNow;
    }

    /// One that was passed over has to be parsed. Where that happens often, no more are.
    void neededAfterAll() {
        if (++needed > 16 + found / 4) {
            giveUp();
        }
    }

    private void giveUp() {
        shapes.clear();
        tried = Integer.MAX_VALUE / 2;
    }

    @Nullable
    Span next(PickleParser parser, int at, int limit, int memoCount) {
        for (int i = 0; i < shapes.size(); i++) {
            Shape shape = shapes.get(i);
            if (shape.matches(at, limit, memoCount)) {
                if (i > 0) {
                    shapes.remove(i);
                    shapes.addFirst(shape);
                }
                found++;
                return new Span(shape, parser, at, memoCount);
            }
        }
        if (!shapes.isEmpty() && ++missed > 64 + found) {
            giveUp();
        }
        return null;
    }
}
