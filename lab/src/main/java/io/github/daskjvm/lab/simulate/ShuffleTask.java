package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Shuffles;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a task of a peer-to-peer shuffle is to do. An input sends a piece of each output partition to the
/// worker that is to hold it, a barrier has everybody pass on what is left, an output picks up its partition,
/// of two shuffles at once where they are joined.
///
/// @param shuffles its own, or both that it joins
/// @param number of the input or of the output partition
record ShuffleTask(Layer layer, List<String> shuffles, int number) {
    enum Layer {
        INPUT,
        BARRIER,
        OUTPUT
    }

    static final int SHUFFLES = 4;
    /// The first two are always joined, as the sides of a merge are, of which neither is a shuffle of its own.
    static final int JOINED = 2;
    /// Inputs and outputs of each, at most.
    static final int WIDTH = 4;

    private static final Map<TaskKey, ShuffleTask> BY_KEY = new HashMap<>();

    static {
        for (int s = 0; s < SHUFFLES; s++) {
            List<String> alone = List.of(name(s));
            List<String> picked = s < JOINED ? List.of(name(0), name(1)) : alone;
            BY_KEY.put(barrier(s), new ShuffleTask(Layer.BARRIER, alone, 0));
            for (int i = 0; i < WIDTH; i++) {
                BY_KEY.put(input(s, i), new ShuffleTask(Layer.INPUT, alone, i));
                BY_KEY.put(output(s, i), new ShuffleTask(Layer.OUTPUT, picked, i));
            }
        }
    }

    static String name(int shuffle) {
        return "s" + shuffle;
    }

    static TaskKey barrier(int shuffle) {
        return Shuffles.barrierKey(name(shuffle));
    }

    static TaskKey input(int shuffle, int number) {
        return TaskKey.of("transfer" + shuffle + "-" + number);
    }

    static TaskKey output(int shuffle, int number) {
        return TaskKey.of((shuffle < JOINED ? "join" : "unpack" + shuffle) + "-" + number);
    }

    static @Nullable ShuffleTask of(TaskKey key) {
        return BY_KEY.get(key);
    }
}
