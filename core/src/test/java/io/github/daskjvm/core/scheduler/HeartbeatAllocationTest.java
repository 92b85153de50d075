package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeartbeatAllocationTest {
    private static final int HEARTBEATS = 10_000;

    /// What a batch allocates by itself is shared by ten thousand of them.
    @Test
    void theLoopAllocatesNothingForAHeartbeat() {
        var cluster = new Cluster();
        for (String worker : List.of("a", "b", "c")) {
            cluster.worker(worker, 2);
        }
        SchedulerState state = cluster.state;
        List<Event> heartbeats = new ArrayList<>();
        for (int i = 0; i < HEARTBEATS; i++) {
            heartbeats.add(new Event.WorkerHeartbeat(address("abc".charAt(i % 3) + ""), Map.of(), 1e8, 1000 + i, 0, 0));
        }
        state.handle(heartbeats, cluster.nowNanos + 1);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        state.handle(heartbeats, cluster.nowNanos + 2);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(HEARTBEATS);
    }
}
