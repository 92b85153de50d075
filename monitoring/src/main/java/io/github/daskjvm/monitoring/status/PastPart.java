package io.github.daskjvm.monitoring.status;

import io.github.daskjvm.scheduler.peers.TaskActions;
import io.github.daskjvm.scheduler.peers.TaskActions.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Any stretch of the task stream that is still kept, for a person who looks back: few actions one by one, many summed
/// up by lane and moment. Never larger than a frame, however long the stretch is and however much was done in it.
final class PastPart {
    static final int SPANS_MAX = 500;
    /// Seven bytes at most for each moment of a lane.
    private static final int CELLS_MAX = 11_000;
    private static final int BINS_MAX = 240;
    private static final double LEAST_SECONDS = 0.01;

    private PastPart() {}

    /// `from` and `to`, the stretch, and `since` and `until`, all that is kept, in seconds since 1970; `mode` and
    /// `lanes` as in the table of workers; `names`; `spans`, or else `rows` and `binMillis`, in times since `from`.
    ///
    /// @param from seconds since 1970, as `to`; all that is kept, where one is no number
    static String json(StatusSource source, double from, double to) {
        TaskActions actions = source.actions();
        List<Action> kept = actions.between(0, actions.total());
        double since = actions.since();
        double first = Double.POSITIVE_INFINITY;
        double last = Double.NEGATIVE_INFINITY;
        for (Action action : kept) {
            first = Math.min(first, action.start());
            last = Math.max(last, Math.min(action.stop(), Feed.now()));
        }
        last = kept.isEmpty() ? Feed.now() : last;
        boolean given = Double.isFinite(from) && Double.isFinite(to);
        double begin = given ? from : Math.min(first, last);
        double end = Math.max(given ? to : last, begin + LEAST_SECONDS);
        List<Action> drawn = new ArrayList<>();
        for (Action action : kept) {
            if (action.stop() >= action.start() && action.stop() > begin && action.start() < end) {
                drawn.add(action);
            }
        }
        var lanes = new Lanes(WorkerRow.of(source.snapshot(), source.gauges()));
        int bins = Math.clamp(CELLS_MAX / Math.max(1, lanes.threads().size()), 1, BINS_MAX);
        double binMillis = (end - begin) * 1e3 / bins;
        var stream = new StreamPart(begin, binMillis);
        FrameText text = new FrameText()
                .field("from", begin)
                .field("to", end)
                .field("since", since)
                .field("until", last)
                .field("mode", lanes.mode().name().toLowerCase(Locale.ROOT))
                .field("lanes", lanes.threads())
                .field("binMillis", binMillis);
        boolean single = lanes.mode() == Lanes.Mode.THREADS && drawn.size() <= SPANS_MAX;
        text.list("spans", single ? stream.spans(drawn, lanes) : List.of(), FrameMaker.MESSAGE_MAX - 12_000);
        text.field("rows", single ? new int[0][] : stream.summed(drawn, lanes, 0, bins));
        stream.names(text, true);
        return text.end();
    }
}
