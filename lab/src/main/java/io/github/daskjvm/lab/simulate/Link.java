package io.github.daskjvm.lab.simulate;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// A connection to the scheduler: what is sent on it arrives in order, until it breaks. Then each side still gets some
/// of what was on its way, and after that sees that it is over.
final class Link {
    /// The last thing that comes out of a broken link, on both sides.
    static final Object CLOSED = new Object() {
        @Override
        public String toString() {
            return "closed";
        }
    };

    /// The first thing that goes up.
    record Register(Link link) {}

    final Deque<Object> up = new ArrayDeque<>();
    final Deque<Object> down = new ArrayDeque<>();
    /// Whose it is.
    final @Nullable SimWorker worker;
    final @Nullable SimClient client;

    private boolean broken;
    /// What is next waits until a large graph has become tasks.
    boolean waits;
    /// The worker said that it would go.
    boolean goodbye;

    Link(@Nullable SimWorker worker, @Nullable SimClient client) {
        this.worker = worker;
        this.client = client;
        up.add(new Register(this));
    }

    void sendUp(Object message) {
        if (!broken) {
            up.add(message);
        }
    }

    void sendDown(Object message) {
        if (!broken) {
            down.add(message);
        }
    }

    boolean isBroken() {
        return broken;
    }

    /// Breaks it in the middle of what is on its way, after whole messages or within one, which is then lost.
    void cut(Dice dice) {
        if (!broken) {
            broken = true;
            truncate(up, dice);
            truncate(down, dice);
        }
    }

    /// Ends it when all that was sent has arrived.
    void close() {
        if (!broken) {
            broken = true;
            up.add(CLOSED);
            down.add(CLOSED);
        }
    }

    private static void truncate(Deque<Object> messages, Dice dice) {
        int kept = dice.below(messages.size() + 1);
        while (messages.size() > kept) {
            messages.removeLast();
        }
        messages.add(CLOSED);
    }

    /// The same in each run.
    @Override
    public String toString() {
        return "link of " + (client == null ? "a worker" : client.id);
    }
}
