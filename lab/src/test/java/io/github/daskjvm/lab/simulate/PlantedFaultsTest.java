package io.github.daskjvm.lab.simulate;

import static io.github.daskjvm.lab.simulate.Planted.without;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Corruption;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.WorkerEntry;
import io.github.daskjvm.lab.simulate.Simulation.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// That simulations hold says something only if they would not with a fault.
class PlantedFaultsTest {
    private static final int SEEDS_MAX = 1_000;

    /// One at a time.
    enum Fault implements Tampering {
        FORGET_TO_RELEASE {
            @Override
            public void install(SchedulerState state) {
                Corruption.forgetToRelease(state);
            }
        },
        DOUBLE_COUNT_OCCUPANCY {
            @Override
            public void install(SchedulerState state) {
                Corruption.doubleCountOccupancy(state);
            }
        },
        LOSE_A_WAITER {
            @Override
            public void install(SchedulerState state) {
                Corruption.loseWaiter(state);
            }
        },
        KEEP_A_RESOURCE {
            @Override
            public void install(SchedulerState state) {
                Corruption.keepResource(state);
            }
        },
        FAIL_ALONE {
            @Override
            public void install(SchedulerState state) {
                Corruption.failAlone(state);
            }
        },
        /// A replica that its worker dropped is still counted on.
        FORGET_A_REPLICA {
            @Override
            public List<Event> before(SchedulerState state, List<Event> events) {
                return without(events, event -> event instanceof Event.ReplicasDropped);
            }
        },
        LOSE_A_WANT {
            @Override
            public List<Event> before(SchedulerState state, List<Event> events) {
                return without(events, event -> event instanceof Event.ClientDesiresKeys);
            }
        },
        SKIP_LOST_DATA {
            @Override
            public List<Command> after(SchedulerState state, List<Event> events, List<Command> commands) {
                return without(
                        commands, command -> command instanceof Command.ToClient(String client, Command.LostData lost));
            }
        },
        NOT_TELL_OF_RETRIES {
            @Override
            public List<Command> after(SchedulerState state, List<Event> events, List<Command> commands) {
                return without(
                        commands,
                        command -> command instanceof Command.ToClient(String client, Command.TaskRetried retried));
            }
        },
        /// News of any attempt counts for the present one.
        RUN_ID_NOT_COMPARED {
            @Override
            public List<Event> before(SchedulerState state, List<Event> events) {
                List<Event> changed = new ArrayList<>(events);
                changed.replaceAll(event -> event instanceof Event.TaskFinished f
                        ? new Event.TaskFinished(
                                f.worker(),
                                f.key(),
                                Corruption.runId(state, f),
                                f.sizeBytes(),
                                f.type(),
                                f.typeName(),
                                f.startStops(),
                                f.thread(),
                                f.stimulusId())
                        : event);
                return changed;
            }
        },
        FREE_KEYS_TO_THE_WRONG_WORKER {
            @Override
            public List<Command> after(SchedulerState state, List<Event> events, List<Command> commands) {
                List<WorkerEntry> workers = List.copyOf(state.workers());
                List<Command> changed = new ArrayList<>(commands);
                if (!workers.isEmpty()) {
                    changed.replaceAll(command -> command instanceof Command.ToWorker(var to, Command.FreeKeys free)
                            ? new Command.ToWorker(workers.getFirst().address(), free)
                            : command);
                }
                return changed;
            }
        },
        /// A thief never gets what its victim gave up for it.
        DROP_A_STEAL_CONFIRMATION {
            @Override
            public List<Event> before(SchedulerState state, List<Event> events) {
                return without(events, event -> event instanceof Event.StealAnswered);
            }
        },
        /// A worker that asks where its inputs are gets no answer.
        NOT_SAY_WHO_HAS {
            @Override
            public List<Command> after(SchedulerState state, List<Event> events, List<Command> commands) {
                return without(
                        commands, command -> command instanceof Command.ToWorker(var to, Command.RefreshWhoHas who));
            }
        },
        /// A worker that runs again is not given anything.
        FORGET_WHO_RUNS_AGAIN {
            @Override
            public List<Event> before(SchedulerState state, List<Event> events) {
                return without(
                        events,
                        event -> event instanceof Event.WorkerStatusChanged status
                                && status.status() == WorkerStatus.RUNNING);
            }
        },
        /// Workers go on with runs of shuffles that are over.
        NOT_TELL_THAT_A_SHUFFLE_IS_OVER {
            @Override
            public List<Command> after(SchedulerState state, List<Event> events, List<Command> commands) {
                return without(
                        commands, command -> command instanceof Command.ToWorker(var to, Command.ShuffleFail fail));
            }
        },
        /// Who only sends pieces is not asked to send what is left.
        FORGET_WHO_TAKES_PART_IN_A_SHUFFLE {
            @Override
            public void install(SchedulerState state) {
                Corruption.forgetParticipants(state);
            }
        },
        LOSE_WHERE_AN_OUTPUT_MUST_RUN {
            @Override
            public List<Event> before(SchedulerState state, List<Event> events) {
                return without(events, event -> event instanceof Event.ShuffleOutputRestricted);
            }
        },
        /// A task that fails may do so as often as it likes.
        NOT_COUNT_RETRIES {
            @Override
            public void install(SchedulerState state) {
                Corruption.giveRetriesBack(state);
            }
        },
        FORGET_HOW_LONG_TASKS_TAKE {
            @Override
            public void install(SchedulerState state) {
                Corruption.forgetDurations(state);
            }
        },
        /// Data that a client placed is there, but not held by the second worker that has it.
        FORGET_A_HOLDER_OF_PLACED_DATA {
            @Override
            public List<Event> before(SchedulerState state, List<Event> events) {
                List<Event> changed = new ArrayList<>(events);
                changed.replaceAll(event -> event instanceof Event.DataPlaced p
                        ? new Event.DataPlaced(first(p.whoHas()), p.sizeBytes(), p.client(), p.runtime(), "scatter")
                        : event);
                return changed;
            }

            private static Map<TaskKey, List<String>> first(Map<TaskKey, List<String>> whoHas) {
                Map<TaskKey, List<String>> first = new LinkedHashMap<>();
                whoHas.forEach((key, holders) -> first.put(key, holders.subList(0, Math.min(1, holders.size()))));
                return first;
            }
        },
        /// A worker that was restarted on purpose is held against its tasks.
        SUSPECT_FOR_EXPECTED_DEATHS {
            @Override
            public List<Event> before(SchedulerState state, List<Event> events) {
                List<Event> changed = new ArrayList<>(events);
                changed.replaceAll(event -> event instanceof Event.WorkerLeft left
                        ? new Event.WorkerLeft(left.worker(), false, left.stimulusId())
                        : event);
                return changed;
            }
        },
        /// Tasks of one runtime count as such of the other.
        MISTAKE_A_RUNTIME {
            @Override
            public List<Event> before(SchedulerState state, List<Event> events) {
                List<Event> changed = new ArrayList<>(events);
                changed.replaceAll(event -> event instanceof Event.WorkerJoined j && j.runtime() == Runtime.JVM
                        ? new Event.WorkerJoined(
                                j.worker(),
                                j.name(),
                                j.host(),
                                Runtime.PYTHON,
                                j.nthreads(),
                                j.memoryLimitBytes(),
                                j.resources(),
                                j.status(),
                                j.nanny(),
                                j.stimulusId())
                        : event);
                return changed;
            }
        },
        /// Nobody hears that a graph had a cycle.
        NOT_TELL_OF_REJECTED_TASKS {
            @Override
            public List<Command> after(SchedulerState state, List<Event> events, List<Command> commands) {
                return without(
                        commands, command -> command instanceof Command.ToClient(var to, Command.TaskRejected no));
            }
        },
        /// What a queue let go of stays.
        HOLD_FOR_EVER {
            @Override
            public List<Event> before(SchedulerState state, List<Event> events) {
                return without(
                        events,
                        event -> event instanceof Event.ClientReleasesKeys released
                                && released.client().startsWith("queue-")
                                && !released.keys().isEmpty());
            }
        },
        NOT_FORGET_AT_A_RESTART {
            @Override
            public List<Event> before(SchedulerState state, List<Event> events) {
                return without(events, event -> event instanceof Event.Restart);
            }
        };
    }

    @ParameterizedTest
    @EnumSource
    void aPlantedFaultIsFound(Fault fault) {
        Planted.find(fault, SEEDS_MAX);
    }

    @Test
    void aFailureIsReducedToAShortScriptThatFailsAgainFromItsText() {
        Outcome outcome = null;
        for (int seed = 0; outcome == null || !outcome.failed(); seed++) {
            outcome = new Simulation(seed, Fault.FORGET_TO_RELEASE).run(Planted.EVENTS);
        }

        Outcome shorter = new Reducer(outcome, Fault.FORGET_TO_RELEASE, 4_000).reduce();
        assertThat(shorter.script()).hasSizeLessThan(25);

        ScriptFile file = ScriptFile.parse(
                new ScriptFile(shorter.seed(), shorter.script()).text().lines().toList());
        Outcome again = new Simulation(file.seed(), Fault.FORGET_TO_RELEASE).run(new ArrayList<>(file.script()));
        assertThat(again.rule()).isEqualTo(outcome.rule());
        assertThat(String.valueOf(again.failure())).isEqualTo(String.valueOf(shorter.failure()));
    }
}
