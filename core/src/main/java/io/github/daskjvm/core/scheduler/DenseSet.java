package io.github.daskjvm.core.scheduler;

/// A [DenseTable] of things that are found by themselves: what is otherwise a `LinkedHashSet`.
final class DenseSet<T> extends DenseTable<T> {
    @Override
    Object keyOf(Object element) {
        return element;
    }
}
