package io.github.daskjvm.comm;

/// What one thread works with and another may end.
interface Breakable extends AutoCloseable {
    @Override
    void close();
}
