package io.github.daskjvm.monitoring.remote;

import io.github.daskjvm.monitoring.discovery.ClusterView;
import java.util.Map;

/// What is known of a scheduler in another process.
///
/// @param isUp whether it answered when it was last asked; if not, all of the rest is empty but for the counts
/// @param dump what is left of its operation `dump_state`
/// @param desiredWorkers its adaptive target
/// @param answers questions that it answered so far
/// @param failures questions that it did not answer
/// @param connects times that it answered after it had not
/// @param seconds that the latest answer took
public record RemoteState(
        boolean isUp,
        ClusterView cluster,
        Map<?, ?> dump,
        long desiredWorkers,
        long answers,
        long failures,
        long connects,
        double seconds) {
    static final RemoteState NEVER = new RemoteState(false, ClusterView.EMPTY, Map.of(), 0, 0, 0, 0, 0);

    RemoteState answered(ClusterView nowCluster, Map<?, ?> nowDump, long desired, double took) {
        return new RemoteState(
                true, nowCluster, nowDump, desired, answers + 1, failures, connects + (isUp ? 0 : 1), took);
    }

    RemoteState failed() {
        return new RemoteState(false, ClusterView.EMPTY, Map.of(), 0, answers, failures + 1, connects, 0);
    }
}
