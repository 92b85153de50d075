package io.github.daskjvm.monitoring.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.monitoring.Json;
import io.github.daskjvm.monitoring.status.FrameMaker.Message;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FrameMakerTest {
    private static final double EPOCH = Math.floor(Feed.now());

    private static Map<String, ?> last(List<Message> messages) throws IOException {
        return Json.readObject(messages.getLast().json());
    }

    private static void assertBounded(List<Message> messages) {
        for (Message message : messages) {
            assertThat(message.json().length()).as(message.name()).isLessThanOrEqualTo(FrameMaker.MESSAGE_MAX);
        }
    }

    @Test
    void twoFramesOfAThousandWorkersAndAMillionTasksAreLessThanASecondsWorth() {
        var status = new SyntheticStatus(1_000, 4, 1_000_000, 400, "prefix");
        var maker = new FrameMaker(status, new History(), EPOCH);
        maker.frame(Feed.now());
        for (int i = 0; i < 6; i++) {
            status.work(0.2);
            List<Message> one = maker.frame(Feed.now());
            status.work(0.2);
            List<Message> two = maker.frame(Feed.now());
            assertBounded(one);
            assertBounded(two);
            int bytes = one.getLast().json().length() + two.getLast().json().length();
            assertThat(bytes).isLessThan(ByteBudget.BYTES_PER_SECOND);
        }
        assertBounded(maker.first(Feed.now()));
    }

    @Test
    void everyOneOfAThousandWorkersIsShown() throws IOException {
        var maker = new FrameMaker(new SyntheticStatus(1_000, 4, 1_000_000, 40, "w"), new History(), EPOCH);
        for (int i = 0; i < 2; i++) {
            var columns = (Map<?, ?>) last(maker.frame(Feed.now())).get("workers");
            columns.forEach((name, values) ->
                    assertThat((List<?>) values).as("%s", name).hasSize(1_000));
        }
    }

    @Test
    void namesThatAreLongOrStrangeTakeNoMoreRoom() {
        String long_ = "\u202e\ud83d\ude00<script>\"".repeat(2_000);
        var status = new SyntheticStatus(1_200, 4, 100_000, 3_000, long_);
        status.work(0.5);
        for (int i = 0; i < 300; i++) {
            status.fail(long_, long_, long_);
            status.tell(long_, long_);
        }
        var maker = new FrameMaker(status, new History(), EPOCH);
        assertBounded(maker.frame(Feed.now()));
        for (int i = 0; i < 400; i++) {
            status.actions.add(new Action(
                    status.snapshot().workers().getFirst().address(),
                    1,
                    TaskKey.of(long_ + i),
                    "compute",
                    Feed.now() - 1,
                    Feed.now(),
                    false));
        }
        assertBounded(maker.frame(Feed.now()));
        assertBounded(maker.first(Feed.now()));
    }

    @Test
    void whatIsNotDrawnOneByOneIsInTheCellsToTheMillisecond() throws IOException {
        var status = new SyntheticStatus(1, 1, 1, 1, "w");
        var maker = new FrameMaker(status, new History(), EPOCH);
        maker.frame(Feed.now());
        double now = Feed.now();
        String worker = status.snapshot().workers().getFirst().address();
        for (int i = 0; i < 1_000; i++) {
            status.actions.add(new Action(
                    worker,
                    1,
                    TaskKey.of("x-" + i),
                    "compute",
                    now - 10 + i / 100.0,
                    now - 10 + (i + 1) / 100.0,
                    false));
        }
        Map<String, ?> frame = last(maker.frame(now));
        double single = 0;
        for (Object span : (List<?>) frame.get("spans")) {
            single += ((Number) ((List<?>) span).get(2)).doubleValue();
        }
        double summed = 0;
        for (Object cell : (List<?>) frame.get("cells")) {
            summed += ((Number) ((List<?>) cell).get(4)).doubleValue();
        }
        assertThat(((List<?>) frame.get("spans")).size()).isLessThan(1_000);
        assertThat(single + summed).isBetween(9_990.0, 10_010.0);
    }

    @Test
    void aPageThatIsOpenedLateHasTheWholeMinute() throws IOException {
        var status = new SyntheticStatus(1_000, 4, 1_000, 12, "w");
        status.actions.watch();
        var maker = new FrameMaker(status, new History(), Feed.now() - 100);
        maker.frame(Feed.now());
        status.work(8);
        double now = Feed.now();
        maker.frame(now);
        int moments = 0;
        int busy = 0;
        for (Message message : maker.first(now)) {
            assertThat(message.json().length()).as(message.name()).isLessThanOrEqualTo(FrameMaker.MESSAGE_MAX);
            if (message.name().equals("past")) {
                for (Object row : (List<?>) Json.readObject(message.json()).get("rows")) {
                    for (Object value : (List<?>) row) {
                        moments++;
                        busy += ((Number) value).intValue() > 0 ? 1 : 0;
                    }
                }
            }
        }
        assertThat(moments).isEqualTo(Lanes.LANES_MAX * 120);
        assertThat(busy).isGreaterThan(moments * 9 / 10);
    }

    @Test
    void hoursOfFramesKeepNoMoreThanMinutes() throws IOException {
        var status = new SyntheticStatus(2, 1, 1, 1, "w");
        var history = new History();
        var maker = new FrameMaker(status, history, EPOCH);
        var snapshot = status.snapshot();
        String worker = snapshot.workers().getFirst().address();
        for (int i = 0; i < 20_000; i++) {
            status.actions.add(new Action(
                    worker, i, TaskKey.of("prefix" + i + "x-1"), "compute", Feed.now() - 1, Feed.now(), false));
            history.add(Feed.now(), snapshot, Totals.of(snapshot, List.of()));
            assertBounded(maker.frame(Feed.now()));
        }
        assertThat(history.all()).hasSize(History.POINTS_MAX);
        Message activity = maker.first(Feed.now()).stream()
                .filter(message -> message.name().equals("activity"))
                .findFirst()
                .orElseThrow();
        assertThat((List<?>) Json.readObject(activity.json()).get("names")).hasSizeLessThanOrEqualTo(501);
    }

    @Test
    void aTupleIsFoundByTheTextThatPagesShow() {
        assertThat(KeyText.keys("('x', 0, (1.5, 'y'))")).contains(TaskKey.of(List.of("x", 0L, List.of(1.5, "y"))));
        assertThat(KeyText.keys("('x',)")).contains(TaskKey.of(List.of("x")));
        for (String text : List.of("", "(", "('x'", "('x' 1)", "inc-1", "'", "(((((((((((((((((((((((((((")) {
            assertThat(KeyText.keys(text)).containsExactly(TaskKey.of(text));
        }
    }
}
