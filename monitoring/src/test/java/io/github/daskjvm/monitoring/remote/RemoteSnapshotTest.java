package io.github.daskjvm.monitoring.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RemoteSnapshotTest {
    /// Dask's rule: idle with fewer tasks than threads or less than half of the average load; saturated with more than
    /// 0.4 s waiting for each thread, if that is nearly twice the average.
    @Test
    void workersAreInTheStateThatDasksRuleGives() {
        var identities = new LinkedHashMap<String, Object>();
        var described = new LinkedHashMap<String, Object>();
        worker(identities, described, "idle", 2, "running", 1, 0.5);
        worker(identities, described, "light", 2, "running", 2, 0.1);
        worker(identities, described, "busy", 2, "running", 2, 2.0);
        worker(identities, described, "full", 2, "running", 30, 12.0);
        worker(identities, described, "paused", 2, "paused", 2, 2.0);
        worker(identities, described, "leaving", 2, "closing_gracefully", 0, 0);
        ClusterView cluster = ClusterView.of(Map.of("workers", identities));
        SchedulerSnapshot snapshot = RemoteSnapshot.of(cluster, Map.of("workers", described), 0, new SeenResults());
        assertThat(snapshot.workers().stream()
                        .map(w -> w.name() + " " + (w.status() == WorkerStatus.RUNNING ? w.load() : w.status())))
                .containsExactly(
                        "idle IDLE",
                        "light IDLE",
                        "busy PARTIALLY_SATURATED",
                        "full SATURATED",
                        "paused PAUSED",
                        "leaving CLOSING_GRACEFULLY");
    }

    private static void worker(
            Map<String, Object> identities,
            Map<String, Object> described,
            String name,
            long nthreads,
            String status,
            long processing,
            double occupancy) {
        identities.put("tcp://" + name + ":1", Map.of("name", name, "nthreads", nthreads, "status", status));
        described.put(
                "tcp://" + name + ":1", Map.of("occupancy", occupancy, "task_prefix_count", Map.of("inc", processing)));
    }
}
