package io.github.daskjvm.pickle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A Python object that is no plain value of Java's. Two nodes are the same object only if they are the same here:
/// `equals` is identity, and printing shows no more than the kind, since nodes may contain themselves.
public sealed interface PyNode {

    /// What has parts.
    abstract sealed class Container implements PyNode permits Tuple, FrozenSet, Growing, Call {
        /// In place of [#place], for what is in several values that were written.
        static final int SHARED = -1;
        /// Where it was last found, plus one, by whoever writes it; in a [Call] that is not 0 if the pickle it was read
        /// from has it in its memo. An indication: who reads it looks there.
        int place;
    }

    final class Tuple extends Container {
        final @Nullable Object[] values;

        public Tuple(@Nullable Object... items) {
            this.values = items;
        }

        /// @return unmodifiable
        public List<@Nullable Object> items() {
            return new Items(values);
        }
    }

    final class FrozenSet extends Container {
        final @Nullable Object[] values;

        public FrozenSet(List<? extends @Nullable Object> items) {
            this(items.toArray());
        }

        FrozenSet(@Nullable Object[] items) {
            this.values = items;
        }

        /// @return unmodifiable, not compared
        public List<@Nullable Object> items() {
            return new Items(values);
        }
    }

    /// What may be added to. Its array is its own: a large graph has millions of dicts, many of them empty.
    abstract sealed class Growing extends Container permits PyList, Dict, PySet {
        private static final @Nullable Object[] NONE = {};

        @Nullable
        Object[] values = NONE;

        int count;

        /// @param more is kept if there was nothing before
        void append(@Nullable Object[] more) {
            if (count == 0) {
                values = more;
                count = more.length;
                return;
            }
            room(more.length);
            System.arraycopy(more, 0, values, count, more.length);
            count += more.length;
        }

        void append(@Nullable Object value) {
            room(1);
            values[count++] = value;
        }

        private void room(int more) {
            if (count + more > values.length) {
                values = Arrays.copyOf(values, Math.max(count + more, count + (count >> 1)));
            }
        }
    }

    /// A list; its items may be changed.
    final class PyList extends Growing {
        public List<@Nullable Object> items() {
            return new GrowingItems(this);
        }
    }

    /// A dict, as what was put into it in that order. Keys are not compared here: one that comes twice is there twice,
    /// and in Python the later value holds.
    final class Dict extends Growing {
        /// Key, value, key, value, …; may be changed.
        public List<@Nullable Object> flat() {
            return new GrowingItems(this);
        }

        public int size() {
            return count / 2;
        }

        public @Nullable Object key(int i) {
            return values[2 * i];
        }

        public @Nullable Object value(int i) {
            return values[2 * i + 1];
        }

        public void put(@Nullable Object key, @Nullable Object value) {
            append(key);
            append(value);
        }

        /// Whether a value was put under a key of text.
        public boolean has(String key) {
            return find(key) >= 0;
        }

        /// The last value put under a key of text; null if there is none, or None.
        public @Nullable Object get(String key) {
            int i = find(key);
            return i < 0 ? null : value(i);
        }

        private int find(String key) {
            int i = size() - 1;
            while (i >= 0 && !key.equals(key(i))) {
                i--;
            }
            return i;
        }
    }

    /// A set, as what was added to it, not compared.
    final class PySet extends Growing {
        public List<@Nullable Object> items() {
            return new GrowingItems(this);
        }
    }

    /// A bytearray; immutable bytes are a `byte[]`.
    @SuppressWarnings("ArrayRecordComponent")
    record ByteArray(byte[] bytes) implements PyNode {
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /// A class or function by name; `name` may have dots in it, for one within another.
    record Global(String module, String name) implements PyNode {
        /// @return as in `numpy.dtype`
        @Override
        public String toString() {
            return module + "." + name;
        }
    }

    /// The buffer of that index among those that travel beside the pickle (PEP 574).
    record Buffer(int index, boolean readOnly) implements PyNode {}

    /// An object that comes of calling something, and what is done to it then.
    final class Call extends Container {
        private final How how;
        private final @Nullable Object callable;
        private final @Nullable Object arguments;
        private final @Nullable Object keywords;
        /// None, one, or a list of them: hardly any object has two.
        private @Nullable Object changes;

        /// @param callable a [Global] as a rule
        /// @param arguments a [Tuple] as a rule
        /// @param keywords a [Dict] where `how` is [How#NEW_WITH_KEYWORDS], else null
        public Call(How how, @Nullable Object callable, @Nullable Object arguments, @Nullable Object keywords) {
            this.how = how;
            this.callable = callable;
            this.arguments = arguments;
            this.keywords = keywords;
        }

        public How how() {
            return how;
        }

        public @Nullable Object callable() {
            return callable;
        }

        public @Nullable Object arguments() {
            return arguments;
        }

        public @Nullable Object keywords() {
            return keywords;
        }

        /// In order; a view, or a copy.
        @SuppressWarnings("unchecked")
        public List<Change> changes() {
            return switch (changes) {
                case null -> List.of();
                case Change change -> List.of(change);
                default -> Collections.unmodifiableList((List<Change>) changes);
            };
        }

        /// How many changes there are.
        public int changeCount() {
            return switch (changes) {
                case null -> 0;
                case Change change -> 1;
                default -> ((List<?>) changes).size();
            };
        }

        /// @param i from 0, below [#changeCount]
        public Change change(int i) {
            return changes instanceof Change only && i == 0 ? only : changes().get(i);
        }

        @SuppressWarnings("unchecked")
        public void add(Change change) {
            switch (changes) {
                case null -> changes = change;
                case Change before -> changes = new ArrayList<>(List.of(before, change));
                default -> ((List<Change>) changes).add(change);
            }
        }

        /// Whether it is made by what has that name.
        public boolean isOf(String module, String name) {
            return callable instanceof Global(String m, String n) && m.equals(module) && n.equals(name);
        }

        /// The arguments' items; empty where they are no tuple.
        public List<@Nullable Object> argumentItems() {
            return arguments instanceof Tuple tuple ? tuple.items() : List.of();
        }
    }

    enum How {
        /// `callable(*arguments)`
        REDUCE,
        /// `callable.__new__(callable, *arguments)`
        NEW,
        /// `callable.__new__(callable, *arguments, **keywords)`
        NEW_WITH_KEYWORDS
    }

    /// What is done to an object after it was made.
    sealed interface Change {}

    /// `object.__setstate__(state)`, or its attributes set.
    record State(@Nullable Object state) implements Change {}

    /// `object.extend(items)`
    record Appended(List<@Nullable Object> items) implements Change {}

    /// `object[key] = value` for each pair of a flat list.
    record Put(List<@Nullable Object> flat) implements Change {}

    /// `object.update(items)` of a set
    record Added(List<@Nullable Object> items) implements Change {}

    /// `setter(object, state)`, as of a reduction with six parts. What the setter returns is thrown away.
    record SetBy(@Nullable Object setter, @Nullable Object state) implements Change {}
}
