package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.scheduler.Scheduler;
import io.github.daskjvm.scheduler.SchedulerOptions;
import io.github.daskjvm.worker.nanny.Nanny;
import io.github.daskjvm.worker.nanny.NannyOptions;
import io.github.daskjvm.worker.task.TaskContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Workers as processes of their own, killed as the operating system kills.
@Timeout(120)
class NanniesTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final List<ByteBuffer> LEAK = new ArrayList<>();

    private final List<AutoCloseable> open = new ArrayList<>();
    private final RpcPool pool = new RpcPool(null, SOON);
    private Scheduler scheduler;
    private Client client;

    @BeforeEach
    void startScheduler() throws Exception {
        scheduler = Scheduler.start(
                SchedulerOptions.builder().host("127.0.0.1").port(0).build());
        open.add(scheduler);
        open.add(pool);
        client = Client.connect(scheduler.address());
        open.add(client);
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private String[] worker(String... options) {
        List<String> arguments = new ArrayList<>(
                List.of(scheduler.address(), "--nthreads", "1", "--no-dashboard", "--death-timeout", "60"));
        arguments.addAll(List.of(options));
        return arguments.toArray(new String[0]);
    }

    private Nanny nanny(String... options) throws IOException, InterruptedException {
        List<String> child = new ArrayList<>(ChildCommand.of(1, List.of(worker(options))));
        child.addAll(1, List.of("-Xmx200m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        Nanny nanny = Nanny.start(new NannyOptions(
                scheduler.address(), null, List.of(0), null, child, 0, SOON, 0.95, Duration.ofMillis(100)));
        open.add(nanny);
        return nanny;
    }

    private Process process(String... options) throws IOException {
        Process process = start(List.of(worker(options)), Map.of());
        open.add(() -> process.destroyForcibly().waitFor());
        return process;
    }

    /// `dask-jvm worker` as a process of its own.
    ///
    /// @param variables of its environment, beside those of this process
    static Process start(List<String> arguments, Map<String, String> variables) throws IOException {
        List<String> command = new ArrayList<>(ChildCommand.of(1, List.of("worker")));
        command.subList(command.indexOf(WorkerChild.class.getName()), command.size())
                .clear();
        command.addAll(1, List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.add(DaskJvm.class.getName());
        command.add("worker");
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).inheritIO();
        builder.environment().putAll(variables);
        return builder.start();
    }

    private long pid() throws Exception {
        return client.submit(() -> ProcessHandle.current().pid()).get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    private Object call(String address, Map<String, ?> request) throws Exception {
        return pool.call(address, request, SOON);
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.call()) {
            assertThat(System.nanoTime() - start).isLessThan(SOON.toNanos());
            Thread.sleep(5);
        }
    }

    static boolean isGone(long pid) {
        return ProcessHandle.of(pid).map(process -> !process.isAlive()).orElse(true);
    }

    private static void kill(long pid) {
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void aKilledWorkerComesBackAndItsTasksComplete() throws Exception {
        nanny("--name", "alice");
        long first = pid();
        Future<Integer> held = client.submit(() -> 20);
        held.get();
        kill(first);
        assertThat(client.submit(x -> x + 1, held).get(SOON.toSeconds(), TimeUnit.SECONDS))
                .isEqualTo(21);
        assertThat(pid()).isNotEqualTo(first);
        assertThat(scheduler.workers()).hasSize(1);
    }

    @Test
    void aRestartOfTheClusterGivesANewProcess() throws Exception {
        Nanny nanny = nanny();
        long first = pid();

        call(scheduler.address(), Map.of("op", "restart", "timeout", 60, "wait_for_workers", true));
        long second = pid();
        assertThat(second).isNotEqualTo(first);
        assertThat(isGone(first)).isTrue();

        assertThat(call(nanny.address(), Map.of("op", "restart", "timeout", 60)))
                .isEqualTo("OK");
        assertThat(pid()).isNotEqualTo(second);
        assertThat(call(nanny.address(), Map.of("op", "instantiate"))).isEqualTo("running");
        assertThat(String.valueOf(call(nanny.address(), Map.of("op", "get_logs"))))
                .contains("Restarting worker");
    }

    @Test
    void aWorkerThatOutgrewItsMemoryIsStartedAnew() throws Exception {
        nanny("--memory-limit", "150MB");
        long first = pid();
        Future<Integer> hungry = client.submit(() -> {
            // Another time, in the next process, it takes nothing.
            while (ProcessHandle.current().pid() == first && LEAK.size() < 150) {
                ByteBuffer leaked = ByteBuffer.allocateDirect(1 << 20);
                for (int at = 0; at < leaked.capacity(); at += 512) {
                    leaked.put(at, (byte) 1);
                }
                LEAK.add(leaked);
            }
            return LEAK.size();
        });
        hungry.get(SOON.toSeconds(), TimeUnit.SECONDS);
        await(() -> isGone(first));
        assertThat(hungry.get(SOON.toSeconds(), TimeUnit.SECONDS)).isIn(0, 150);
        assertThat(pid()).isNotEqualTo(first);
    }

    @Test
    void theProcessEndsWithTheNannyHoweverThatEnds() throws Exception {
        Process nanny = process();
        long child = pid();
        assertThat(child).isNotEqualTo(nanny.pid());
        nanny.destroyForcibly().waitFor();
        await(() -> isGone(child));
        await(() -> scheduler.workers().isEmpty());
    }

    @Test
    void aNannyToldToEndHasTheDataMovedFirst() throws Exception {
        Process leaving = process("--name", "leaving");
        Future<String> held = client.submit(() -> "only copy");
        held.get(SOON.toSeconds(), TimeUnit.SECONDS);
        long child = pid();
        process("--name", "staying");
        await(() -> scheduler.workers().size() == 2);

        leaving.destroy();

        assertThat(leaving.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(leaving.exitValue()).isZero();
        assertThat(isGone(child)).isTrue();
        assertThat(client.whoHas(List.of(held)).values())
                .allSatisfy(holders -> assertThat(holders).hasSize(1));
        assertThat(held.get()).isEqualTo("only copy");
    }

    @Test
    void aWorkerThatClosesForGoodTakesItsNannyWithIt() throws Exception {
        Nanny nanny = nanny();
        long child = pid();
        String worker =
                client.submit(() -> TaskContext.current().workerAddress()).get(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(call(worker, Map.of("op", "terminate", "reason", "enough"))).isEqualTo("OK");
        assertThat(nanny.awaitClosed()).isNull();
        assertThat(isGone(child)).isTrue();
    }

    @Test
    void aWorkerThatCanNotJoinIsAFailure() throws Exception {
        nanny("--name", "taken");
        assertThatThrownBy(() -> nanny("--name", "taken"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("exited with status 1");
    }

    @Test
    void aWorkersLifetimeEndsAndAnotherBegins() throws Exception {
        nanny("--lifetime", "1s", "--lifetime-restart");
        long first = pid();
        await(() -> isGone(first));
        assertThat(pid()).isNotEqualTo(first);
    }
}
