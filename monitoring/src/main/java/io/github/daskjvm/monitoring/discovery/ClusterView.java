package io.github.daskjvm.monitoring.discovery;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A cluster as its scheduler's operation `identity` describes it, ours or Dask's.
///
/// @param address the scheduler's; empty while it does not listen yet
/// @param id the scheduler's, another one after each start
/// @param startedSeconds since 1970
/// @param dashboardPort of the scheduler; 0 for none
/// @param workers in the order of the identity
public record ClusterView(
        String address, String id, double startedSeconds, int dashboardPort, List<WorkerView> workers) {
    public static final ClusterView EMPTY = new ClusterView("", "", 0, 0, List.of());

    /// @param identity as decoded; what is missing or mistyped is empty
    public static ClusterView of(Map<?, ?> identity) {
        List<WorkerView> workers = new ArrayList<>();
        Values.map(identity.get("workers")).forEach((address, worker) -> {
            if (address instanceof String text && worker instanceof Map<?, ?> described) {
                workers.add(WorkerView.of(text, described));
            }
        });
        return new ClusterView(
                Values.text(identity.get("address"), ""),
                Values.text(identity.get("id"), ""),
                Values.number(identity.get("started")),
                Values.port(Values.map(identity.get("services")).get("dashboard")),
                List.copyOf(workers));
    }
}
