package io.github.daskjvm.scheduler.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskActionsTest {
    private final TaskActions actions = new TaskActions();

    private void add(int number) {
        actions.add(new Action("w", number, TaskKey.of("x"), "compute", number, number + 1, false));
    }

    @Test
    void whileNobodyWatchesNothingIsKept() {
        add(1);
        assertThat(actions.total()).isZero();
        actions.watch();
        add(2);
        actions.unwatch();
        add(3);
        assertThat(actions.between(0, actions.total())).isEmpty();
    }

    @Test
    void whoeverWatchesLastDropsWhatWasKept() {
        actions.watch();
        actions.watch();
        add(1);
        actions.unwatch();
        assertThat(actions.between(0, actions.total())).hasSize(1);
        actions.unwatch();
        actions.watch();
        long first = actions.total();
        add(2);
        assertThat(actions.between(first, actions.total()))
                .extracting(Action::thread)
                .containsExactly(2L);
    }

    @Test
    void theLastOnesAreKeptInOrder() {
        actions.watch();
        for (int i = 0; i < TaskActions.LENGTH + 5_000; i++) {
            add(i);
        }
        List<Action> kept = actions.between(0, actions.total());
        assertThat(kept.size()).isBetween(TaskActions.LENGTH, TaskActions.LENGTH + 1_024);
        assertThat(kept.getLast().thread()).isEqualTo(TaskActions.LENGTH + 4_999L);
        assertThat(kept.getFirst().thread()).isEqualTo(TaskActions.LENGTH + 5_000L - kept.size());
    }

    @Test
    void sinceWhenNothingIsMissingFollowsTheOldestThatIsKept() {
        TaskActions always = TaskActions.always(2_000);
        double before = always.since();
        assertThat(before).isBetween(Wire.now() - 60, Wire.now());
        for (int i = 0; i < 10_000; i++) {
            always.add(new Action("w", i, TaskKey.of("x"), "compute", before, before + i, false));
        }
        Action oldest = always.between(0, always.total()).getFirst();
        assertThat(always.since()).isEqualTo(oldest.stop());
        assertThat(oldest.thread()).isBetween(6_900L, 8_000L);
    }

    @Test
    void aReaderBesideAWriterSeesWholeActionsInOrder() throws InterruptedException {
        actions.watch();
        Thread writer = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 400_000; i++) {
                add(i);
            }
        });
        long next = 0;
        long seen = 0;
        while (next < 400_000) {
            long end = actions.total();
            for (Action action : actions.between(next, end)) {
                assertThat(action.thread()).isBetween(next, end - 1);
                next = action.thread() + 1;
                seen++;
            }
            next = Math.max(next, end);
        }
        writer.join();
        assertThat(seen).isPositive();
    }
}
