package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.monitoring.MetricOptions.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The table of `docs/METRICS.md` is what the pages have: names, types and labels, nothing more and nothing less.
class MetricListTest {
    private static final Pattern ROW = Pattern.compile("\\| `(dask_\\w+)` \\| (\\w+) \\|([^|]*)\\|.*\\| ?(D?) ?\\|");
    private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? [^ ]+");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");

    /// What Dask has had from 2.0 to 2026.7, and makes sense on a JVM: all but the time lost to the GIL.
    private static final Set<String> DASKS = Set.of(
            "dask_scheduler_clients",
            "dask_scheduler_client_connections_added_total",
            "dask_scheduler_client_connections_removed_total",
            "dask_scheduler_desired_workers",
            "dask_scheduler_workers",
            "dask_scheduler_workers_added_total",
            "dask_scheduler_workers_removed_total",
            "dask_scheduler_gc_collection_seconds_total",
            "dask_scheduler_last_time_total",
            "dask_scheduler_received_tasks",
            "dask_scheduler_unrunnable_tasks",
            "dask_scheduler_tasks",
            "dask_scheduler_tasks_forgotten_total",
            "dask_scheduler_tasks_suspicious_total",
            "dask_scheduler_task_groups",
            "dask_scheduler_tasks_compute_seconds_total",
            "dask_scheduler_tasks_transfer_seconds_total",
            "dask_scheduler_tasks_output_bytes",
            "dask_scheduler_prefix_state_totals_total",
            "dask_scheduler_tick_duration_maximum_seconds",
            "dask_scheduler_tick_count_total",
            "dask_semaphore_max_leases",
            "dask_semaphore_active_leases",
            "dask_semaphore_pending_leases",
            "dask_semaphore_acquire_total",
            "dask_semaphore_release_total",
            "dask_semaphore_average_pending_lease_time_s",
            "dask_stealing_request_count_total",
            "dask_stealing_request_cost_total",
            "dask_worker_tasks",
            "dask_worker_connections",
            "dask_worker_concurrent_fetch_requests",
            "dask_worker_gc_collection_seconds_total",
            "dask_worker_threads",
            "dask_worker_latency_seconds",
            "dask_worker_memory_bytes",
            "dask_worker_transfer_incoming_bytes",
            "dask_worker_transfer_incoming_count",
            "dask_worker_transfer_incoming_count_total",
            "dask_worker_transfer_outgoing_bytes",
            "dask_worker_transfer_outgoing_count",
            "dask_worker_transfer_outgoing_bytes_total",
            "dask_worker_transfer_outgoing_count_total",
            "dask_worker_spill_bytes_total",
            "dask_worker_spill_count_total",
            "dask_worker_spill_time_seconds_total",
            "dask_worker_event_loop_blocked_time_seconds_total",
            "dask_worker_event_loop_blocked_time_max_seconds",
            "dask_worker_tick_duration_maximum_seconds",
            "dask_worker_tick_count_total",
            "dask_worker_tick_duration_median_seconds",
            "dask_worker_task_duration_median_seconds",
            "dask_worker_transfer_bandwidth_median_bytes");

    private record Family(String type, Set<String> labels) {}

    private static Map<String, Family> documented(boolean dasksOnly) throws IOException {
        var families = new TreeMap<String, Family>();
        for (String line : Files.readAllLines(Path.of("../docs/METRICS.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches() && (!dasksOnly || row.group(4).equals("D"))) {
                var labels = new TreeSet<String>();
                for (String label : row.group(3).split("[`, ]+")) {
                    if (!label.isEmpty()) {
                        labels.add(label);
                    }
                }
                String type = row.group(2).equals("unknown") ? "untyped" : row.group(2);
                assertThat(families.put(row.group(1), new Family(type, labels))).isNull();
            }
        }
        return families;
    }

    private static void addPage(Map<String, Family> families, String page) {
        var types = new TreeMap<String, String>();
        for (String line : page.split("\n")) {
            if (line.startsWith("# TYPE dask_")) {
                String[] words = line.split(" ");
                types.put(words[2], words[3]);
                families.putIfAbsent(words[2], new Family(words[3], new TreeSet<>()));
            }
            Matcher sample = SAMPLE.matcher(line);
            if (line.startsWith("dask_") && sample.matches()) {
                String name = sample.group(1);
                if (!types.containsKey(name)) {
                    name = name.replaceFirst("_(bucket|sum|count)$", "");
                }
                Set<String> labels = families.get(name).labels();
                Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
                while (label.find()) {
                    if (!label.group(1).equals("le")) {
                        labels.add(label.group(1));
                    }
                }
            }
        }
    }

    private static Map<String, Family> printed() throws IOException {
        var families = new TreeMap<String, Family>();
        for (Form form : Form.values()) {
            var options = new MonitorOptions("127.0.0.1", 0, MetricOptions.DEFAULT.withForm(form), Optional.empty());
            var sources = Samples.sources();
            try (var scheduler = SchedulerMonitor.start(options, sources);
                    var worker = WorkerMonitor.start(options, () -> Samples.worker(1))) {
                addPage(families, Http.get(scheduler.port(), "/metrics").body());
                addPage(families, Http.get(worker.port(), "/metrics").body());
            }
        }
        return families;
    }

    @Test
    void whatIsDocumentedIsThereAndWhatIsThereIsDocumented() throws IOException {
        assertThat(printed()).isEqualTo(documented(false));
    }

    @Test
    void allOfDasksAreDocumented() throws IOException {
        assertThat(documented(true).keySet()).containsExactlyInAnyOrderElementsOf(DASKS);
    }

    @Test
    void theJvmIsToldOfByTheStandardNames() throws IOException {
        var sources = Samples.sources();
        try (var monitor = SchedulerMonitor.start(MonitorOptions.at("127.0.0.1", 0), sources)) {
            String page = Http.get(monitor.port(), "/metrics").body();
            String section = Files.readString(Path.of("../docs/METRICS.md")).split("## Process and JVM")[1];
            Matcher name = Pattern.compile("`((?:jvm|process)_\\w+)`").matcher(section);
            var names = new TreeSet<String>();
            while (name.find()) {
                names.add(name.group(1));
            }
            assertThat(names).hasSizeGreaterThan(15).contains("jvm_gc_collection_seconds", "jvm_threads_current");
            names.removeIf(each -> page.contains("# TYPE " + each + " "));
            assertThat(names).as("named, but not there").isEmpty();
        }
    }
}
