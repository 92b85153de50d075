package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.daskjvm.core.model.Histogram;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.MeasuredSnapshot;
import io.github.daskjvm.core.scheduler.SchedulerSnapshot.PrefixSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is measured of tasks.
class MeasuredTest {
    private static final long SECOND = 1_000_000_000L;
    private final Cluster cluster = new Cluster();

    private MeasuredSnapshot measured() {
        return cluster.state.snapshot().measured();
    }

    private void finish(String worker, String key, Event.StartStop... startStops) {
        cluster.on(new Event.TaskFinished(
                address(worker), key(key), cluster.runId(key), 100, "type", "int", List.of(startStops), 1, "finished"));
    }

    private static Event.StartStop took(String action, double seconds) {
        return new Event.StartStop(action, 1000, 1000 + seconds);
    }

    @Test
    void whatAFinishedTaskTookIsInTheHistogramOfItsPrefix() {
        cluster.client("c").worker("a", 1);
        cluster.submit("c", List.of(task("inc-1"), task("dec-1")), "inc-1", "dec-1");
        finish("a", "inc-1", took("transfer", 0.25), took("compute", 2));
        finish("a", "dec-1", took("compute", 0.5));
        SchedulerSnapshot snapshot = cluster.state.snapshot();
        PrefixSnapshot inc = snapshot.prefixes().getFirst();
        assertThat(inc.name()).isEqualTo("inc");
        assertThat(inc.durations().count()).isEqualTo(1);
        assertThat(inc.durations().sum()).isEqualTo(2);
        assertThat(inc.durations().exemplars()).containsExactly(new Histogram.Exemplar(key("inc-1"), 2, 1002));
        assertThat(snapshot.measured().transfers().exemplars())
                .containsExactly(new Histogram.Exemplar(key("inc-1"), 0.25, 1000.25));
        assertThat(snapshot.measured().computeSeconds()).isEqualTo(2.5);
    }

    @Test
    void aWorkerThatSaidThatItWouldGoIsNotLost() {
        cluster.worker("a", 1);
        cluster.worker("b", 1);
        cluster.on(new Event.WorkerLeft(address("a"), true, "retired"));
        assertThat(measured().workersLost()).isZero();
        cluster.die("b");
        assertThat(measured().workersLost()).isEqualTo(1);
        cluster.die("b");
        assertThat(measured().workersLost()).isEqualTo(1);
    }

    @Test
    void aTaskThatCanGoToAWorkerAtOnceHasWaitedForNothing() {
        cluster.client("c").worker("a", 1);
        cluster.submit("c", List.of(task("x")), "x");
        assertThat(measured().queueWaits().count()).isEqualTo(1);
        assertThat(measured().queueWaits().zeros()).isEqualTo(1);
    }

    @Test
    void aTaskWaitsFromWhenItsInputsAreThereUntilAWorkerIs() {
        cluster.client("c");
        cluster.submit("c", List.of(task("x")), "x");
        cluster.nowNanos += 3 * SECOND;
        cluster.worker("a", 1);
        assertThat(measured().queueWaits().count()).isEqualTo(1);
        assertThat(measured().queueWaits().sum()).isCloseTo(3, within(0.01));
    }

    @Test
    void aTaskThatIsReleasedWhileItWaitsBeginsAnew() {
        cluster.client("c");
        cluster.submit("c", List.of(task("x")), "x");
        cluster.nowNanos += 100 * SECOND;
        cluster.on(new Event.ClientReleasesKeys("c", List.of(key("x")), "released"));
        cluster.submit("c", List.of(task("x")), "x");
        cluster.nowNanos += SECOND;
        cluster.worker("a", 1);
        assertThat(measured().queueWaits().sum()).isCloseTo(1, within(0.01));
    }

    @Test
    void efficiencyIsComputingOverAvailableTimeOfLate() {
        cluster.client("c").worker("a", 2);
        assertThat(measured().efficiency()).isNaN();
        cluster.submit("c", List.of(task("x"), task("y")), "x", "y");
        cluster.nowNanos += 10 * SECOND;
        finish("a", "x", took("compute", 5));
        MeasuredSnapshot then = measured();
        assertThat(then.threads()).isEqualTo(2);
        assertThat(then.threadSeconds()).isCloseTo(20, within(0.1));
        assertThat(then.efficiency()).isCloseTo(0.25, within(0.01));
        cluster.nowNanos += 200 * SECOND;
        cluster.client("d");
        cluster.nowNanos += SECOND;
        cluster.client("e");
        assertThat(measured().efficiency()).isZero();
        assertThat(measured().threadSeconds()).isCloseTo(422, within(0.1));
        assertThat(measured().computeSeconds()).isEqualTo(5);
    }

    @Test
    void whatARunningTaskHasComputedCountsAlready() {
        cluster.client("c").worker("a", 1);
        cluster.submit("c", List.of(task("x")), "x");
        for (int i = 1; i <= 50; i++) {
            cluster.nowNanos += 10 * SECOND;
            runs("x", 10.0 * i);
            assertThat(measured().efficiency()).isCloseTo(1, within(0.02));
        }
        assertThat(measured().computeSeconds()).isZero();
        finish("a", "x", took("compute", 500));
        assertThat(measured().efficiency()).isCloseTo(1, within(0.02));
        assertThat(measured().computeSeconds()).isEqualTo(500);
    }

    @Test
    void aTaskThatBeginsAnewCountsAnew() {
        cluster.client("c").worker("a", 1);
        cluster.submit("c", List.of(task("x")), "x");
        cluster.nowNanos += 10 * SECOND;
        runs("x", 8);
        cluster.nowNanos += 10 * SECOND;
        runs("x", 2);
        assertThat(measured().efficiency()).isCloseTo(0.5, within(0.01));
    }

    @Test
    void nonsenseInHeartbeatsCountsForNothing() {
        cluster.client("c").worker("a", 1);
        cluster.submit("c", List.of(task("x")), "x");
        cluster.nowNanos += 10 * SECOND;
        for (double seconds : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -5, 1e300}) {
            runs("x", seconds);
            runs("no-such-task", 5);
        }
        assertThat(measured().efficiency()).isZero();
    }

    private void runs(String key, double seconds) {
        cluster.on(new Event.WorkerHeartbeat(address("a"), Map.of(key(key), seconds), Double.NaN, 0, 0, 0));
    }

    @Test
    void prefixesThatComeLateShareAHistogram() {
        cluster.client("c").worker("a", 1);
        List<TaskSpec> tasks = new ArrayList<>();
        tasks.add(task(SchedulerSnapshot.OTHER_PREFIXES + "-1"));
        for (int i = 0; i <= SchedulerSnapshot.PREFIXES_MAX; i++) {
            tasks.add(task("p" + i + "x-1"));
        }
        cluster.submit(
                "c", tasks, tasks.stream().map(each -> each.key().toString()).toArray(String[]::new));
        for (TaskSpec each : tasks) {
            finish("a", each.key().toString(), took("compute", 1));
        }
        SchedulerSnapshot snapshot = cluster.state.snapshot();
        assertThat(snapshot.prefixes()).hasSize(SchedulerSnapshot.PREFIXES_MAX + 2);
        assertThat(snapshot.prefixes().stream()
                        .filter(prefix -> prefix.durations().count() == 1))
                .hasSize(SchedulerSnapshot.PREFIXES_MAX - 1);
        assertThat(snapshot.measured().otherDurations().count()).isEqualTo(3);
    }
}
