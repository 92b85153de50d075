package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.scheduler.Cluster.address;
import static io.github.daskjvm.core.scheduler.Cluster.given;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.scheduler.Event.StartStop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Which of many root tasks, whose time is known, each of ten workers of one thread gets, or of many more.
class RowsOfTasksTest {
    private static final int WORKERS = 10;

    private final Cluster cluster = new Cluster().client("c");
    private int workers = WORKERS;
    private int submitted = 100;

    @Test
    void ofShortOnesEachWorkerGetsItsPartInARow() {
        for (List<Integer> row : rows(200, 0.00001)) {
            assertThat(row).hasSize(20);
            assertThat(row.getLast() - row.getFirst()).isEqualTo(19);
        }
    }

    @Test
    void aRowIsDoneInTwentyMilliseconds() {
        for (List<Integer> row : rows(400, 0.00101)) {
            // 1.16 ms each
            assertThat(row).hasSizeGreaterThan(18);
            assertThat(row.get(17) - row.getFirst()).isEqualTo(17);
            assertThat(row.get(18) - row.get(17)).isGreaterThan(1);
        }
    }

    @Test
    void workersThatHaveTasksAreGivenMoreInRows() {
        workers = 2;
        List<List<Integer>> rows = rows(3000, 0.00001);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            for (int worker = 0; worker < workers; worker++) {
                events.add(finished("w" + worker, "t-" + (101 + rows.get(worker).get(i)), 0.00001));
            }
        }
        List<Command> commands = cluster.on(events.toArray(Event[]::new));
        for (int worker = 0; worker < workers; worker++) {
            List<Integer> more = numbers(commands, "w" + worker);
            assertThat(more).hasSizeGreaterThan(90);
            for (int i = 1; i < 90; i++) {
                assertThat(more.get(i)).isEqualTo(more.getFirst() + i);
            }
        }
    }

    @Test
    void ofLongOnesEveryWorkerBeginsWithOneOfTheFirst() {
        assertThat(rows(200, 0.01)).allSatisfy(row -> assertThat(row.getFirst()).isLessThan(WORKERS));
    }

    @Test
    void whereThereAreFewEveryWorkerGetsOne() {
        assertThat(rows(25, 0.00001)).allSatisfy(row -> assertThat(row).hasSizeBetween(2, 3));
    }

    /// 300 tasks of 160 µs, 15 µs to tell another worker: five in a row.
    @Test
    void soShortThatAnotherWorkerIsToldNoSoonerARowIsMoreThanAPart() {
        workers = 100;
        assertThat(rows(300, 0.00001))
                .filteredOn(row -> !row.isEmpty())
                .hasSize(60)
                .allSatisfy(row -> {
                    assertThat(row).hasSize(5);
                    assertThat(row.getLast() - row.getFirst()).isEqualTo(4);
                });
    }

    @Test
    void ofLongerOnesEachOfManyWorkersGetsItsPart() {
        workers = 100;
        assertThat(rows(300, 0.001)).allSatisfy(row -> assertThat(row).hasSize(3));
    }

    /// The numbers of the tasks of a graph that each worker is given at once, one task having taken so many seconds.
    private List<List<Integer>> rows(int tasks, double seconds) {
        for (int i = 0; i < workers; i++) {
            cluster.worker("w" + i, 1);
        }
        List<Command> first = submit("t", 1);
        for (int i = 0; i < workers; i++) {
            if (!given(first, "w" + i).isEmpty()) {
                cluster.on(finished("w" + i, "t-100", seconds));
            }
        }
        List<Command> commands = submit("t", tasks);
        List<List<Integer>> rows = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            rows.add(numbers(commands, "w" + i));
        }
        return rows;
    }

    private static List<Integer> numbers(List<Command> commands, String worker) {
        return given(commands, worker).stream()
                .map(key -> Integer.parseInt(key.substring(2)) - 101)
                .toList();
    }

    private List<Command> submit(String prefix, int tasks) {
        List<TaskSpec> specs = new ArrayList<>();
        List<String> wanted = new ArrayList<>();
        for (int i = 0; i < tasks; i++, submitted++) {
            specs.add(task(prefix + "-" + submitted, submitted, TaskSpec.TaskOptions.NONE));
            wanted.add(prefix + "-" + submitted);
        }
        return cluster.submit("c", specs, wanted.toArray(String[]::new));
    }

    private Event finished(String worker, String key, double seconds) {
        return new Event.TaskFinished(
                address(worker),
                key(key),
                cluster.runId(key),
                100,
                "type",
                "int",
                List.of(new StartStop("compute", 0, seconds)),
                1,
                "finished");
    }
}
