package io.github.daskjvm.worker.task;

/// The classes that a serializer may make objects of.
public final class ValueClasses {
    private final ClassLoader loader;
    private final SerialFilter filter;

    ValueClasses(ClassLoader loader) {
        this.loader = loader;
        this.filter = TaskLoader.filterOf(loader);
    }

    /// The class of a name in the bytes, as `Class.getName` gives it.
    ///
    /// @throws MissingClassException if it is not here
    /// @throws RejectedClassException if the filter refuses it
    public Class<?> find(String name) throws MissingClassException, RejectedClassException {
        Class<?> type;
        try {
            type = TaskLoader.find(name, loader);
        } catch (ClassNotFoundException e) {
            throw new MissingClassException(name, e);
        }
        filter.require(type);
        return type;
    }

    /// What finds the classes, for a library that insists on one; the filter is not asked. The JVM remembers
    /// what a loader found, so it must be forgotten whenever [#replacements] changes.
    public ClassLoader loader() {
        return loader;
    }

    /// Changes whenever names have come to mean other classes, by an uploaded jar.
    public int replacements() {
        return loader instanceof TaskLoader tasks ? tasks.replacements() : 0;
    }
}
