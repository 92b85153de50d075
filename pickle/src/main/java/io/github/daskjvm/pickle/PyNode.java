package io.github.daskjvm.pickle;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A Python object that is no plain value of Java's. Two nodes are the same object only if they are the same here:
/// `equals` is identity, and printing shows no more than the kind, since nodes may contain themselves.
public sealed interface PyNode {

    /// What has parts.
    abstract sealed class Container implements PyNode permits Tuple, PyList, Dict, PySet, FrozenSet, Call {
        /// In place of [#place], for what is in several values that were written.
        static final int SHARED = -1;
        /// Where it was last found, plus one, by whoever writes it; in a [Call] that is not 0 if the pickle it was read
        /// from has it in its memo. An indication: who reads it looks there.
        int place;
    }

    final class Tuple extends Container {
        private final List<@Nullable Object> items;

        public Tuple(@Nullable Object... items) {
            this.items = new Items(items);
        }

        /// @return unmodifiable
        public List<@Nullable Object> items() {
            return items;
        }
    }

    /// A list; its items may be changed.
    final class PyList extends Container {
        private final ArrayList<@Nullable Object> items = new ArrayList<>(0);

        public List<@Nullable Object> items() {
            return items;
        }
    }

    /// A dict, as what was put into it in that order. Keys are not compared here: one that comes twice is there twice,
    /// and in Python the later value holds.
    final class Dict extends Container {
        private final ArrayList<@Nullable Object> flat = new ArrayList<>(0);

        /// Key, value, key, value, …; may be changed.
        public List<@Nullable Object> flat() {
            return flat;
        }

        public int size() {
            return flat.size() / 2;
        }

        public @Nullable Object key(int i) {
            return flat.get(2 * i);
        }

        public @Nullable Object value(int i) {
            return flat.get(2 * i + 1);
        }

        public void put(@Nullable Object key, @Nullable Object value) {
            flat.add(key);
            flat.add(value);
        }

        /// Whether a value was put under a key of text.
        public boolean has(String key) {
            for (int i = 0; i < size(); i++) {
                if (key.equals(key(i))) {
                    return true;
                }
            }
            return false;
        }

        /// The last value put under a key of text; null if there is none, or None.
        public @Nullable Object get(String key) {
            for (int i = size() - 1; i >= 0; i--) {
                if (key.equals(key(i))) {
                    return value(i);
                }
            }
            return null;
        }
    }

    /// A set, as what was added to it, not compared.
    final class PySet extends Container {
        private final ArrayList<@Nullable Object> items = new ArrayList<>(0);

        public List<@Nullable Object> items() {
            return items;
        }
    }

    final class FrozenSet extends Container {
        private final List<@Nullable Object> items;

        public FrozenSet(List<? extends @Nullable Object> items) {
            this.items = new Items(items.toArray());
        }

        /// @return unmodifiable, not compared
        public List<@Nullable Object> items() {
            return items;
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
        private final ArrayList<Change> changes = new ArrayList<>(1);

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

        /// In order; may be changed.
        public List<Change> changes() {
            return changes;
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
