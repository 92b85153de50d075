package io.github.daskjvm.monitoring.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Histogram;
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
    void whatRunsIsShownUntilItEndsAndNeverWhereSomethingElseRan() throws IOException {
        var status = new SyntheticStatus(1, 2, 1, 1, "w");
        double now = Feed.now();
        String worker = status.snapshot().workers().getFirst().address();
        status.actions.watch();
        status.actions.add(new Action(worker, 11, TaskKey.of("a-1"), "compute", now - 9, now - 5, false));
        status.actions.add(new Action(worker, 12, TaskKey.of("a-2"), "compute", now - 9, now - 2, false));
        status.beat(0, now, Map.of("b-1", 4.9, "b-2", 1.9), Map.of("executing", 2, "ready", 3, "waiting", 4));
        var maker = new FrameMaker(status, new History(), EPOCH);
        status.actions.add(new Action(worker, 11, TaskKey.of("a-1"), "compute", now - 9, now - 5, false));
        status.actions.add(new Action(worker, 12, TaskKey.of("a-2"), "compute", now - 9, now - 2, false));
        Map<String, ?> frame = last(maker.frame(now));
        double epoch = Math.floor(EPOCH) - 120;
        assertThat(open(frame))
                .containsExactlyInAnyOrder(
                        "0 " + Math.round((now - 4.9 - epoch) * 1e3) + " b-1",
                        "1 " + Math.round((now - 1.9 - epoch) * 1e3) + " b-2");
        assertThat((List<?>) frame.get("waits")).hasToString("[4, 3, 2, 0, 0, 0]");
        status.actions.add(new Action(worker, 11, TaskKey.of("b-1"), "compute", now - 4.9, now, false));
        assertThat(open(last(maker.frame(now)))).hasSize(1);
        // A heartbeat from before the end, that comes after it, does not bring the task back.
        status.beat(0, now + 0.1, Map.of("b-1", 5.0, "b-2", 2.0), Map.of());
        assertThat(open(last(maker.frame(now)))).singleElement().asString().endsWith(" b-2");
    }

    private static List<String> open(Map<String, ?> frame) {
        return ((List<?>) frame.get("open"))
                .stream()
                        .map(row -> (List<?>) row)
                        .map(row -> row.getFirst() + " " + row.get(1) + " " + row.getLast())
                        .toList();
    }

    @Test
    void aWorkerWhoseClockIsWrongByYearsCostsNothing() throws IOException {
        var status = new SyntheticStatus(1, 1, 1, 1, "w");
        var maker = new FrameMaker(status, new History(), EPOCH);
        String worker = status.snapshot().workers().getFirst().address();
        for (double stop : new double[] {1e18, Double.MAX_VALUE, Double.NaN, -1e18}) {
            for (int i = 0; i < 300; i++) {
                status.actions.add(new Action(worker, 1, TaskKey.of("x"), "compute", 0, stop, false));
            }
        }
        assertBounded(maker.frame(Feed.now()));
        assertThat(Json.readObject(PastPart.json(status, Double.NaN, Double.NaN))
                        .get("rows"))
                .isNotNull();
    }

    @Test
    void anyStretchOfThePastIsBoundedAndFewActionsAreShownOneByOne() throws IOException {
        var large = new SyntheticStatus(1_000, 4, 1_000, 12, "w");
        large.actions.watch();
        large.work(0.3);
        assertThat(PastPart.json(large, Double.NaN, Double.NaN).length()).isLessThan(FrameMaker.MESSAGE_MAX);
        var small = new SyntheticStatus(1, 1, 1, 1, "w");
        small.actions.watch();
        String worker = small.snapshot().workers().getFirst().address();
        for (int i = 0; i < 1_000; i++) {
            small.actions.add(new Action(worker, 1, TaskKey.of("x-" + i), "compute", 100 + i, 100.5 + i, false));
        }
        Map<String, ?> all = Json.readObject(PastPart.json(small, Double.NaN, Double.NaN));
        assertThat((List<?>) all.get("spans")).isEmpty();
        assertThat(((Number) all.get("from")).doubleValue()).isEqualTo(100);
        Map<String, ?> part = Json.readObject(PastPart.json(small, 200.6, 204.4));
        assertThat((List<?>) part.get("spans"))
                .extracting(span -> (Object) ((List<?>) span).getLast())
                .containsExactly("x-101", "x-102", "x-103", "x-104");
        assertThat((List<?>) part.get("rows")).isEmpty();
        // Times the other way round, or none at all.
        assertThat(Json.readObject(PastPart.json(small, 9, 1)).get("to")).isNotNull();
        assertThat(Json.readObject(PastPart.json(new SyntheticStatus(0, 0, 0, 1, "w"), Double.NaN, Double.NaN))
                        .get("rows"))
                .isEqualTo(List.of());
    }

    @Test
    void queueWaitsAreThoseOfTheLastMinute() {
        var histogram = new Histogram();
        var waits = new QueueWaits();
        histogram.add(100);
        waits.add(0, histogram.copy());
        waits.add(50, histogram.copy());
        for (int i = 1; i <= 100; i++) {
            histogram.add(i / 100.0);
        }
        waits.add(100, histogram.copy());
        List<Number> minute = waits.lastMinute();
        assertThat(minute.getFirst().longValue()).isEqualTo(100);
        assertThat(minute.get(1).doubleValue()).isBetween(0.5, 0.55);
        assertThat(minute.get(2).doubleValue()).isBetween(0.95, 1.04);
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
