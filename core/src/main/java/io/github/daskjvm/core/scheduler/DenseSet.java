package io.github.daskjvm.core.scheduler;

/// A [DenseTable] of things that are found by themselves: what is otherwise a `LinkedHashSet`.
final class DenseSet<T> extends DenseTable<T> {
    DenseSet() {
        this(false);
    }

    /// @param roomy elements come and go, see [DenseTable]
    DenseSet(boolean roomy) {
        super(roomy);
    }

    @Override
    Object keyOf(Object element) {
        return element;
    }
}
