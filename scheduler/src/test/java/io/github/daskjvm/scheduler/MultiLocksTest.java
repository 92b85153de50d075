package io.github.daskjvm.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `distributed.MultiLock`, by its operations.
class MultiLocksTest extends CoordinationBench {
    private static Map<String, Object> acquire(String id, Object timeout, int number, String... locks) {
        return op("multi_lock_acquire", "locks", List.of(locks), "id", id, "timeout", timeout, "num_locks", number);
    }

    private static Map<String, Object> release(String id) {
        return op("multi_lock_release", "id", id);
    }

    @Test
    void whoWantsSeveralLocksWaitsForAll() throws IOException {
        RawPeer peer = peer();
        assertThat(peer.call(acquire("1", null, 1, "a"))).isEqualTo(true);
        assertThat(peer.call(acquire("2", null, 1, "b"))).isEqualTo(true);
        RawPeer both = peer();
        both.write(acquire("3", null, 2, "a", "b"));
        peer.call(release("1"));
        assertThat(peer.call(acquire("4", 0, 2, "a", "b"))).isEqualTo(false);
        peer.call(release("2"));
        assertThat(both.read()).isEqualTo(true);
        assertThat(peer.call(acquire("5", 0, 1, "a"))).isEqualTo(false);
        peer.call(release("3"));
        assertThat(peer.call(acquire("5", 0, 1, "a"))).isEqualTo(true);
    }

    @Test
    void whoWantsOneOfSeveralLeavesTheOthersFree() throws IOException {
        RawPeer peer = peer();
        assertThat(peer.call(acquire("1", null, 1, "a", "b"))).isEqualTo(true);
        assertThat(peer.call(acquire("2", null, 1, "a", "b"))).isEqualTo(true);
        RawPeer third = peer();
        third.write(acquire("3", null, 1, "a", "b"));
        peer.call(release("1"));
        assertThat(third.read()).isEqualTo(true);
        peer.call(release("2"));
        assertThat(peer.call(acquire("4", 0, 1, "a", "b"))).isEqualTo(true);
    }

    @Test
    void whoGivesUpOrGoesLeavesTheLine() throws IOException {
        RawPeer peer = peer();
        peer.call(acquire("1", null, 1, "a"));
        assertThat(peer.call(acquire("2", 0.01, 2, "a", "b"))).isEqualTo(false);
        RawPeer goes = peer();
        goes.write(acquire("3", null, 2, "a", "b"));
        goes.close();
        RawPeer stays = peer();
        stays.write(acquire("4", null, 2, "a", "b"));
        peer.call(release("1"));
        assertThat(stays.read()).isEqualTo(true);
    }

    @Test
    void lockingTwiceOrReleasingWhatIsNotLockedIsAnError() throws IOException {
        RawPeer peer = peer();
        peer.call(acquire("1", null, 1, "a"));
        assertThat(failure(peer.call(acquire("1", null, 1, "b")))).contains("already");
        assertThat(failsWith(peer.call(release("2")), "KeyError")).isTrue();
        assertThat(failure(peer.call(acquire("5", null, 3, "a")))).contains("num_locks");
    }
}
