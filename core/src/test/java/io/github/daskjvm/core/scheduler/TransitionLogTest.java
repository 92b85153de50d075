package io.github.daskjvm.core.scheduler;

import static io.github.daskjvm.core.model.TaskStatus.FORGOTTEN;
import static io.github.daskjvm.core.model.TaskStatus.MEMORY;
import static io.github.daskjvm.core.model.TaskStatus.PROCESSING;
import static io.github.daskjvm.core.model.TaskStatus.RELEASED;
import static io.github.daskjvm.core.model.TaskStatus.WAITING;
import static io.github.daskjvm.core.scheduler.Cluster.key;
import static io.github.daskjvm.core.scheduler.Cluster.keys;
import static io.github.daskjvm.core.scheduler.Cluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.model.TaskStatus;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransitionLogTest {
    private static TransitionLog.Entry entry(
            String key, TaskStatus start, TaskStatus finish, Map<TaskKey, TaskStatus> advice, String stimulus) {
        return new TransitionLog.Entry(key(key), start, finish, advice, stimulus, 0);
    }

    private static List<TransitionLog.Entry> timeless(List<TransitionLog.Entry> entries) {
        return entries.stream()
                .map(e ->
                        new TransitionLog.Entry(e.key(), e.start(), e.finish(), e.recommendations(), e.stimulusId(), 0))
                .toList();
    }

    @Test
    void theStoryOfATaskSaysWhatItWentThroughAndWhy() {
        var cluster = new Cluster().client("c");
        cluster.worker("a", 1);
        cluster.on(new Event.UpdateGraph("c", List.of(task("x"), task("y", "x")), keys("y"), null, 0, "graph-1"));
        cluster.finish("a", "x");
        assertThat(timeless(cluster.state.log().story(keys("y"), Set.of())))
                .containsExactly(
                        entry("y", RELEASED, WAITING, Map.of(), "graph-1"),
                        entry("x", PROCESSING, MEMORY, Map.of(key("y"), PROCESSING), "finished"),
                        entry("y", WAITING, PROCESSING, Map.of(), "finished"));
        assertThat(timeless(cluster.state.log().story(List.of(), Set.of("graph-1"))))
                .containsExactly(
                        entry("x", RELEASED, WAITING, Map.of(key("x"), PROCESSING), "graph-1"),
                        entry("y", RELEASED, WAITING, Map.of(), "graph-1"),
                        entry("x", WAITING, PROCESSING, Map.of(), "graph-1"));
    }

    @Test
    void tasksThatBecomeReadyInOneBatchKeepTheirOwnReasons() {
        var cluster = new Cluster().client("c");
        cluster.worker("a", 2);
        cluster.on(
                new Event.UpdateGraph("c", List.of(task("x")), keys("x"), null, 0, "graph-1"),
                new Event.UpdateGraph("c", List.of(task("y")), keys("y"), null, 0, "graph-2"));
        assertThat(cluster.state.log().entries())
                .filteredOn(e -> e.finish() == PROCESSING)
                .extracting(TransitionLog.Entry::stimulusId)
                .containsExactly("graph-1", "graph-2");
    }

    @Test
    void aFullLogDropsTheOldestAndKeepsWhatTheOthersRecommended() {
        var log = new TransitionLog(5_000);
        for (int i = 0; i < 12_345; i++) {
            long advice = log.nextAdvice();
            if (i % 3 == 0) {
                log.advise(key("after-" + i), WAITING);
            }
            log.add(key("k-" + i), RELEASED, FORGOTTEN, "s", i, advice);
        }
        assertThat(log.total()).isEqualTo(12_345);
        List<TransitionLog.Entry> entries = log.entries();
        assertThat(entries).hasSize(5_000);
        for (int i = 0; i < 5_000; i++) {
            int number = 12_345 - 5_000 + i;
            assertThat(entries.get(i).key()).isEqualTo(key("k-" + number));
            assertThat(entries.get(i).recommendations().keySet())
                    .isEqualTo(number % 3 == 0 ? Set.of(key("after-" + number)) : Set.of());
        }
    }

    @Test
    void oneTransitionThatRecommendsTooMuchCostsOnlyOldRecommendations() {
        var log = new TransitionLog(10);
        long advice = log.nextAdvice();
        for (int i = 0; i < 1_000; i++) {
            log.advise(key("after-" + i), WAITING);
        }
        log.add(key("many"), PROCESSING, MEMORY, "s", 1, advice);
        log.add(key("next"), PROCESSING, MEMORY, "s", 2, log.nextAdvice());
        assertThat(log.entries().getFirst().recommendations()).hasSize(20).containsKey(key("after-999"));
        assertThat(log.entries().getLast().recommendations()).isEmpty();
    }

    @Test
    void aLogOfLengthZeroKeepsNothing() {
        var log = new TransitionLog(0);
        log.advise(key("x"), WAITING);
        log.add(key("x"), RELEASED, WAITING, "s", 1, log.nextAdvice());
        assertThat(log.entries()).isEmpty();
    }
}
