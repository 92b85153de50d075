package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.comm.CallFigures;
import io.github.daskjvm.comm.OpFigures;
import io.github.daskjvm.scheduler.coordination.SemaphoreFigures;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// What a scheduler says of its semaphores, calls and messages.
class ServiceFiguresTest extends CoordinationBench {
    private static Map<String, Object> acquire(String lease, Object timeout) {
        return op("semaphore_acquire", "name", "s", "timeout", timeout, "lease_id", lease);
    }

    private SemaphoreFigures semaphore(String name) {
        return scheduler.serviceFigures().semaphores().stream()
                .filter(figures -> figures.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static OpFigures find(List<OpFigures> figures, String op) {
        return figures.stream().filter(each -> each.op().equals(op)).findFirst().orElse(new OpFigures(op, 0, 0, 0));
    }

    private static void until(Supplier<Boolean> condition) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.get() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(condition.get()).isTrue();
    }

    private void create(String name, double timeoutSeconds) throws IOException {
        peer().call(op("semaphore_register", "name", name, "max_leases", 2, "lease_timeout", timeoutSeconds));
    }

    @Test
    void aSemaphoreIsSeenFromFirstToLast() throws IOException {
        assertThat(scheduler.serviceFigures().semaphores()).isEmpty();
        create("s", 100);
        assertThat(semaphore("s")).isEqualTo(new SemaphoreFigures("s", 2, 0, 0, 0, 0, 0));
        RawPeer peer = peer();
        peer.call(acquire("a", null));
        peer.call(acquire("b", null));
        assertThat(semaphore("s")).isEqualTo(new SemaphoreFigures("s", 2, 2, 0, 2, 0, 0));
        RawPeer waiting = peer();
        waiting.write(acquire("c", null));
        until(() -> semaphore("s").pending() == 1);
        peer.call(op("semaphore_release", "name", "s", "lease_id", "a"));
        assertThat(waiting.read()).isEqualTo(true);
        until(() -> semaphore("s").waitSeconds() > 0);
        SemaphoreFigures after = semaphore("s");
        assertThat(after.active()).isEqualTo(2);
        assertThat(after.pending()).isZero();
        assertThat(after.acquired()).isEqualTo(3);
        assertThat(after.released()).isEqualTo(1);
        peer.call(op("semaphore_close", "name", "s"));
        assertThat(semaphore("s")).isNull();
    }

    @Test
    void aLeaseThatTimesOutCountsAsReleased() throws IOException {
        create("s", 0.02);
        peer().call(acquire("a", null));
        until(() -> semaphore("s").released() == 1);
        assertThat(semaphore("s").active()).isZero();
    }

    @Test
    void semaphoresBeyondTheBoundShareALine() throws IOException {
        RawPeer peer = peer();
        for (int i = 0; i < 503; i++) {
            peer.call(op("semaphore_register", "name", "s" + i, "max_leases", 2, "lease_timeout", 100));
        }
        peer.call(op("semaphore_acquire", "name", "s501", "timeout", null, "lease_id", "a"));
        peer.call(op("semaphore_acquire", "name", "s502", "timeout", null, "lease_id", "b"));
        ServiceFigures figures = scheduler.serviceFigures();
        assertThat(figures.semaphores()).hasSize(501);
        assertThat(figures.otherSemaphores()).isEqualTo(3);
        assertThat(semaphore("other"))
                .extracting(SemaphoreFigures::leasesMax, SemaphoreFigures::active, SemaphoreFigures::acquired)
                .containsExactly(6L, 2L, 2L);
        // What was counted stays when one is closed.
        peer.call(op("semaphore_close", "name", "s501"));
        assertThat(semaphore("other"))
                .extracting(SemaphoreFigures::leasesMax, SemaphoreFigures::active, SemaphoreFigures::acquired)
                .containsExactly(4L, 1L, 2L);
        assertThat(scheduler.serviceFigures().otherSemaphores()).isEqualTo(2);
    }

    @Test
    void callsAreCountedWithTheirFailures() throws IOException {
        RawPeer peer = peer();
        peer.call(op("identity"));
        peer.call(op("identity"));
        failure(peer.call(acquire("a", null)));
        List<OpFigures> calls = scheduler.serviceFigures().calls().ops();
        assertThat(find(calls, "identity").calls()).isEqualTo(2);
        assertThat(find(calls, "identity").failures()).isZero();
        assertThat(find(calls, "identity").nanos()).isPositive();
        assertThat(find(calls, "semaphore_acquire").failures()).isEqualTo(1);
        assertThat(find(calls, "other").calls()).isZero();
    }

    @Test
    void operationsThatNobodyKnowsAreCountedTogether() throws IOException {
        RawPeer peer = peer();
        for (String op : List.of("no-such-op", "nor-this", "no-such-op")) {
            assertThat(peer.call(op(op))).isNull();
        }
        CallFigures calls = scheduler.serviceFigures().calls();
        assertThat(find(calls.ops(), "other").calls()).isEqualTo(3);
        assertThat(calls.ops()).extracting(OpFigures::op).doesNotContain("no-such-op", "nor-this");
        assertThat(calls.others()).isEqualTo(2);
        client("c").write(List.of(op("nonsense")));
        until(() -> scheduler.serviceFigures().messages().others() == 1);
        assertThat(find(scheduler.serviceFigures().messages().ops(), "other").calls())
                .isEqualTo(1);
    }

    @Test
    void whatTheLoopDoesIsCountedByOperation() throws IOException {
        RawPeer client = client("c");
        compute(client, "x");
        compute(client, "y");
        client.write(List.of(op("heartbeat-client")));
        until(() -> find(scheduler.serviceFigures().messages().ops(), "heartbeat-client")
                        .calls()
                == 1);
        until(() -> find(scheduler.loopFigures().times().ops(), "update-graph").calls() == 2);
        List<OpFigures> ops = scheduler.loopFigures().times().ops();
        assertThat(find(ops, "update-graph").nanos()).isPositive();
        assertThat(find(ops, "register-worker").calls()).isEqualTo(1);
        assertThat(ops).extracting(OpFigures::op).doesNotHaveDuplicates();
        assertThat(scheduler.loopFigures().times().placements().count()).isPositive();
        assertThat(scheduler.loopFigures().times().batches().count()).isPositive();
        assertThat(scheduler.loopFigures().times().reads().count()).isPositive();
    }
}
