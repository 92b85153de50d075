package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.KeyReference;
import io.github.daskjvm.worker.task.RescheduleException;
import io.github.daskjvm.worker.task.SerializableCallable;
import io.github.daskjvm.worker.task.SerializableFunction;
import io.github.daskjvm.worker.task.SerializableVarFunction;
import io.github.daskjvm.worker.task.TaskCall;
import io.github.daskjvm.worker.task.TaskContext;
import io.github.daskjvm.worker.task.TaskFailure;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkerTasksTest extends WorkerFixture {

    @Test
    void runsATaskAndServesItsResult() throws Exception {
        Worker worker = worker();
        SerializableFunction<Integer, Integer> twice = n -> 2 * n;

        scheduler.send(worker.address(), scheduler.compute("twice-1", twice, 21));

        Fields done = scheduler.await("task-finished", "twice-1");
        assertThat(done.map().get("run_id")).isEqualTo(1L);
        assertThat(done.map().get("status")).isEqualTo("OK");
        assertThat(done.map().get("typename")).isEqualTo("java.lang.Integer");
        assertThat(done.integer("nbytes")).isPositive();
        var compute = (Map<?, ?>) List.copyOf(done.list("startstops")).getLast();
        assertThat(compute.get("action")).isEqualTo("compute");
        assertThat((Double) compute.get("start")).isLessThanOrEqualTo((Double) compute.get("stop"));
        assertThat(fetch(worker, "twice-1")).isEqualTo(42);
        assertThat(worker.snapshot().tasksByState()).containsEntry("memory", 1);
        assertThat(worker.snapshot().memory().managedBytes()).isPositive();
        assertThat(worker.snapshot().taskMedianSeconds()).isPositive();
    }

    @Test
    void nullIsAResult() throws Exception {
        Worker worker = worker();
        SerializableCallable<@Nullable String> nothing = () -> null;

        scheduler.send(worker.address(), scheduler.compute("n", nothing));

        assertThat(scheduler.await("task-finished", "n").map().get("typename")).isEqualTo("null");
        assertThat(fetch(worker, "n")).isNull();
    }

    @Test
    void argumentsMayReferToOtherTasksAtAnyDepth() throws Exception {
        Worker worker = worker();
        SerializableCallable<Integer> five = () -> 5;
        SerializableVarFunction<Integer> sum = arguments -> {
            var list = (List<?>) arguments.getFirst();
            return (Integer) list.getFirst() + (Integer) ((Map<?, ?>) list.getLast()).get("k");
        };
        var reference = new KeyReference(TaskKey.of("five"));

        scheduler.send(
                worker.address(),
                scheduler.compute("five", five),
                scheduler.compute(
                        "sum",
                        Map.of("five", List.of(worker.address())),
                        new TaskCall(sum, List.of(List.of(reference, Map.of("k", reference)))).payload()));

        scheduler.await("task-finished", "sum");
        assertThat(fetch(worker, "sum")).isEqualTo(10);
    }

    @Test
    void whatATaskThrowsIsItsErrorAndTheWorkerLivesOn() throws Exception {
        Worker worker = worker();
        List<SerializableCallable<Object>> bad = List.of(
                () -> {
                    throw new IOException("disk");
                },
                () -> {
                    throw new StackOverflowError();
                },
                () -> {
                    throw new OutOfMemoryError("pretended");
                },
                () -> {
                    throw new ThreadDeathLike();
                },
                () -> new Object());
        for (int i = 0; i < bad.size(); i++) {
            scheduler.send(worker.address(), scheduler.compute("bad-" + i, bad.get(i)));
        }

        Fields first = scheduler.await("task-erred", "bad-0");
        assertThat(first.string("exception_text")).isEqualTo("java.io.IOException: disk");
        assertThat(first.string("traceback_text")).contains("at io.github.daskjvm.worker.WorkerTasksTest");
        assertThat(TaskFailure.restore(first.map().get("exception"), null, null, LOADER))
                .isInstanceOf(IOException.class)
                .hasMessage("disk");
        for (int i = 1; i < bad.size(); i++) {
            scheduler.await("task-erred", "bad-" + i);
        }
        assertThat(scheduler.await("task-erred", "bad-4").string("exception_text"))
                .contains("java.lang.Object, which is not Serializable");
        SerializableCallable<String> good = () -> "fine";
        scheduler.send(worker.address(), scheduler.compute("good", good));
        scheduler.await("task-finished", "good");
    }

    static final class ThreadDeathLike extends Error {}

    @Test
    void aTaskThatRecursesForEverIsAnError() throws Exception {
        Worker worker = worker();
        SerializableCallable<Integer> deep = () -> recurse(0);

        scheduler.send(worker.address(), scheduler.compute("deep", deep));

        assertThat(scheduler.await("task-erred", "deep").string("exception_text"))
                .contains("StackOverflowError");
    }

    private static int recurse(int n) {
        return 1 + recurse(n + 1);
    }

    @Test
    void aTaskOfAnotherLanguageIsAnErrorThatSaysSo() throws Exception {
        Worker worker = worker();

        scheduler.send(worker.address(), scheduler.compute("py", Map.of(), Payload.pickled(new byte[] {(byte) 0x80, 4
        })));

        assertThat(scheduler.await("task-erred", "py").string("exception_text")).contains("not a Java task");
    }

    @Test
    void aClassThatTheWorkerLacksIsNamed() throws Exception {
        Worker worker = worker(WorkerOptions.builder(scheduler.address())
                .taskLoader(ClassLoader.getPlatformClassLoader())
                .build());
        SerializableCallable<Integer> task = () -> 1;

        scheduler.send(worker.address(), scheduler.compute("x", task));

        assertThat(scheduler.await("task-erred", "x").string("exception_text"))
                .contains("WorkerTasksTest")
                .contains("class path");
    }

    @Test
    void aFreedTaskThatBlocksIsInterrupted() throws Exception {
        Worker worker = worker();
        scheduler.send(worker.address(), scheduler.compute("x", blocking()));
        entered.await();

        scheduler.send(worker.address(), Map.of("op", "free-keys", "keys", List.of("x"), "stimulus_id", "s"));

        await(() -> interrupted);
        await(() -> worker.snapshot().tasksByState().get("cancelled") == 0);
        assertThat(scheduler.received()).noneMatch(m -> m.op().equals("task-erred"));
    }

    @Test
    void aTaskThatSecedesLetsAnotherRun() throws Exception {
        Worker worker =
                worker(WorkerOptions.builder(scheduler.address()).nthreads(1).build());
        SerializableCallable<String> waiting = () -> {
            TaskContext.current().secede();
            gate.await();
            return TaskContext.current().key().toString();
        };
        SerializableCallable<Boolean> opening = () -> {
            gate.countDown();
            return true;
        };

        scheduler.send(worker.address(), scheduler.compute("wait", waiting), scheduler.compute("open", opening));

        assertThat(scheduler.await("long-running", "wait").number("compute_duration"))
                .isNotNegative();
        scheduler.await("task-finished", "open");
        scheduler.await("task-finished", "wait");
        assertThat(fetch(worker, "wait")).isEqualTo("wait");
    }

    @Test
    void aTaskMayAskToBeRescheduled() throws Exception {
        Worker worker = worker();
        SerializableCallable<String> elsewhere = () -> {
            throw new RescheduleException();
        };

        scheduler.send(worker.address(), scheduler.compute("x", elsewhere));

        scheduler.await("reschedule", "x");
    }

    @Test
    void noMoreTasksRunAtATimeThanThereAreThreads() throws Exception {
        Worker worker = worker();
        scheduler.send(
                worker.address(),
                scheduler.compute("a", blocking()),
                scheduler.compute("b", blocking()),
                scheduler.compute("c", blocking()));
        entered.await();

        assertThat(worker.snapshot().tasksByState())
                .containsEntry("executing", 2)
                .containsEntry("ready", 1);
        gate.countDown();
        scheduler.await("task-finished", 3, m -> true);
    }

    @Test
    void thousandsOfTasksAreDone() throws Exception {
        Worker worker = worker();
        SerializableFunction<Integer, Integer> increment = n -> n + 1;
        var messages = new ArrayList<Map<?, ?>>();
        for (int i = 0; i < 5000; i++) {
            messages.add(scheduler.compute("inc-" + i, increment, i));
        }

        scheduler.send(worker.address(), messages.toArray(Map<?, ?>[]::new));

        scheduler.await("task-finished", 5000, m -> true);
        assertThat(fetch(worker, "inc-4999")).isEqualTo(5000);
    }

    @Test
    void aMessageThatMakesNoSenseIsSkipped() throws Exception {
        Worker worker = worker();
        SerializableCallable<String> good = () -> "fine";

        scheduler.send(
                worker.address(),
                Map.of("op", "no-such-op"),
                Map.of("op", "compute-task"),
                Map.of("op", "free-keys", "keys", 7),
                Map.of("nothing", 1),
                scheduler.compute("good", good));

        scheduler.await("task-finished", "good");
        assertThat(worker.status()).isEqualTo(WorkerStatus.RUNNING);
    }

    @Test
    void tasksReferToTheFunctionThatHadTheNumberLast() throws Exception {
        Worker worker = worker();
        SerializableFunction<Integer, Integer> increment = n -> n + 1;
        SerializableFunction<Integer, Integer> twice = n -> 2 * n;

        scheduler.send(
                worker.address(),
                function(0, increment),
                call("a", 0, 20),
                function(0, twice),
                call("b", 0, 20),
                call("nobody", 1, 20),
                call("c", 0, 30));

        scheduler.await("task-finished", 3, m -> true);
        assertThat(fetch(worker, "a")).isEqualTo(21);
        assertThat(fetch(worker, "b")).isEqualTo(40);
        assertThat(fetch(worker, "c")).isEqualTo(60);
        assertThat(worker.status()).isEqualTo(WorkerStatus.RUNNING);
    }

    private static Map<String, Object> function(int number, Serializable function) throws IOException {
        return Map.of("op", "function", "number", number, "function", TaskCall.functionBytes(function));
    }

    private static Map<String, Object> call(String key, int function, int argument) throws IOException {
        byte[] arguments =
                TaskCall.payload(new byte[0], List.of(argument)).frames().getLast();
        return Map.of(
                "op",
                "compute-task",
                "key",
                key,
                "run_id",
                1,
                "priority",
                List.of(0, 0, 0),
                "function",
                function,
                "arguments",
                arguments);
    }

    @Test
    void aStealRequestIsAnsweredWithItsStimulus() throws Exception {
        Worker worker = worker();

        scheduler.send(worker.address(), Map.of("op", "steal-request", "key", "nobody", "stimulus_id", "steal-7"));

        Fields answer = scheduler.await("steal-response", "nobody");
        assertThat(answer.map().get("state")).isNull();
        assertThat(answer.map().get("stimulus_id")).isEqualTo("steal-7");
    }

    @Test
    void aStatusTheSchedulerWantsIsTakenAndConfirmed() throws Exception {
        Worker worker = worker();

        scheduler.send(
                worker.address(),
                Map.of("op", "worker-status-change", "status", "closing_gracefully", "stimulus_id", "s"),
                scheduler.compute("x", blocking()));

        scheduler.await("worker-status-change", m -> "closing_gracefully".equals(m.get("status")));
        assertThat(worker.status()).isEqualTo(WorkerStatus.CLOSING_GRACEFULLY);
        await(() -> worker.snapshot().tasksByState().get("ready") == 1);
    }
}
