package io.github.daskjvm.core.scheduler;

/// Told by [SchedulerState#handle] what it does next, by whoever has a clock: the core has none.
public interface Phases {
    Phases NONE = new Phases() {
        @Override
        public void events(Event next, int index) {}

        @Override
        public void placementStarts(int index) {}

        @Override
        public void placementEnds() {}
    };

    /// Events of this one's kind are applied from now on.
    ///
    /// @param index of the event among those of the call
    void events(Event next, int index);

    /// What is ready is placed: all events are applied, or another graph is to follow.
    ///
    /// @param index of the next event
    void placementStarts(int index);

    void placementEnds();
}
