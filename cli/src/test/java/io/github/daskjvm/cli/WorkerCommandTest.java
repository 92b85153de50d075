package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.cli.WorkerCommand.Plan;
import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.BadOptionException;
import io.github.daskjvm.comm.Address;
import io.github.daskjvm.worker.Lifetime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerCommandTest {
    private static final Address SCHEDULER = new Address("tcp", "10.0.0.1", 8786);
    private static final long HEAP = 8L << 30;

    @TempDir
    private Path home;

    private final Map<String, String> variables = new HashMap<>();

    private DaskConfig config() {
        variables.putIfAbsent("DASK_ROOT_CONFIG", home.toString());
        return DaskConfig.load(variables, home);
    }

    private static WorkerCommand command(String... options) {
        return new WorkerCommand(CommandOptions.WORKER.parse(List.of(options)));
    }

    private List<Plan> plans(String... options) {
        return plans(8, options);
    }

    private List<Plan> plans(int cores, String... options) {
        return command(options).plans(config(), SCHEDULER, cores, HEAP);
    }

    @Test
    void withoutOptionsOneWorkerTakesAllThereIs() {
        Plan plan = plans().getFirst();
        assertThat(plan.threads()).isEqualTo(8);
        assertThat(plan.memoryLimitBytes()).isEqualTo(HEAP);
        assertThat(plan.ports()).containsExactly(0);
        assertThat(plan.name()).isNull();
        assertThat(plan.resources()).isEmpty();
    }

    @Test
    void severalWorkersShareWhatThereIs() {
        List<Plan> plans = plans(
                "--no-nanny", "--nworkers", "2", "--name", "w", "--worker-port", "3000:3003", "--resources", "GPU=1");
        assertThat(plans).extracting(Plan::name).containsExactly("w-0", "w-1");
        assertThat(plans).extracting(Plan::threads).containsExactly(4, 4);
        assertThat(plans).extracting(Plan::memoryLimitBytes).containsExactly(HEAP / 2, HEAP / 2);
        assertThat(plans).extracting(Plan::ports).containsExactly(List.of(3000, 3002), List.of(3001, 3003));
        assertThat(plans).extracting(Plan::resources).containsOnly(Map.of("GPU", 1.0));
    }

    @Test
    void aNegativeNumberOfWorkersCountsBackFromTheCores() {
        assertThat(plans("--nworkers", "-1")).hasSize(8);
        assertThat(plans("--nworkers", "-8")).hasSize(1);
        assertThatThrownBy(() -> plans("--nworkers", "-9")).isInstanceOf(BadOptionException.class);
    }

    @Test
    void autoIsAsManyWorkersAndThreadsAsDaskHasForSoManyCores() {
        assertThat(plans("--nworkers", "auto")).extracting(Plan::threads).containsExactly(2, 2, 2, 2);
        assertThat(plans(3, "--nworkers", "auto")).extracting(Plan::threads).containsExactly(1, 1, 1);
        assertThat(plans(32, "--nworkers", "auto")).extracting(Plan::threads).containsExactly(4, 4, 4, 4, 4, 4, 4, 4);
        assertThat(plans(7, "--nworkers", "auto")).hasSize(7);
        assertThat(plans("--nworkers", "auto", "--nthreads", "3"))
                .extracting(Plan::threads)
                .containsOnly(3);
    }

    @Test
    void workersWithNanniesHaveAHeapEach() {
        assertThat(plans("--nworkers", "2")).extracting(Plan::memoryLimitBytes).containsExactly(HEAP, HEAP);
        assertThat(command().nanny()).isTrue();
        assertThat(command("--nanny-port", "4000:4001").nannyPorts(2)).containsExactly(List.of(4000), List.of(4001));
    }

    @Test
    void lifetimesAreOptionsOrSettings() {
        assertThat(plans().getFirst().lifetime()).isEqualTo(Lifetime.ENDLESS);
        variables.put("DASK_DISTRIBUTED__WORKER__LIFETIME__DURATION", "1h");
        variables.put("DASK_DISTRIBUTED__WORKER__LIFETIME__STAGGER", "5m");
        variables.put("DASK_DISTRIBUTED__WORKER__LIFETIME__RESTART", "true");
        assertThat(plans().getFirst().lifetime())
                .isEqualTo(new Lifetime(Duration.ofHours(1), Duration.ofMinutes(5), true));
        assertThat(plans("--lifetime", "2h", "--lifetime-stagger", "1s", "--no-lifetime-restart")
                        .getFirst()
                        .lifetime())
                .isEqualTo(new Lifetime(Duration.ofHours(2), Duration.ofSeconds(1), false));
    }

    @Test
    void severalWorkersCanNotServeOnOnePort() {
        assertThatThrownBy(() -> plans("--nworkers", "2", "--dashboard-address", ":9000"))
                .hasMessageContaining("--dashboard-address");
        assertThat(plans("--nworkers", "2", "--dashboard-address", ":9000", "--no-dashboard"))
                .hasSize(2);
    }

    @Test
    void resourcesMayBeConfigured() {
        variables.put("DASK_DISTRIBUTED__WORKER__RESOURCES", "{'GPU': 2}");
        assertThat(plans().getFirst().resources()).isEqualTo(Map.of("GPU", 2.0));
        assertThat(plans("--resources", "MEM=1").getFirst().resources()).isEqualTo(Map.of("MEM", 1.0));
    }

    @Test
    void theSchedulersAddressIsAnArgumentOrInAFileOrASetting() throws IOException, InterruptedException {
        assertThat(command("tcp://a:1").schedulerAddress(config())).hasToString("tcp://a:1");
        assertThat(command("a").schedulerAddress(config())).hasToString("tcp://a:8786");
        Path file = home.resolve("scheduler.json");
        Files.writeString(file, "{\"type\": \"Scheduler\", \"address\": \"tls://b:2\", \"workers\": {}}");
        assertThat(command("--scheduler-file", file.toString()).schedulerAddress(config()))
                .hasToString("tls://b:2");
        variables.put("DASK_SCHEDULER_ADDRESS", "tcp://c:3");
        assertThat(command().schedulerAddress(config())).hasToString("tcp://c:3");
    }

    @Test
    void aSchedulerFileThatNeverComesIsSaid() {
        String missing = home.resolve("missing.json").toString();
        assertThatThrownBy(() -> command("--scheduler-file", missing, "--death-timeout", "50ms")
                        .schedulerAddress(config()))
                .isInstanceOf(CommandFailedException.class)
                .hasMessageContaining(missing);
    }

    @Test
    void filterAndSerializerOfJavaObjectsAreChecked() throws IOException {
        assertThat(command("--serial-filter", "com.acme.**;!*")
                        .serialFilter(config())
                        .pattern())
                .isEqualTo("com.acme.**;!*");
        assertThat(command().serialFilter(config()).pattern()).isEmpty();
        assertThat(command("--serializer", "java").serializer(config())).isEqualTo("java");
        assertThatThrownBy(() -> command("--serial-filter", "maxdepth=many").serialFilter(config()))
                .isInstanceOf(BadOptionException.class)
                .hasMessageContaining("maxdepth=many");
        assertThatThrownBy(() -> command("--serializer", "absent").serializer(config()))
                .isInstanceOf(BadOptionException.class)
                .hasMessageContaining("no serializer absent");
    }
}
