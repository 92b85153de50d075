package io.github.daskjvm.monitoring.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.monitoring.Page;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServiceDiscoveryTest {
    private static final String SCHEDULER = "{\"targets\":[\"dask.example:8787\"],\"labels\":{\"kind\":\"scheduler\","
            + "\"__meta_dask_kind\":\"scheduler\",\"__meta_dask_cluster\":\"tcp://10.0.0.1:8786\","
            + "\"__meta_dask_scheduler_id\":\"Scheduler-1\",\"__scheme__\":\"http\"}}";

    private final Map<String, Object> workers = new LinkedHashMap<>();

    private Page.Response ask(boolean https, @Nullable String host, Map<String, String> query) {
        Map<String, ?> identity = Map.of(
                "address",
                "tcp://10.0.0.1:8786",
                "id",
                "Scheduler-1",
                "services",
                Map.of("dashboard", 8787L),
                "workers",
                workers);
        var discovery = new ServiceDiscovery(() -> ClusterView.of(identity), https);
        return discovery.answer(
                new Page.Request(ServiceDiscovery.PATH, query, header -> header.equals("Host") ? host : null));
    }

    private String targets(@Nullable String host) {
        Page.Response response = ask(false, host, Map.of());
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.type()).startsWith("application/json");
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    @Test
    void theSchedulerAndWorkersAreThereWithLabels() {
        workers.put(
                "tcp://10.0.0.2:40001",
                Map.of(
                        "name",
                        7L,
                        "host",
                        "10.0.0.2",
                        "nthreads",
                        2L,
                        "status",
                        "running",
                        "services",
                        Map.of("dashboard", 8788L)));
        assertThat(targets("dask.example:8787"))
                .isEqualTo("[" + SCHEDULER + ",{\"targets\":[\"10.0.0.2:8788\"],\"labels\":{\"kind\":\"worker\","
                        + "\"__meta_dask_kind\":\"worker\",\"__meta_dask_cluster\":\"tcp://10.0.0.1:8786\","
                        + "\"__meta_dask_scheduler_id\":\"Scheduler-1\",\"worker\":\"tcp://10.0.0.2:40001\","
                        + "\"__meta_dask_worker\":\"tcp://10.0.0.2:40001\",\"__meta_dask_worker_name\":\"7\","
                        + "\"__meta_dask_host\":\"10.0.0.2\",\"__meta_dask_runtime\":\"python\","
                        + "\"__meta_dask_status\":\"running\",\"__meta_dask_nthreads\":\"2\"}}]");
    }

    @Test
    void aWorkerThatServesNothingIsNoTarget() {
        workers.put("tcp://10.0.0.2:40001", Map.of("name", "a", "services", Map.of()));
        workers.put("tcp://10.0.0.3:40001", Map.of("name", "b", "services", Map.of("dashboard", 99_999L)));
        workers.put("inproc://10.0.0.4/1/2", Map.of("name", "c", "services", Map.of("dashboard", 1234L)));
        workers.put("tcp://10.0.0.5:40001", "not described");
        assertThat(targets("dask.example:8787")).isEqualTo("[" + SCHEDULER + "]");
    }

    @Test
    void aJvmWorkerOnAnAddressOfVersion6() {
        workers.put(
                "tls://[fe80::1]:40001", Map.of("name", "j", "runtime", "jvm", "services", Map.of("dashboard", 8788L)));
        assertThat(targets("dask.example:8787"))
                .contains("\"targets\":[\"[fe80::1]:8788\"]", "\"__meta_dask_runtime\":\"jvm\"");
    }

    @Test
    void theSchedulerIsWhereItWasAsked() {
        assertThat(targets("[::1]:8787")).contains("[\"[::1]:8787\"]");
        assertThat(targets("[::1]")).contains("[\"[::1]:80\"]");
        assertThat(targets("dask.example")).contains("[\"dask.example:80\"]");
        assertThat(targets(null)).contains("[\"10.0.0.1:8787\"]");
        assertThat(targets("no host\"")).contains("[\"10.0.0.1:8787\"]");
        assertThat(new String(ask(true, "dask.example", Map.of()).body(), StandardCharsets.UTF_8))
                .contains("[\"dask.example:443\"]", "\"__scheme__\":\"https\"");
    }

    @Test
    void viaTheSchedulerThereIsOneTargetForAllWorkers() {
        workers.put("tcp://10.0.0.2:40001", Map.of("name", "a", "services", Map.of()));
        Page.Response response = ask(false, "dask.example:8787", Map.of("via", "scheduler"));
        assertThat(new String(response.body(), StandardCharsets.UTF_8))
                .isEqualTo("[" + SCHEDULER + ","
                        + SCHEDULER
                                .replace("\"scheduler\"", "\"worker\"")
                                .replace(
                                        "\"__scheme__\":\"http\"",
                                        "\"__scheme__\":\"http\",\"__metrics_path__\":" + "\"/metrics/workers\"")
                        + "]");
    }

    @Test
    void anotherWayIsRefused() {
        Page.Response response = ask(false, "dask.example:8787", Map.of("via", "smoke"));
        assertThat(response.status()).isEqualTo(400);
        assertThat(new String(response.body(), StandardCharsets.UTF_8)).contains("'smoke'");
    }
}
