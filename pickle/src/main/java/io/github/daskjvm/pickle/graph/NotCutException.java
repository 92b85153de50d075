package io.github.daskjvm.pickle.graph;

/// A graph, or the tasks of it that are wanted, has something that is not understood here; the message says what.
/// Nothing is wrong with such a graph. Without a stack trace: it is an answer.
public final class NotCutException extends Exception {
    NotCutException(String reason) {
        super(reason, null, false, false);
    }
}
