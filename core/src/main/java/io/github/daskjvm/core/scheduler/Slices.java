package io.github.daskjvm.core.scheduler;

import io.github.daskjvm.core.scheduler.SchedulerState.Outbox;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/// What is too much for one step: graphs, releases, cancellations and retries of very many tasks, clients that leave
/// with as many, and what all that leads to. It is done in slices, each on a [Timer#SLICE] of no delay, so that other
/// events take their turn between them. All invariants hold between two slices; those that can't say what may be
/// missing.
final class Slices {
    /// Tasks and inputs that are looked at in one slice, where nothing else is said: a few milliseconds.
    static final int SIZE = 2_000;

    /// Something that is done bit by bit.
    interface Job {
        /// Does as much as a slice.
        ///
        /// @return whether that was the last
        boolean step();

        /// Whether what this client does next must come after it.
        default boolean comesBefore(ClientEntry client) {
            return false;
        }
    }

    private record Mark(Runnable reached) implements Job {
        @Override
        public boolean step() {
            reached.run();
            return true;
        }
    }

    /// Something that clients did while they were held back.
    private record Late(Event event) implements Job {
        @Override
        public boolean step() {
            return true;
        }
    }

    final int size;
    private final SchedulerState state;
    private final Outbox outbox;
    /// One after the other.
    private final Deque<Job> jobs = new ArrayDeque<>();
    private boolean timerSet;
    /// What clients do waits for what is there now.
    private boolean clientsAreHeldBack;

    Slices(SchedulerState state, Outbox outbox, int size) {
        this.state = state;
        this.outbox = outbox;
        this.size = size;
    }

    void add(Job job) {
        jobs.addLast(job);
    }

    Iterable<Job> jobs() {
        return jobs;
    }

    boolean isIdle() {
        return jobs.isEmpty() && state.looseEnds.isEmpty() && state.ready.isEmpty() && state.unrunnable.isIdle();
    }

    void mark(Event.Marker event) {
        var mark = new Mark(() -> outbox.reached(event.receipt()));
        if (jobs.isEmpty()) {
            mark.step();
        } else {
            jobs.addLast(mark);
        }
    }

    void timerFired() {
        timerSet = false;
        state.looseEnds.step();
        Job job = jobs.peekFirst();
        if (job instanceof Late(Event event)) {
            apply(event);
        } else if (job != null && job.step()) {
            jobs.removeFirst();
        }
        while (jobs.peekFirst() instanceof Mark mark) {
            mark.step();
            jobs.removeFirst();
        }
        clientsAreHeldBack &= !jobs.isEmpty();
    }

    /// What it leads to comes before what is there now.
    private void apply(Event event) {
        jobs.removeFirst();
        Deque<Job> others = new ArrayDeque<>(jobs);
        jobs.clear();
        clientsAreHeldBack = false;
        state.apply(event);
        clientsAreHeldBack = true;
        jobs.addAll(others);
    }

    /// From now on, until all there is to do is done.
    void holdClientsBack() {
        clientsAreHeldBack = true;
    }

    /// @return whether the event is to come later, and will
    boolean holdsBack(Event event) {
        if (!clientsAreHeldBack || !isOfAClient(event)) {
            return false;
        }
        jobs.addLast(new Late(event));
        return true;
    }

    private static boolean isOfAClient(Event event) {
        return switch (event) {
            case Event.ClientConnected e -> true;
            case Event.ClientDisconnected e -> true;
            case Event.UpdateGraph e -> true;
            case Event.LargeGraph e -> true;
            case Event.ClientDesiresKeys e -> true;
            case Event.ClientReleasesKeys e -> true;
            case Event.CancelKeys e -> true;
            case Event.ReportKey e -> true;
            case Event.RetryKeys e -> true;
            case Event.DataPlaced e -> true;
            case Event.Restart e -> true;
            case Event.SetRestrictions e -> true;
            default -> false;
        };
    }

    /// Ends what must come before the client's next event, whatever time that takes. Seldom is there anything.
    void settle(ClientEntry client) {
        if (jobs.isEmpty()) {
            return;
        }
        for (Iterator<Job> each = jobs.iterator(); each.hasNext(); ) {
            Job job = each.next();
            if (job.comesBefore(client)) {
                finish(job);
                each.remove();
            }
        }
    }

    /// Ends the worker's exit, for another one of its address.
    void settle(WorkerEntry worker) {
        for (Iterator<Job> each = jobs.iterator(); each.hasNext(); ) {
            if (each.next() instanceof WorkerExit exit && exit.isOf(worker)) {
                finish(exit);
                each.remove();
            }
        }
    }

    private static void finish(Job job) {
        while (!job.step()) {
            // The next slice.
        }
    }

    /// At the end of a batch.
    void look() {
        if (!timerSet && !isIdle()) {
            timerSet = true;
            outbox.timer(Timer.SLICE, 0);
        }
    }
}
