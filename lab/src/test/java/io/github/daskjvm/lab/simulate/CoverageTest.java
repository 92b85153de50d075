package io.github.daskjvm.lab.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Corruption;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.Timer;
import io.github.daskjvm.core.worker.WorkerConfig;
import io.github.daskjvm.core.worker.WorkerCorruption;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerInstruction;
import io.github.daskjvm.core.worker.WorkerMessage;
import io.github.daskjvm.core.worker.WorkerState;
import io.github.daskjvm.lab.simulate.Simulation.Outcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// That simulations reach everything there is: each kind of event, command and message of both state machines,
/// and each cell of the transition table. A kind that is new fails this test until it is simulated, or excepted
/// here with a reason.
class CoverageTest {
    private static final int SEEDS_MAX = 300;
    private static final int EVENTS = 2_000;

    /// What is not simulated, and why.
    private static final Map<String, String> EXCEPTIONS =
            Map.of("WorkerEvent.CancelCompute", "of the protocol of older schedulers; ours frees keys instead");

    /// What may be reached or not, and why. The core's own random tests reach it always.
    private static final Map<String, String> RARE = Map.of(
            "worker: waiting -> memory", "what a worker is to compute is placed there by a rebalance of before",
            "worker: ready -> memory", "likewise",
            "worker: constrained -> memory", "likewise",
            "worker: missing -> memory", "likewise, of what it looks for",
            "worker: fetch -> memory", "likewise",
            "worker: cancelled -> memory", "likewise, of what it runs for nobody",
            "worker: constrained -> waiting", "what waits for a resource is given anew",
            "worker: error -> memory", "likewise; and what failed is freed at once",
            "worker: error -> waiting", "what failed is freed before it is given again",
            "worker: resumed -> released", "a cancelled run fails whose result was wanted as an input since");

    private final Map<String, Integer> reached = new HashMap<>();
    private Set<String> transitions = Set.of();

    /// Looks on, and changes nothing.
    private final Tampering onlooker = new Tampering() {
        @Override
        public void install(SchedulerState state) {
            transitions = Corruption.watch(state, CoverageTest.this::reach);
        }

        @Override
        public List<Event> before(SchedulerState state, List<Event> events) {
            for (Event event : events) {
                reach(event);
                if (event instanceof Event.TimerFired(Timer timer)) {
                    reach("Timer." + timer);
                }
            }
            return events;
        }

        @Override
        public List<Command> after(SchedulerState state, List<Event> events, List<Command> commands) {
            for (Command command : commands) {
                reach(command);
                switch (command) {
                    case Command.ToWorker(String worker, Command.WorkerMessage message) -> reach(message);
                    case Command.ToClient(String client, Command.ClientMessage message) -> reach(message);
                    case Command.SetTimer timer -> {}
                    case Command.Reached reached -> {}
                    case Command.LogEvent logged -> {}
                    case Command.LogSteals logged -> {}
                }
            }
            return commands;
        }

        @Override
        public WorkerState worker(WorkerConfig config) {
            return WorkerCorruption.watched(config, CoverageTest.this::reach);
        }

        @Override
        public List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
            for (WorkerEvent event : events) {
                reach(event);
                if (event instanceof WorkerEvent.TimerFired(WorkerInstruction.Timer timer)) {
                    reach(timer);
                }
            }
            return events;
        }

        @Override
        public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> instructions) {
            for (WorkerInstruction instruction : instructions) {
                reach(instruction);
                if (instruction instanceof WorkerInstruction.Send(WorkerMessage message)) {
                    reach(message);
                }
            }
            return instructions;
        }
    };

    private void reach(Object what) {
        reach(name(what.getClass()));
    }

    private void reach(String name) {
        reached.merge(name, 1, Integer::sum);
    }

    /// With the interface that it is nested in.
    private static String name(Class<?> kind) {
        Class<?> enclosing = kind.getEnclosingClass();
        return (enclosing == null ? "" : enclosing.getSimpleName() + ".") + kind.getSimpleName();
    }

    private Set<String> missing() {
        Set<String> missing = new TreeSet<>(transitions);
        missing.addAll(WorkerCorruption.transitions());
        for (Class<?> family : List.of(
                Event.class,
                Command.class,
                Command.WorkerMessage.class,
                Command.ClientMessage.class,
                WorkerEvent.class,
                WorkerInstruction.class,
                WorkerInstruction.Timer.class,
                WorkerMessage.class)) {
            for (Class<?> kind : family.getPermittedSubclasses()) {
                missing.add(name(kind));
            }
        }
        for (Timer timer : Timer.values()) {
            missing.add("Timer." + timer);
        }
        missing.removeAll(reached.keySet());
        missing.removeAll(RARE.keySet());
        return missing;
    }

    @Test
    void everyKindOfEventAndCommandAndEveryTransitionIsReached() {
        int seed = 0;
        do {
            Outcome outcome = new Simulation(seed++, onlooker).run(EVENTS);
            assertThat(outcome.failure()).as("seed %d", seed - 1).isNull();
        } while (seed < SEEDS_MAX && !missing().equals(EXCEPTIONS.keySet()));
        System.out.println("after " + seed + " seeds: " + new TreeMap<>(reached));
        assertThat(missing()).isEqualTo(EXCEPTIONS.keySet());
    }
}
