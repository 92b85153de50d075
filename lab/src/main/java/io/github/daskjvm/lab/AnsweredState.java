package io.github.daskjvm.lab;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Command;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SchedulerConfig;
import io.github.daskjvm.core.scheduler.SchedulerState;
import io.github.daskjvm.core.scheduler.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// A scheduler's state with workers that answer what they are told, and the client `c`.
public final class AnsweredState {
    private final SchedulerState state = new SchedulerState(SchedulerConfig.DEFAULT);
    private final SplittableRandom random = new SplittableRandom(1);
    private long nowNanos;

    /// @param workers of four threads each
    public AnsweredState(int workers) {
        handle(List.of(new Event.ClientConnected("c")));
        for (int i = 0; i < workers; i++) {
            handle(List.of(new Event.WorkerJoined(
                    address(i),
                    "w" + i,
                    "10.0." + i / 250 + "." + i % 250,
                    Runtime.PYTHON,
                    4,
                    16L << 30,
                    Map.of(),
                    WorkerStatus.RUNNING,
                    null,
                    "join")));
        }
    }

    /// Of the worker with this number.
    public static String address(int worker) {
        return "tcp://10.0." + worker / 250 + "." + worker % 250 + ":1";
    }

    public SchedulerState state() {
        return state;
    }

    /// Applies the events, what the workers say to the commands these lead to, and so on until nobody says anything.
    public void run(List<Event> events) {
        List<Event> next = events;
        while (!next.isEmpty()) {
            next = handle(next);
        }
    }

    /// Applies the events as one batch, with all slices of what they lead to.
    ///
    /// @return what the workers say to what they are told then
    public List<Event> handle(List<Event> events) {
        nowNanos += 10_000_000;
        List<Event> answers = new ArrayList<>();
        List<Command> commands = new ArrayList<>(state.handle(events, nowNanos));
        while (state.isInSlices()) {
            commands.addAll(state.handle(List.of(new Event.TimerFired(Timer.SLICE)), nowNanos));
        }
        for (Command command : commands) {
            if (command instanceof Command.ToWorker(String worker, Command.ComputeTask task)) {
                answers.add(finished(worker, task));
            } else if (command instanceof Command.ToWorker(String worker, Command.StealRequest steal)) {
                answers.add(new Event.StealAnswered(worker, steal.key(), "memory", steal.stimulusId()));
            }
        }
        return answers;
    }

    private Event finished(String worker, Command.ComputeTask task) {
        double start = 1.7e9 + nowNanos / 1e9;
        double seconds = Math.exp(random.nextDouble(-7, 5));
        return new Event.TaskFinished(
                worker,
                task.key(),
                task.runId(),
                1000,
                "type",
                "int",
                List.of(
                        new Event.StartStop("transfer", start - seconds / 10, start),
                        new Event.StartStop("compute", start, start + seconds)),
                1,
                "finished");
    }
}
