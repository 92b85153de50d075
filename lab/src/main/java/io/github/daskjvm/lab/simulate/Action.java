package io.github.daskjvm.lab.simulate;

/// One thing that happens in a simulation. Whatever was there before, it can happen: what does not apply is nothing.
/// That is why a script stays one when actions are taken out of it.
///
/// @param who slot of the worker or client
/// @param salt seed of whatever else there is to decide
record Action(Kind kind, int who, long salt) {
    /// With the weight by which each is drawn.
    enum Kind {
        // What goes on all the time.
        WORKER_TO_SCHEDULER(16),
        SCHEDULER_TO_WORKER(16),
        CLIENT_TO_SCHEDULER(6),
        SCHEDULER_TO_CLIENT(4),
        /// Messages of several connections in one batch, of each connection in order.
        MANY_TO_SCHEDULER(4),
        /// Requests that come on connections of their own.
        CALL_TO_SCHEDULER(3),
        FINISH(11),
        TRANSFER(8),
        PASS_TIME(2),
        // What tasks do.
        FAIL(2),
        SECEDE(2),
        RESCHEDULE(1),
        // What clients do.
        SUBMIT(6),
        RELEASE(3),
        CANCEL(1),
        RETRY(1),
        DESIRE(1),
        FIRE_AND_FORGET(1),
        SCATTER(2),
        REPORT(1),
        /// A peer-to-peer shuffle, or a join of two.
        SHUFFLE(2),
        /// Queues and variables hold futures as clients do.
        HOLD(1),
        LET_GO(1),
        // Copies.
        REBALANCE(1),
        REPLICATE(1),
        DROP_REPLICA(1),
        // What workers do.
        HEARTBEAT(1),
        PAUSE(1),
        RESUME(2),
        RESOURCES(1),
        JOIN(3),
        LEAVE(1),
        RETIRE(2),
        /// The scheduler has not heard of it for too long.
        EXPIRE(1),
        /// The active memory manager runs now.
        TIDY(1),
        /// It is started or stopped.
        SWITCH(1),
        // What goes wrong.
        KILL(1),
        CUT(1),
        VANISH(1),
        CONNECT(3),
        RESTRICT(1),
        RESTART(1);

        final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    @Override
    public String toString() {
        return kind + " " + who + " " + Long.toHexString(salt);
    }

    static Action parse(String line) {
        String[] parts = line.strip().split(" +");
        if (parts.length != 3) {
            throw new IllegalArgumentException("an action is KIND WHO SALT, not: " + line);
        }
        return new Action(Kind.valueOf(parts[0]), Integer.parseInt(parts[1]), Long.parseUnsignedLong(parts[2], 16));
    }
}
