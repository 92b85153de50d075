package io.github.daskjvm.lab.simulate;

import static io.github.daskjvm.lab.simulate.Planted.without;

import io.github.daskjvm.core.model.Priority;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerConfig;
import io.github.daskjvm.core.worker.WorkerCorruption;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerInstruction;
import io.github.daskjvm.core.worker.WorkerMessage;
import io.github.daskjvm.core.worker.WorkerState;
import io.github.daskjvm.core.worker.WorkerTaskStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// As [PlantedFaultsTest], for faults of workers.
class WorkerFaultsTest {
    private static final int SEEDS_MAX = 500;

    /// One at a time.
    enum Fault implements Tampering {
        NOT_REPORT_A_COPY {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                return withoutSent(all, message -> message instanceof WorkerMessage.AddKeys);
            }
        },
        NOT_REPORT_A_RESULT {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                return withoutSent(all, message -> message instanceof WorkerMessage.TaskFinished);
            }
        },
        REPORT_FOR_THE_ATTEMPT_BEFORE {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                List<WorkerInstruction> changed = new ArrayList<>(all);
                changed.replaceAll(each -> each instanceof WorkerInstruction.Send(WorkerMessage.TaskFinished f)
                        ? new WorkerInstruction.Send(new WorkerMessage.TaskFinished(
                                f.key(), f.runId() - 1, f.sizeBytes(), f.typeName(), f.startStops(), f.thread()))
                        : each);
                return changed;
            }
        },
        NOT_REPORT_A_FAILURE {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                return withoutSent(all, message -> message instanceof WorkerMessage.TaskErred);
            }
        },
        NOT_REPORT_WHAT_IS_DROPPED {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                return withoutSent(all, message -> message instanceof WorkerMessage.ReleaseWorkerData);
            }
        },
        NOT_SAY_WHAT_SECEDES {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                return withoutSent(all, message -> message instanceof WorkerMessage.LongRunning);
            }
        },
        NOT_SAY_WHAT_IS_TO_RUN_ELSEWHERE {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                return withoutSent(all, message -> message instanceof WorkerMessage.Reschedule);
            }
        },
        NOT_ANSWER_THIEVES {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                return withoutSent(all, message -> message instanceof WorkerMessage.StealResponse);
            }
        },
        NOT_ASK_WHO_HAS {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                return withoutSent(all, message -> message instanceof WorkerMessage.RequestRefreshWhoHas);
            }
        },
        KEEP_WHAT_IS_FREED {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                return without(all, each -> each instanceof WorkerInstruction.Drop);
            }
        },
        /// Nothing is asked again.
        FORGET_TIMERS {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                return without(all, each -> each instanceof WorkerInstruction.SetTimer);
            }
        },
        /// It goes on with what it gave to a thief.
        RUN_WHAT_WAS_GIVEN_UP {
            private final List<WorkerEvent.StealRequest> given = new ArrayList<>();

            @Override
            public List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
                given.clear();
                for (WorkerEvent event : events) {
                    if (event instanceof WorkerEvent.StealRequest steal
                            && state.status(steal.key()) == WorkerTaskStatus.READY) {
                        given.add(steal);
                    }
                }
                return without(events, given::contains);
            }

            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                List<WorkerInstruction> changed = new ArrayList<>(all);
                for (WorkerEvent.StealRequest steal : given) {
                    changed.add(new WorkerInstruction.Send(
                            new WorkerMessage.StealResponse(steal.key(), WorkerTaskStatus.READY, steal.stimulusId())));
                }
                return changed;
            }
        },
        /// A peer that fails takes all that others have with it.
        NOT_TRY_ANOTHER_COPY {
            @Override
            public List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
                List<WorkerEvent> changed = new ArrayList<>();
                for (WorkerEvent event : events) {
                    changed.add(event);
                    for (int slot = 0; event instanceof WorkerEvent.TransferFailed && slot < World.WORKERS; slot++) {
                        changed.add(new WorkerEvent.RemoveWorker(SimWorker.address(slot)));
                    }
                }
                return changed;
            }
        },
        ASK_BUSY_PEERS_AT_ONCE {
            @Override
            public List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
                List<WorkerEvent> changed = new ArrayList<>();
                for (WorkerEvent event : events) {
                    changed.add(event);
                    if (event instanceof WorkerEvent.TransferBusy(String peer)) {
                        changed.add(new WorkerEvent.TimerFired(new WorkerInstruction.PeerNoLongerBusy(peer)));
                    }
                }
                return changed;
            }
        },
        /// What a peer lacks it is asked for again.
        ASK_WHO_LACKS_IT {
            @Override
            public List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
                List<WorkerEvent> changed = new ArrayList<>();
                for (WorkerEvent event : events) {
                    changed.add(event);
                    if (event instanceof WorkerEvent.TransferFinished finished) {
                        Map<TaskKey, List<String>> still = new LinkedHashMap<>();
                        state.statuses().forEach((key, status) -> {
                            if (status == WorkerTaskStatus.FLIGHT
                                    && !finished.received().containsKey(key)) {
                                still.put(key, List.of(finished.worker()));
                            }
                        });
                        changed.add(new WorkerEvent.RefreshWhoHas(still));
                    }
                }
                return changed;
            }
        },
        /// Copies go even if tasks wait for them.
        RELEASE_TOO_EARLY {
            @Override
            public List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
                List<WorkerEvent> changed = new ArrayList<>(events);
                changed.replaceAll(event ->
                        event instanceof WorkerEvent.RemoveReplicas(var keys) ? new WorkerEvent.FreeKeys(keys) : event);
                return changed;
            }
        },
        LET_CANCELLED_TASKS_GO_ON {
            @Override
            public List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
                List<WorkerEvent> changed = new ArrayList<>(events);
                changed.replaceAll(event -> event instanceof WorkerEvent.FreeKeys(var keys)
                        ? new WorkerEvent.FreeKeys(
                                without(List.copyOf(keys), key -> state.status(key) == WorkerTaskStatus.EXECUTING))
                        : event);
                return changed;
            }
        },
        GO_ON_WHILE_PAUSED {
            @Override
            public List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
                return without(events, event -> event instanceof WorkerEvent.SetPaused(boolean on) && on);
            }
        },
        STAY_PAUSED {
            @Override
            public List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
                return without(events, event -> event instanceof WorkerEvent.SetPaused(boolean on) && !on);
            }
        },
        IGNORE_PRIORITIES {
            @Override
            public List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
                List<WorkerEvent> changed = new ArrayList<>(events);
                changed.replaceAll(event -> event instanceof WorkerEvent.ComputeTask t
                        ? new WorkerEvent.ComputeTask(
                                t.key(), t.runId(), new Priority(0, 0, 0), t.inputs(), t.runSpec(), t.resources())
                        : event);
                return changed;
            }
        },
        IGNORE_RESOURCES {
            @Override
            public List<WorkerEvent> beforeWorker(WorkerState state, List<WorkerEvent> events) {
                List<WorkerEvent> changed = new ArrayList<>(events);
                changed.replaceAll(event -> event instanceof WorkerEvent.ComputeTask t
                        ? new WorkerEvent.ComputeTask(
                                t.key(), t.runId(), t.priority(), t.inputs(), t.runSpec(), Map.of())
                        : event);
                return changed;
            }
        },
        RUN_ONE_TASK_TOO_MANY {
            @Override
            public WorkerState worker(WorkerConfig c) {
                return new WorkerState(new WorkerConfig(c.address(), c.nthreads() + 1, c.resources(), c.transfers()));
            }
        },
        ASK_TOO_MANY_PEERS {
            @Override
            public WorkerState worker(WorkerConfig config) {
                WorkerConfig.Transfers t = config.transfers();
                return withTransfers(config, t.with(99, t.messageBytesMax(), t.incomingBytesMax()));
            }
        },
        ASK_FOR_TOO_MUCH_AT_ONCE {
            @Override
            public WorkerState worker(WorkerConfig config) {
                WorkerConfig.Transfers t = config.transfers();
                return withTransfers(config, t.with(t.outgoingConnections(), 1_000_000, t.incomingBytesMax()));
            }
        },
        HAVE_TOO_MUCH_UNDER_WAY {
            @Override
            public WorkerState worker(WorkerConfig config) {
                WorkerConfig.Transfers t = config.transfers();
                return withTransfers(config, t.with(t.outgoingConnections(), t.messageBytesMax(), 1_000_000));
            }
        },
        LOSE_A_WAITER {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                WorkerCorruption.loseWaiter(state);
                return all;
            }
        },
        FORGET_OTHER_COPIES {
            @Override
            public List<WorkerInstruction> afterWorker(WorkerState state, List<WorkerInstruction> all) {
                WorkerCorruption.forgetPeers(state);
                return all;
            }
        };

        private static WorkerState withTransfers(WorkerConfig config, WorkerConfig.Transfers transfers) {
            return new WorkerState(
                    new WorkerConfig(config.address(), config.nthreads(), config.resources(), transfers));
        }

        private static List<WorkerInstruction> withoutSent(
                List<WorkerInstruction> all, Predicate<WorkerMessage> which) {
            return without(all, each -> each instanceof WorkerInstruction.Send(WorkerMessage m) && which.test(m));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPlantedFaultOfWorkersIsFound(Fault fault) {
        Planted.find(fault, SEEDS_MAX);
    }
}
