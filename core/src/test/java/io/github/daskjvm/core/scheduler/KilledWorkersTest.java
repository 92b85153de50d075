package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static io.github.daskjvm.core.scheduler.Cluster.told;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Tasks with which workers died.
class KilledWorkersTest {
    private static final SchedulerConfig NO_FAILURES =
            new SchedulerConfig(0, 1.1, Duration.ofMillis(500), Map.of(), Duration.ZERO, 100e6, true);

    /// What needs both `x` and `bad` fails for `bad`, which lets go of `x`; `y`, which is lost, needs it again.
    private static void xIsLetGoAndNeededAgainWhenItsWorkerDies(Cluster cluster) {
        cluster.client("c").worker("w", 4);
        cluster.submit("c", List.of(task("x"), task("y", "x")), "y");
        cluster.finish("w", "x");
        cluster.finish("w", "y");
        cluster.submit("c", List.of(task("bad"), task("both", "x", "bad")), "both");
        assertThat(cluster.state.worker(address("w")).processing()).hasSize(2);
    }

    @Test
    void aTaskThatIsLetGoAndNeededAgainInOneDeathHasFailedForIt() {
        Cluster cluster = new Cluster(NO_FAILURES);
        xIsLetGoAndNeededAgainWhenItsWorkerDies(cluster);

        List<Command> commands = cluster.die("w");

        assertThat(cluster.status("x")).isEqualTo(TaskStatus.ERRED);
        assertThat(told(commands, "c"))
                .contains(new Command.TaskKilledWorkers(key("y"), key("x"), address("w"), 0))
                .hasAtLeastOneElementOfType(Command.TaskKilledWorkers.class);
        cluster.on(new Event.ClientReleasesKeys("c", keys("y", "both"), "release"));
        assertThat(cluster.state.tasks()).isEmpty();
    }
}
