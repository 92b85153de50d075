package io.github.daskjvm.worker.task;

import java.io.Serializable;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// A task without arguments. As a lambda it serializes what it captures, and the class it is written in must be
/// on the worker's class path.
@FunctionalInterface
public interface SerializableCallable<T extends @Nullable Object> extends Callable<T>, Serializable {}
