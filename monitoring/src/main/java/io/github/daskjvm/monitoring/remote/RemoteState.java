package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.core.scheduler.SchedulerSnapshot;
import io.github.daskjvm.monitoring.discovery.ClusterView;
import io.github.daskjvm.monitoring.status.WorkerGauges;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known of a scheduler in another process.
///
/// @param isUp whether it answered when it was last asked; if not, all that it said is empty
/// @param identity its answer to the operation `identity`, as decoded
/// @param dump what is left of its operation `dump_state`
/// @param snapshot the same in the form that pages take; what can not be known from outside is 0 or empty
/// @param gauges what the workers said in their last heartbeats
/// @param trouble why it is not up, for people; null if it is, or was never asked
/// @param answers questions that it answered so far
/// @param failures questions that it did not answer
/// @param connects times that it answered after it had not
/// @param seconds that the latest answer took
public record RemoteState(
        boolean isUp,
        Map<?, ?> identity,
        ClusterView cluster,
        Map<?, ?> dump,
        SchedulerSnapshot snapshot,
        List<WorkerGauges> gauges,
        @Nullable String trouble,
        long answers,
        long failures,
        long connects,
        double seconds) {
    static final RemoteState NEVER = new RemoteState(
            false, Map.of(), ClusterView.EMPTY, Map.of(), SchedulerSnapshot.EMPTY, List.of(), null, 0, 0, 0, 0);

    RemoteState answered(
            Map<?, ?> nowIdentity,
            ClusterView nowCluster,
            Map<?, ?> nowDump,
            SchedulerSnapshot nowSnapshot,
            List<WorkerGauges> nowGauges,
            double took) {
        return new RemoteState(
                true,
                nowIdentity,
                nowCluster,
                nowDump,
                nowSnapshot,
                nowGauges,
                null,
                answers + 1,
                failures,
                connects + (isUp ? 0 : 1),
                took);
    }

    RemoteState failed(String reason) {
        return new RemoteState(
                false,
                Map.of(),
                ClusterView.EMPTY,
                Map.of(),
                SchedulerSnapshot.EMPTY,
                List.of(),
                reason,
                answers,
                failures + 1,
                connects,
                0);
    }
}
