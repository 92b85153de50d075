package io.github.daskjvm.lab.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.worker.WorkerInstruction;
import io.github.daskjvm.core.worker.WorkerMessage;
import io.github.daskjvm.core.worker.WorkerState;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.scheduler.loop.SchedulerWrites;
import io.github.daskjvm.scheduler.peers.SchedulerReads;
import io.github.daskjvm.worker.WorkerWire;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// That simulated state machines hear each other as they do over the wire: each message of some simulations is also
/// written by one's shell, and read by the other's.
class TranslationTest {
    private static final int SEEDS_MAX = 60;
    private static final int EVENTS = 2_000;
    /// Kinds of messages for the state machine of the other side.
    private static final int KINDS = 7 + WorkerMessage.class.getPermittedSubclasses().length;

    private final Set<Class<?>> compared = new HashSet<>();

    private final Tampering onlooker = new Tampering() {
        @Override
        public List<Command> after(SchedulerState state, List<Event> events, List<Command> commands) {
            for (Command command : commands) {
                if (command instanceof Command.ToWorker(String worker, Command.WorkerMessage message)) {
                    compare(message);
                }
            }
            return commands;
        }

        @Override
        public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> instructions) {
            for (WorkerInstruction instruction : instructions) {
                if (instruction instanceof WorkerInstruction.Send(WorkerMessage message)) {
                    compare(message);
                }
            }
            return instructions;
        }
    };

    private void compare(Command.WorkerMessage message) {
        if (message instanceof Command.ShuffleFail || message instanceof Command.ChangeWorkerStatus) {
            return; // For the worker's shell.
        }
        try {
            same(Translation.event(message), WorkerWire.read(SchedulerWrites.write(message)));
        } catch (BadMessageException e) {
            throw new AssertionError(message.toString(), e);
        }
        compared.add(message.getClass());
    }

    private void compare(WorkerMessage message) {
        try {
            same(Translation.event("w", message), SchedulerReads.read("w", WorkerWire.write(message)));
        } catch (BadMessageException e) {
            throw new AssertionError(message.toString(), e);
        }
        compared.add(message.getClass());
    }

    /// But for the names of stimuli, and pickles, which are opaque.
    private static void same(Object simulated, Object read) {
        assertThat(plain(simulated)).isEqualTo(plain(read));
    }

    private static String plain(Object event) {
        String text = event.toString();
        return event instanceof Event.StealAnswered
                ? text
                : text.replaceAll("(stimulusId|exception|traceback|type)=[^,\\]]*\\]*", "$1");
    }

    @Test
    void simulatedMessagesAreThoseOfTheWire() {
        int seed = 0;
        while (compared.size() < KINDS && seed < SEEDS_MAX) {
            assertThat(new Simulation(seed++, onlooker).run(EVENTS).failure()).isNull();
        }
        assertThat(compared).hasSize(KINDS);
    }
}
