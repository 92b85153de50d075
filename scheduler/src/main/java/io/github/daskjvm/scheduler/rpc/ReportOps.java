package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.Connection;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.scheduler.peers.TaskRecords;
import io.github.daskjvm.scheduler.peers.Wire;
import io.github.daskjvm.scheduler.peers.WorkerInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `performance_report`: one page on what ran since a moment.
final class ReportOps {
    private final Cluster cluster;
    private final TaskRecords records;
    private final ProfileOps profiles;

    ReportOps(Cluster cluster, TaskRecords records, ProfileOps profiles) {
        this.cluster = cluster;
        this.records = records;
        this.profiles = profiles;
    }

    void register(Map<String, RpcHandler> handlers) {
        handlers.put("performance_report", this::report);
    }

    private Object report(Fields request, Connection connection) throws BadMessageException {
        double start = request.number("start", 0);
        String code = request.get("code") instanceof String text ? text : "";
        List<TaskRecords.Run> runs = new ArrayList<>();
        for (TaskRecords.Run run : records.runs()) {
            if (run.stop() >= start) {
                runs.add(run);
            }
        }
        List<PerformanceReport.Member> members = new ArrayList<>();
        for (WorkerInfo worker : cluster.workers().all()) {
            members.add(new PerformanceReport.Member(
                    worker.address(), worker.nthreads(), worker.memoryLimitBytes(), worker.metrics()));
        }
        return PerformanceReport.html(new PerformanceReport.Contents(
                start,
                Wire.now(),
                code,
                runs,
                members,
                tables(start),
                profiles.merged(Map.of("start", start)),
                profiles.merged(Map.of("start", start, "server", true))));
    }

    private ReportTables.Contents tables(double start) {
        return cluster.loop().query(state -> {
            SpanDescriptions descriptions = SpanOps.descriptions(cluster);
            return new ReportTables.Contents(
                    start,
                    descriptions.computations(state),
                    List.copyOf(descriptions.spans(state).values()),
                    SpanDescriptions.rows(cluster.workers().metrics().sums()));
        });
    }
}
