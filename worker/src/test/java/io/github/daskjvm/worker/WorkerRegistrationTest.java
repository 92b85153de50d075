package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.protocol.Fields;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerRegistrationTest extends WorkerFixture {

    @Test
    void registersWithWhatASchedulerNeedsToKnow() throws Exception {
        Worker worker = worker(WorkerOptions.builder(scheduler.address())
                .name("alice")
                .nthreads(3)
                .memoryLimitBytes(1 << 30)
                .resources(Map.of("GPU", 2.0))
                .services(Map.of("dashboard", 1234))
                .build());

        Fields message = scheduler.registrations().getFirst();
        assertThat(message.map().get("address")).isEqualTo(worker.address());
        assertThat(message.map().get("name")).isEqualTo("alice");
        assertThat(message.map().get("status")).isEqualTo("init");
        assertThat(message.map().get("nthreads")).isEqualTo(3L);
        assertThat(message.map().get("memory_limit")).isEqualTo(1L << 30);
        assertThat(message.map().get("resources")).isEqualTo(Map.of("GPU", 2.0));
        assertThat(message.map().get("services")).isEqualTo(Map.of("dashboard", 1234L));
        assertThat(message.map().get("extra")).isEqualTo(Map.of("runtime", "jvm"));
        assertThat(message.map().get("nanny")).isNull();
        assertThat(message.map().keySet())
                .extracting(Object::toString)
                .contains("now", "local_directory", "pid", "versions", "metrics", "stimulus_id", "server_id");
        assertThat(worker.status()).isEqualTo(WorkerStatus.RUNNING);
    }

    @Test
    void aRefusedRegistrationFailsTheStartWithTheReason() {
        scheduler.registrationReply = Map.of("status", "error", "message", "name taken, alice");

        assertThatThrownBy(() ->
                        Worker.start(WorkerOptions.builder(scheduler.address()).build()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("name taken, alice");
    }

    @Test
    void aSchedulerThatDoesNotComeEndsTheStartAfterTheDeathTimeout() throws IOException {
        String address = scheduler.address();
        scheduler.close();

        assertThatThrownBy(() -> Worker.start(WorkerOptions.builder(address)
                        .deathTimeout(Duration.ofMillis(300))
                        .build()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no scheduler")
                .hasMessageContaining(address);
    }

    @Test
    void heartbeatsWithTheMetricsThatDashReads() throws Exception {
        Worker worker = worker();
        // Before the first collection it is not known what is in memory.
        System.gc();
        scheduler.send(worker.address(), scheduler.compute("x-1", blocking()));
        entered.await();

        await(() -> scheduler.heartbeats().stream()
                .anyMatch(h -> !((Map<?, ?>) h.map().get("executing")).isEmpty()));

        Fields beat = scheduler.heartbeats().getLast();
        assertThat(beat.map().get("address")).isEqualTo(worker.address());
        var metrics = beat.mapping("metrics");
        assertThat(((Map<?, ?>) metrics.get("task_counts")).get("executing")).isEqualTo(1L);
        assertThat((Long) metrics.get("memory")).isPositive();
        assertThat((Double) metrics.get("cpu")).isNotNegative();
        assertThat((Double) metrics.get("event_loop_interval")).isPositive();
        assertThat(metrics.get("spilled_bytes")).isEqualTo(Map.of("memory", 0L, "disk", 0L));
        assertThat(((Map<?, ?>) metrics.get("transfer")).keySet()).hasSize(6);
        assertThat(((Map<?, ?>) metrics.get("bandwidth")).get("total")).isInstanceOf(Double.class);
        assertThat(((Map<?, ?>) metrics.get("host_net_io")).get("read_bps")).isInstanceOf(Double.class);
        await(() -> worker.snapshot().latencySeconds() != 0.001);
    }

    @Test
    void aWorkerThatTheSchedulerDoesNotKnowAnyMoreCloses() throws Exception {
        Worker worker = worker();
        scheduler.heartbeatReply = Map.of("status", "missing");

        assertThat(worker.awaitClosed()).contains("does not know");
    }

    @Test
    void aWorkerThatLosesTheSchedulerCloses() throws Exception {
        Worker worker = worker();
        scheduler.cutOff(worker.address());

        assertThat(worker.awaitClosed()).isEqualTo("scheduler connection ended");
        assertThat(worker.status()).isEqualTo(WorkerStatus.CLOSED);
    }

    @Test
    void aWorkerToldToCloseSaysGoodbyeAndCloses() throws Exception {
        Worker worker = worker();
        scheduler.send(worker.address(), Map.of("op", "close", "reason", "scale down"));

        assertThat(worker.awaitClosed()).isEqualTo("scale down");
        Fields event = scheduler.await("log-event", m -> true);
        assertThat(event.mapping("msg").get("action")).isEqualTo("closing-worker");
        scheduler.await("worker-status-change", m -> "closing".equals(m.get("status")));
    }

    @Test
    void closingTwiceIsTheSameAsOnce() throws Exception {
        Worker worker = worker();

        worker.close();
        worker.close();

        assertThat(worker.awaitClosed()).isEqualTo("worker-close");
        await(() -> !scheduler.knows(worker.address()));
    }
}
