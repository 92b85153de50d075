package io.github.daskjvm.worker;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerEvent;
import io.github.daskjvm.core.worker.WorkerEvent.StartStop;
import io.github.daskjvm.protocol.JavaCall;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.actor.ActorReference;
import io.github.daskjvm.worker.actor.Actors;
import io.github.daskjvm.worker.actor.NewActor;
import io.github.daskjvm.worker.profile.Running;
import io.github.daskjvm.worker.task.ArgumentTree;
import io.github.daskjvm.worker.task.KeyReference;
import io.github.daskjvm.worker.task.NamedCall;
import io.github.daskjvm.worker.task.RescheduleException;
import io.github.daskjvm.worker.task.TaskCall;
import io.github.daskjvm.worker.task.TaskContext;
import io.github.daskjvm.worker.task.TaskFailure;
import io.github.daskjvm.worker.task.WorkerServices;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One run of one task: [#execute] on one of the task threads, [#interrupt] from any.
final class TaskRun implements Running {
    /// Reading a function and its arguments is worth reporting from here on.
    private static final long DESERIALIZE_REPORTED_NANOS = 1_000_000;

    private final long attempt;
    private final TaskKey key;
    private final @Nullable Object runSpec;
    private final @Nullable String span;
    private final Map<TaskKey, StoredValue> inputs;
    private final TaskTimes times;
    private final RunEnvironment environment;

    private boolean madeActor;
    private @Nullable Thread thread;
    private boolean interrupted;
    private volatile long startNanos;

    /// @param inputs the values of the tasks it refers to, pinned until [#execute] ends
    /// @param times to be filled in
    TaskRun(
            long attempt,
            TaskKey key,
            @Nullable Object runSpec,
            Map<TaskKey, StoredValue> inputs,
            TaskTimes times,
            RunEnvironment environment) {
        this.attempt = attempt;
        this.key = key;
        if (runSpec instanceof RunSpec(Object call, String itsSpan)) {
            this.runSpec = call;
            this.span = itsSpan;
        } else {
            this.runSpec = runSpec;
            this.span = null;
        }
        this.inputs = inputs;
        this.times = times;
        this.environment = environment;
        this.startNanos = System.nanoTime();
    }

    long attempt() {
        return attempt;
    }

    @Override
    public TaskKey key() {
        return key;
    }

    /// Id of the task's span.
    @Nullable
    String span() {
        return span;
    }

    /// Complete when it has ended.
    TaskTimes times() {
        return times;
    }

    /// Whether the run has left an actor with the worker's, under the task's key.
    boolean madeActor() {
        return madeActor;
    }

    double runningSeconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    /// Where the task is; empty if it is not on a thread.
    @Override
    public synchronized StackTraceElement[] stackTrace() {
        return thread == null ? new StackTraceElement[0] : thread.getStackTrace();
    }

    /// Its result is not wanted. A task that blocks where Java lets it be interrupted ends, another goes on.
    synchronized void interrupt() {
        interrupted = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private synchronized boolean enter() {
        thread = Thread.currentThread();
        return !interrupted;
    }

    private synchronized void leave() {
        thread = null;
        if (interrupted) {
            times.outcome = TaskTimes.Outcome.CANCELLED;
        }
        // An interrupt that came too late must not hit the thread's next task.
        Thread.interrupted();
    }

    /// Runs the task. Whatever it throws is its own failure.
    WorkerEvent execute() {
        long now = System.nanoTime();
        times.executorNanos = now - startNanos;
        startNanos = now;
        Instant start = Instant.now();
        var timing = new Timing(seconds(start), now, times);
        try {
            if (!enter()) {
                return failed(new InterruptedException("cancelled before it started"), timing);
            }
            TaskContext.enter(new Context(now));
            return succeeded(compute(timing), timing);
        } catch (RescheduleException e) {
            times.outcome = TaskTimes.Outcome.CANCELLED;
            return new WorkerEvent.TaskRescheduled(attempt);
        } catch (Throwable e) {
            return failed(e, timing);
        } finally {
            TaskContext.enter(null);
            leave();
            inputs.values().forEach(StoredValue::unpin);
        }
    }

    private static double seconds(Instant time) {
        return time.getEpochSecond() + time.getNano() / 1e9;
    }

    private @Nullable Object compute(Timing timing) throws Exception {
        if (runSpec instanceof JavaCall(byte[] function, byte[] arguments)) {
            return call(function, List.of(arguments), timing);
        }
        if (runSpec instanceof Payload payload && TaskCall.isCall(payload)) {
            List<byte[]> frames = payload.frames();
            return call(frames.getFirst(), frames.subList(1, frames.size()), timing);
        }
        if (runSpec instanceof Payload named && NamedCall.isCall(named)) {
            return computeNamed(named, timing);
        }
        throw new IOException("the task " + key + " is not a Java task, and this worker runs no other");
    }

    private @Nullable Object call(byte[] functionBytes, List<byte[]> argumentFrames, Timing timing) throws Exception {
        Object function = environment.functions().function(functionBytes);
        List<?> unresolved = TaskCall.readArguments(argumentFrames, environment.loader());
        var arguments = new ArrayList<@Nullable Object>(unresolved.size());
        for (Object argument : unresolved) {
            arguments.add(inputs.isEmpty() ? argument : resolved(argument));
        }
        if (!inputs.isEmpty()) {
            environment.store().settle();
        }
        timing.deserialized();
        return TaskCall.invoke(function, arguments);
    }

    private @Nullable Object computeNamed(Payload payload, Timing timing) throws Exception {
        NamedCall call;
        try {
            call = NamedCall.read(payload, environment.loader(), this::input);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        timing.deserialized();
        return call.invoke();
    }

    private @Nullable Object resolved(@Nullable Object argument) throws IOException {
        try {
            return ArgumentTree.map(argument, leaf -> {
                if (leaf instanceof KeyReference reference) {
                    return input(reference.key());
                }
                return leaf;
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private @Nullable Object input(TaskKey wanted) {
        StoredValue value = inputs.get(wanted);
        if (value == null) {
            throw new IllegalStateException("the task " + key + " refers to " + wanted
                    + ", which is not among the dependencies it was submitted with");
        }
        try {
            Object object = value.value(environment.loader());
            return object instanceof ActorReference actor ? actor.proxy(environment.services()) : object;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    new IOException("the input " + wanted + " of " + key + " cannot be read: " + e.getMessage(), e));
        }
    }

    private WorkerEvent succeeded(@Nullable Object result, Timing timing) throws IOException {
        Object value = result;
        if (result instanceof NewActor made) {
            value = environment.actors().add(key, made);
            madeActor = true;
        }
        long size;
        try {
            size = ValueSize.of(value);
        } catch (NotSerializableException e) {
            throw new IOException(
                    "the result of " + key + " holds a " + e.getMessage() + ", which is not Serializable", e);
        }
        // Time for the disk is not the task's.
        List<StartStop> startStops = timing.startStops();
        StoredValue stored = StoredValue.ofObject(value);
        environment.store().admit(key, stored, size);
        String typeName = value == null ? "null" : value.getClass().getName();
        return new WorkerEvent.TaskFinished(
                attempt,
                stored,
                size,
                typeName,
                startStops,
                Thread.currentThread().threadId());
    }

    private WorkerEvent failed(Throwable failure, Timing timing) {
        times.outcome = TaskTimes.Outcome.FAILED;
        byte[] pickle;
        String text;
        String trace;
        try {
            pickle = TaskFailure.pickle(failure, environment.workerAddress(), key.toString());
            text = TaskFailure.text(failure);
            trace = TaskFailure.trace(failure);
        } catch (Throwable e) {
            // Short of memory or stack even for that.
            pickle = TaskFailure.unexplained();
            text = failure.getClass().getName();
            trace = "";
        }
        return new WorkerEvent.TaskErred(
                attempt,
                pickle,
                text,
                trace,
                timing.startStops(),
                Thread.currentThread().threadId());
    }

    /// What runs have in common.
    ///
    /// @param store makes room for results
    /// @param onSecede told of a task that seceded, or came back
    record RunEnvironment(
            FunctionCache functions,
            DataStore store,
            ClassLoader loader,
            String workerAddress,
            String schedulerAddress,
            WorkerServices services,
            Actors actors,
            Consumer<WorkerEvent> onSecede) {}

    private final class Context extends TaskContext {
        private final long begunNanos;
        private boolean seceded;

        Context(long begunNanos) {
            this.begunNanos = begunNanos;
        }

        @Override
        public TaskKey key() {
            return key;
        }

        @Override
        public String workerAddress() {
            return environment.workerAddress();
        }

        @Override
        public String schedulerAddress() {
            return environment.schedulerAddress();
        }

        @Override
        public WorkerServices services() {
            return environment.services();
        }

        @Override
        public void secede() {
            if (!seceded) {
                seceded = true;
                environment
                        .onSecede()
                        .accept(new WorkerEvent.TaskLongRunning(attempt, (System.nanoTime() - begunNanos) / 1e9));
            }
        }

        @Override
        protected Place leave() {
            if (seceded) {
                return Place.NONE;
            }
            secede();
            return () -> {
                seceded = false;
                environment.onSecede().accept(new WorkerEvent.TaskResumed(attempt));
            };
        }
    }

    private static final class Timing {
        private final double startSeconds;
        private final long startNanos;
        private final TaskTimes times;
        private double deserializedSeconds = Double.NaN;

        Timing(double startSeconds, long startNanos, TaskTimes times) {
            this.startSeconds = startSeconds;
            this.startNanos = startNanos;
            this.times = times;
        }

        void deserialized() {
            long nanos = System.nanoTime() - startNanos;
            if (nanos >= DESERIALIZE_REPORTED_NANOS) {
                deserializedSeconds = now();
                times.deserializeNanos = nanos;
                times.deserializedCpuNanos = ProcessMetrics.threadCpuNanos();
            }
        }

        private double now() {
            return startSeconds + (System.nanoTime() - startNanos) / 1e9;
        }

        List<StartStop> startStops() {
            if (Double.isNaN(deserializedSeconds)) {
                return List.of(new StartStop("compute", startSeconds, now(), null));
            }
            return List.of(
                    new StartStop("deserialize", startSeconds, deserializedSeconds, null),
                    new StartStop("compute", deserializedSeconds, now(), null));
        }
    }
}
