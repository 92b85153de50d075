package io.github.daskjvm.scheduler.coordination;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.comm.RpcServer;
import io.github.daskjvm.protocol.FrameLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GoneCallerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /// As when a client is interrupted before its call is looked at.
    @Test
    void freeLocksAreNotGivenToACallerThatHasGone() throws Exception {
        var locks = new MultiLocks();
        Map<String, RpcHandler> handlers = new HashMap<>();
        locks.register(handlers);
        try (var server = RpcServer.start(new Address("tcp", "127.0.0.1", 0), null, FrameLimits.DEFAULT, handlers)) {
            var address = new Address("tcp", "127.0.0.1", server.port());
            synchronized (locks) {
                try (var gone = Connection.open(address, null, TIMEOUT)) {
                    gone.write(acquire("first"));
                }
            }
            try (var next = Connection.open(address, null, TIMEOUT)) {
                next.write(acquire("second"));
                assertThat(next.read()).isEqualTo(true);
            }
        }
    }

    private static Map<String, ?> acquire(String id) {
        return Map.of("op", "multi_lock_acquire", "locks", List.of("a"), "id", id, "num_locks", 1, "timeout", 30.0);
    }
}
