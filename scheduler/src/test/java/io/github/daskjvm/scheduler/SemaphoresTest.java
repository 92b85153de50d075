package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `distributed.Semaphore` and `Lock`, by their operations.
class SemaphoresTest extends CoordinationBench {
    private static Map<String, Object> acquire(String lease, Object timeout) {
        return op("semaphore_acquire", "name", "s", "timeout", timeout, "lease_id", lease);
    }

    private static Map<String, Object> release(String lease) {
        return op("semaphore_release", "name", "s", "lease_id", lease);
    }

    private void create(int leases, double timeoutSeconds) throws IOException {
        assertThat(peer().call(op(
                        "semaphore_register", "name", "s", "max_leases", leases, "lease_timeout", timeoutSeconds)))
                .isNull();
    }

    @Test
    void moreLeasesThanThereAreWait() throws IOException {
        create(2, 100);
        RawPeer peer = peer();
        assertThat(peer.call(acquire("a", null))).isEqualTo(true);
        assertThat(peer.call(acquire("b", null))).isEqualTo(true);
        assertThat(peer.call(acquire("c", 0))).isEqualTo(false);
        assertThat(peer.call(acquire("c", 0.01))).isEqualTo(false);
        assertThat(peer.call(op("semaphore_value", "name", "s"))).isEqualTo(2L);
        RawPeer waiting = peer();
        waiting.write(acquire("c", null));
        peer.call(release("a"));
        assertThat(waiting.read()).isEqualTo(true);
    }

    @Test
    void aRepeatedCallGetsTheLeaseThatItHas() throws IOException {
        create(1, 100);
        assertThat(peer().call(acquire("a", null))).isEqualTo(true);
        assertThat(peer().call(acquire("a", 0))).isEqualTo(true);
        assertThat(peer().call(op("semaphore_value", "name", "s"))).isEqualTo(1L);
    }

    @Test
    void aLeaseThatIsNotRefreshedIsTakenBack() throws IOException {
        create(1, 0.05);
        assertThat(peer().call(acquire("a", null))).isEqualTo(true);
        assertThat(peer().call(acquire("b", null))).isEqualTo(true);
    }

    @Test
    void aLeaseThatIsRefreshedAfterItWasTakenBackIsThereAgain() throws IOException {
        create(1, 0.05);
        RawPeer peer = peer();
        peer.call(acquire("a", null));
        until(0L, peer, op("semaphore_value", "name", "s"));
        peer.call(op("semaphore_refresh_leases", "name", "s", "lease_ids", List.of("a", "b")));
        assertThat(peer.call(acquire("c", 0))).isEqualTo(false);
    }

    @Test
    void whoGoesWhileItWaitsDoesNotTakeALease() throws IOException {
        create(1, 0);
        RawPeer holder = peer();
        holder.call(acquire("a", null));
        for (int i = 0; i < 10; i++) {
            RawPeer goes = peer();
            goes.write(acquire("gone" + i, null));
            goes.close();
        }
        RawPeer stays = peer();
        stays.write(acquire("b", null));
        holder.call(release("a"));
        assertThat(stays.read()).isEqualTo(true);
    }

    @Test
    void anUnknownSemaphoreIsARuntimeError() throws IOException {
        Object reply = peer().call(acquire("a", null));
        assertThat(failure(reply)).isEqualTo("Semaphore or Lock `s` not known.");
        assertThat(failsWith(reply, "RuntimeError")).isTrue();
        assertThat(peer().call(release("a"))).isNull();
        assertThat(peer().call(op("semaphore_value", "name", "s"))).isEqualTo(0L);
        assertThat(peer().call(op("semaphore_refresh_leases", "name", "s", "lease_ids", List.of("a"))))
                .isNull();
    }

    @Test
    void anotherNumberOfLeasesUnderTheSameNameIsAValueError() throws IOException {
        create(2, 100);
        Object reply = peer().call(op("semaphore_register", "name", "s", "max_leases", 3, "lease_timeout", 1));
        assertThat(failure(reply)).isEqualTo("Inconsistent max leases: 3, expected: 2");
    }

    @Test
    void whoWaitsForASemaphoreThatIsClosedIsToldSo() throws IOException {
        create(1, 100);
        RawPeer peer = peer();
        peer.call(acquire("a", null));
        RawPeer waiting = peer();
        waiting.write(acquire("b", null));
        peer.call(op("semaphore_close", "name", "s"));
        assertThat(failure(waiting.read())).contains("not known");
    }
}
